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
  const all: OutgoingHttpHeaders = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...COMMON_HEADERS,
    ...headers,
  };
  writeHead(response, status, all);
  response.end(body);
}

/** An answer without a body: 204. */
export function sendNothing(response: Response, headers: OutgoingHttpHeaders): void {
  writeHead(response, 204, { ...COMMON_HEADERS, ...headers });
  response.end();
}

function writeHead(response: Response, status: number, headers: OutgoingHttpHeaders): void {
  const { id, isDraining } = response.locals.context;
  headers['X-Request-Id'] = id;
  // Tells clients and load balancers to take their next request elsewhere.
  if (isDraining()) headers['Connection'] = 'close';
  response.writeHead(status, headers);
}

export function sendJson<T extends object>(
  response: Response,
  status: number,
  body: T,
  headers?: OutgoingHttpHeaders,
): void {
  send(response, status, 'application/json', JSON.stringify(body), headers);
}
