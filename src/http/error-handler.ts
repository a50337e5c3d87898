import type { OutgoingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { RutoxError, type ErrorKind } from '../errors.js';
import type { Logger } from '../logger.js';
import { ACCEPTED_ENCODINGS, isTooLongToDrop } from './body.js';
import { nativeApi } from './api.js';
import { send } from './respond.js';

/** Express' last handlers: everything that was thrown, and every path that nothing answered, is told in the shape of the API that was asked. */
export function errorHandler(logger: Logger) {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const error = toRutoxError(thrown);
    const { context } = response.locals;
    if (error.kind === 'internal' || error.kind === 'unavailable')
      logger.error({ requestId: context.id, traceId: context.trace?.traceId, err: thrown }, 'request failed');
    if (response.headersSent || response.destroyed) {
      context.error = error.kind;
      response.destroy();
      return;
    }
    sendError(request, response, error);
  };
}

function sendError(request: Request, response: Response, error: RutoxError): void {
  const { context } = response.locals;
  context.error = error.kind;
  const { status, contentType, body } = (context.api ?? nativeApi).errorAnswer(error, request, context.id);
  send(response, status, contentType, JSON.stringify(body), headersOf(error, request));
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
