import type { OutgoingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { RutoxError, type ErrorKind } from '../errors.js';
import type { Logger } from '../logger.js';
import { ACCEPTED_ENCODINGS, isTooLongToDrop } from './body.js';
import { send } from './respond.js';
import type { Problem } from './schemas.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** Error kind to status: the only table. The OpenAPI document is built from it too. */
export const errorTable: Readonly<Record<ErrorKind, { readonly status: number; readonly title: string }>> = {
  malformed_http: { status: 400, title: 'The request is not HTTP/1.1' },
  malformed_json: { status: 400, title: 'The body cannot be read as JSON' },
  unauthorized: { status: 401, title: 'The API key is missing or wrong' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The path does not answer this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of a type or coding that is not supported' },
  invalid_request: { status: 422, title: 'The body does not fit the schema' },
  rate_limited: { status: 429, title: 'The caller is over its limit' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  // Nobody is left to read this one; the number is for metrics and log.
  cancelled: { status: 499, title: 'The client closed the connection' },
  internal: { status: 500, title: 'The server made a mistake' },
  overloaded: { status: 503, title: 'The server has more work than it can hold' },
  too_many_connections: { status: 503, title: 'The server has more connections than it can hold' },
  unavailable: { status: 503, title: 'The server could not do it' },
  deadline_exceeded: { status: 504, title: 'The answer was not ready in time' },
};

/** The problem document (RFC 9457) of an error. */
export function toProblem(error: RutoxError, instance: string): Problem {
  const { status, title } = errorTable[error.kind];
  const problem = { type: `urn:rutox:problem:${error.kind}`, title, status, detail: error.message, instance };
  if (error.violations.length === 0) return problem;
  return {
    ...problem,
    errors: error.violations.map(({ pointer, message }) => ({ pointer, detail: message })),
  };
}

/** Express' last handlers: everything that was thrown, and every path that nothing answered, becomes a problem document. */
export function errorHandler(logger: Logger) {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const error = toRutoxError(thrown);
    const { context } = response.locals;
    if (error.kind === 'internal' || error.kind === 'unavailable')
      logger.error({ requestId: context.id, err: thrown }, 'request failed');
    if (response.headersSent || response.destroyed) {
      context.error = error.kind;
      response.destroy();
      return;
    }
    sendError(request, response, error);
  };
}

/** Answers with the problem document of an error. */
function sendError(request: Request, response: Response, error: RutoxError): void {
  const { context } = response.locals;
  context.error = error.kind;
  const { status } = errorTable[error.kind];
  const problem = toProblem(error, context.id);
  send(response, status, PROBLEM_TYPE, JSON.stringify(problem), headersOf(error, request));
}

/** The handler of every path that no other answers. */
export function notFound(): never {
  throw new RutoxError('not_found', 'No such path; GET /docs/ shows the ones there are.');
}

const UNREAD_REST = new Set<ErrorKind>(['body_too_large', 'malformed_http', 'request_timeout']);

function headersOf(error: RutoxError, request: Request): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  if (error.retryAfterSeconds !== undefined) headers['Retry-After'] = error.retryAfterSeconds;
  if (error.allow.length > 0) headers['Allow'] = error.allow.join(', ');
  if (error.kind === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer';
  if (error.kind === 'unsupported_media_type') headers['Accept-Encoding'] = ACCEPTED_ENCODINGS;
  // The rest of the body is still on its way and not worth reading, or cannot be told from what follows it.
  if (!request.complete && (UNREAD_REST.has(error.kind) || isTooLongToDrop(request.headers))) {
    headers['Connection'] = 'close';
  }
  return headers;
}

function toRutoxError(thrown: unknown): RutoxError {
  if (thrown instanceof RutoxError) return thrown;
  // Express' router throws this for a path parameter that is not valid percent-encoding.
  if (thrown instanceof URIError)
    return new RutoxError('not_found', 'The path is not valid percent-encoded UTF-8.');
  return new RutoxError(
    'internal',
    'An unexpected error; the log of the server has more under this request id.',
  );
}
