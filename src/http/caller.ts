import { isIP } from 'node:net';
import type { Request, Response } from 'express';

/**
 * Whom a rate limit holds for: the name of the API key, else the client's address (`RUTOX_TRUST_PROXY` decides
 * whose that is). An IPv6 client usually owns the 2^64 addresses of its /64, which therefore count as one.
 */
export function callerOf(request: Request, response: Response): string {
  return response.locals.context.key ?? networkOf(request.ip ?? '');
}

/** The address, or with IPv6 its first 64 bits. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const version = isIP(mapped ?? address);
  // What is no address comes from a proxy (RFC 7239 allows "unknown"): they share one budget.
  if (version === 0) return 'unknown';
  if (version === 4) return mapped ?? address;
  const [left = [], right = []] = address
    .split('%', 1)[0]!
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  // The last two groups may be written as an IPv4 address.
  const written = left.length + right.length + (address.includes('.') ? 1 : 0);
  const groups = [...left, ...Array<string>(8 - written).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
