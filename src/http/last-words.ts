import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RutoxError } from '../errors.js';
import { PROBLEM_TYPE, toProblem } from './error-table.js';
import { COMMON_HEADERS } from './respond.js';

/** How long the other side may take to read the answer and to close. */
const LINGER_MS = 1000;

/**
 * Answers on a connection that has no request, with a problem document, and closes it. Returns the id that the
 * answer names.
 */
export function sayAndClose(socket: Duplex, error: RutoxError): string {
  const id = randomUUID();
  const problem = toProblem(error, id);
  const body = JSON.stringify(problem);
  const headers = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': Buffer.byteLength(body),
    ...COMMON_HEADERS,
    'X-Request-Id': id,
    ...(error.retryAfterSeconds !== undefined && { 'Retry-After': error.retryAfterSeconds }),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // Whatever goes wrong from here on, the connection is closed anyway.
  socket.on('error', () => undefined);
  // What is left unread when a connection closes makes the system send a reset, which can overtake the answer.
  socket.resume();
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  return id;
}
