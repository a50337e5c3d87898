/**
 * Everything that can go wrong with a request, by kind. HTTP numbers are given to the kinds in
 * `http/error-table.ts` alone, so that each API can answer in its own shape.
 */
export type ErrorKind =
  | 'malformed_http'
  | 'malformed_json'
  | 'unauthorized'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'invalid_request'
  | 'rate_limited'
  | 'headers_too_large'
  | 'overloaded'
  | 'too_many_connections'
  | 'unavailable'
  | 'deadline_exceeded'
  | 'cancelled'
  | 'internal'
  | 'not_implemented';

/** One rule of a schema that the request breaks: where (JSON pointer into the body) and what to do. */
export interface Violation {
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorExtras {
  /** Which fields are wrong; only with `invalid_request`. */
  readonly violations?: readonly Violation[];
  /** Whole seconds after which a new try makes sense. */
  readonly retryAfterSeconds?: number;
  /** Methods that the path does answer; only with `method_not_allowed`. */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** An error the caller is told about. `message` says what, where and what to do; it never holds comment text. */
export class RutoxError extends Error {
  readonly kind: ErrorKind;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;
  readonly allow: readonly string[];

  constructor(kind: ErrorKind, message: string, extras: ErrorExtras = {}) {
    // Only the server's own mistakes are logged with their stack. A stack takes longer than the rest of a refusal.
    const { stackTraceLimit } = Error;
    if (kind !== 'internal' && kind !== 'unavailable') Error.stackTraceLimit = 0;
    super(message, 'cause' in extras ? { cause: extras.cause } : undefined);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'RutoxError';
    this.kind = kind;
    this.violations = extras.violations ?? [];
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.allow = extras.allow ?? [];
  }
}
