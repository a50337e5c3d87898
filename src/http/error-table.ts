import type { RutoxError, ErrorKind } from '../errors.js';
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
  not_implemented: { status: 501, title: 'The server cannot do this' },
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
