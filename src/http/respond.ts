import type { OutgoingHttpHeaders } from 'node:http';
import type { Response } from 'express';

/** What every answer carries, whoever gives it. */
export const COMMON_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * Writes a whole answer at once. Not `response.send()`: one `writeHead` with the length set costs a
 * fraction of it, and every header that an answer of ours carries stands here.
 */
export function send(
  response: Response,
  status: number,
  contentType: string,
  body: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const { id, isDraining } = response.locals.context;
  const all: OutgoingHttpHeaders = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...COMMON_HEADERS,
    'X-Request-Id': id,
    ...headers,
  };
  // Tells clients and load balancers to take their next request elsewhere.
  if (isDraining()) all['Connection'] = 'close';
  response.writeHead(status, all);
  response.end(body);
}

export function sendJson<T extends object>(
  response: Response,
  status: number,
  body: T,
  headers?: OutgoingHttpHeaders,
): void {
  send(response, status, 'application/json', JSON.stringify(body), headers);
}
