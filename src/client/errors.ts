import type { ErrorKind, Violation } from '../errors.js';
import type { Problem } from './types.js';

/**
 * What went wrong: a kind of the server's own errors, or that no answer came (`no_connection`), none in time
 * (`timeout`), or one that is not of rutox, as of a proxy (`unexpected_answer`).
 */
export type ApiErrorKind = ErrorKind | 'no_connection' | 'timeout' | 'unexpected_answer';

export interface ApiErrorDetails {
  /** HTTP status of the answer, if there was one. */
  readonly status?: number | undefined;
  /** Which parts of the request are wrong, as JSON pointers; with `invalid_request`. */
  readonly violations?: readonly Violation[] | undefined;
  /** Seconds after which the server said that a new try makes sense. */
  readonly retryAfterSeconds?: number | undefined;
  /** The request's id in the log of the server. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** A call that failed for good, all tries included. Its message names every violation, and never holds text that was sent. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  /** The message without the violations. */
  readonly detail: string;
  readonly status: number | undefined;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;

  constructor(kind: ApiErrorKind, detail: string, details: ApiErrorDetails = {}) {
    const rules = details.violations?.map(({ pointer, message }) => ` ${pointer || 'the body'}: ${message}.`);
    super([detail, ...(rules ?? [])].join(''), 'cause' in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.detail = detail;
    this.status = details.status;
    this.violations = details.violations ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.requestId = details.requestId;
  }
}

const PROBLEM_TYPE = 'urn:rutox:problem:';

/** The error that an answer tells; `json` is its body, undefined if that is no JSON. */
export function errorOf({ status, headers }: Response, json: unknown): ApiError {
  const problem = asProblem(json);
  const details = {
    status,
    retryAfterSeconds: secondsOf(headers.get('retry-after')),
    requestId: headers.get('x-request-id') ?? undefined,
  };
  if (problem === undefined) {
    return new ApiError(
      'unexpected_answer',
      `An answer with status ${status} that is not of rutox.`,
      details,
    );
  }
  const kind = problem.type.slice(PROBLEM_TYPE.length) as ErrorKind;
  const violations = problem.errors?.map(({ pointer, detail }) => ({ pointer, message: detail }));
  return new ApiError(kind, problem.detail, { ...details, violations });
}

function asProblem(value: unknown): Problem | undefined {
  const type = (value as { type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' && type.startsWith(PROBLEM_TYPE) ? (value as Problem) : undefined;
}

/** `Retry-After` is a number of seconds or, from proxies, a date. */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
