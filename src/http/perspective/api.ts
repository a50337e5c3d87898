import { RutoxError, type ErrorKind } from '../../errors.js';
import { nativeApi, type Api } from '../api.js';
import { sentence } from '../error-sentence.js';
import { errorTable } from '../error-table.js';

/** Perspective's own names for what is wrong with a request. */
export type ErrorType =
  | 'COMMENT_EMPTY'
  | 'COMMENT_TOO_LONG'
  | 'NO_REQUESTED_ATTRIBUTES'
  | 'LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE'
  | 'INVALID_REQUEST';

/** A request that Perspective would refuse too; `detail` is what it adds to the error for clients to read. */
export class PerspectiveError extends RutoxError {
  constructor(
    readonly errorType: ErrorType,
    message: string,
    readonly detail: object = {},
  ) {
    super('invalid_request', message);
  }
}

const INVALID = { code: 400, status: 'INVALID_ARGUMENT' };

/** HTTP status and `google.rpc.Code` by kind of error; all else is a mistake in the request, which Google calls 400. */
const STATUSES: Partial<Record<ErrorKind, { readonly code: number; readonly status: string }>> = {
  not_found: { code: 404, status: 'NOT_FOUND' },
  method_not_allowed: { code: 405, status: 'UNIMPLEMENTED' },
  rate_limited: { code: 429, status: 'RESOURCE_EXHAUSTED' },
  internal: { code: 500, status: 'INTERNAL' },
  overloaded: { code: 503, status: 'UNAVAILABLE' },
  unavailable: { code: 503, status: 'UNAVAILABLE' },
  deadline_exceeded: { code: 504, status: 'DEADLINE_EXCEEDED' },
};

const SERVICE = 'commentanalyzer.googleapis.com';

/** Keys as Google's clients send them, in the query too; errors as `google.rpc.Status`. */
export const perspectiveApi: Api = {
  keyOf(request) {
    const { url = '', headers } = request;
    const query = url.indexOf('?');
    const key = query === -1 ? null : new URLSearchParams(url.slice(query)).get('key');
    if (key !== null && key !== '') return key;
    const header = headers['x-goog-api-key'];
    return typeof header === 'string' ? header : nativeApi.keyOf(request);
  },
  errorAnswer(error, request) {
    const { code, status } = STATUSES[error.kind] ?? INVALID;
    const isKeyMissing = error.kind === 'unauthorized' && perspectiveApi.keyOf(request) === undefined;
    const body = isKeyMissing
      ? { code: 403, message: 'The request is missing a valid API key.', status: 'PERMISSION_DENIED' }
      : { code, message: messageOf(error), status, details: detailsOf(error) };
    return { status: body.code, contentType: 'application/json', body: { error: body } };
  },
};

function messageOf(error: RutoxError): string {
  return error.kind === 'unauthorized' ? 'API key not valid. Please pass a valid API key.' : sentence(error);
}

function detailsOf(error: RutoxError): object[] {
  switch (error.kind) {
    case 'unauthorized':
      return [errorInfo('API_KEY_INVALID')];
    case 'rate_limited':
      return [errorInfo('RATE_LIMIT_EXCEEDED')];
    case 'body_too_large':
      return [analyzerError('COMMENT_TOO_LONG')];
    default:
      if (error instanceof PerspectiveError) return [analyzerError(error.errorType, error.detail)];
      return errorTable[error.kind].status < 500 ? [analyzerError('INVALID_REQUEST')] : [];
  }
}

function errorInfo(reason: string): object {
  return {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'googleapis.com',
    metadata: { service: SERVICE },
  };
}

function analyzerError(errorType: ErrorType, detail: object = {}): object {
  return { '@type': 'type.googleapis.com/google.commentanalyzer.v1alpha1.Error', errorType, ...detail };
}
