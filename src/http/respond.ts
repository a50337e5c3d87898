import type { OutgoingHttpHeaders } from 'node:http';
import type { Response } from 'express';

/** For answers that a browser opens against our intent: it may run, load, embed and guess nothing. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // Of no concern to pages that CORS lets in: it rules embedding, not fetching.
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** What every answer carries, whoever gives it. */
export const COMMON_HEADERS = { 'Cache-Control': 'no-store', ...SECURITY_HEADERS } as const;

const OWN_POLICY = 'Content-Security-Policy';
const COMMON = Object.entries(COMMON_HEADERS).flat();

/**
 * Writes a whole answer at once. Not `response.send()`: one `writeHead` with the length set costs a
 * fraction of it, and every header that an answer of ours carries stands here.
 */
export function send(
  response: Response,
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): void {
  const all = ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))];
  writeHead(response, status, all, headers);
  response.end(body);
}

/** An answer without a body. */
export function sendNothing(response: Response, headers: OutgoingHttpHeaders, status: 204 | 304 = 204): void {
  writeHead(response, status, [], headers);
  response.end();
}

/** `all` takes names and values in turn: Node writes those faster than an object's. `headers` win over the common ones. */
function writeHead(response: Response, status: number, all: string[], headers: OutgoingHttpHeaders): void {
  const { id, isDraining } = response.locals.context;
  all.push('X-Request-Id', id);
  for (const name in headers) all.push(name, String(headers[name]));
  // Tells clients and load balancers to take their next request elsewhere.
  if (isDraining()) all.push('Connection', 'close');
  response.writeHead(status, all.concat(OWN_POLICY in headers ? commonBut(headers) : COMMON));
}

/** Only what brings a policy of its own, a page, brings other common headers of its own too. */
function commonBut(headers: OutgoingHttpHeaders): string[] {
  return Object.entries(COMMON_HEADERS)
    .filter(([name]) => !(name in headers))
    .flat();
}

export function sendJson<T extends object>(
  response: Response,
  status: number,
  body: T,
  headers?: OutgoingHttpHeaders,
): void {
  send(response, status, 'application/json', JSON.stringify(body), headers);
}
