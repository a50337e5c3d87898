import type { IncomingMessage } from 'node:http';
import type { RutoxError } from '../errors.js';
import { errorTable, PROBLEM_TYPE, toProblem } from './error-table.js';

/** What of a request its key and its errors depend on. */
export type ErrorRequest = Pick<IncomingMessage, 'url' | 'headers'>;

export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Written as JSON. */
  readonly body: object;
}

/** What differs between the APIs that the server speaks, beside what their routes read and answer. */
export interface Api {
  /** The API key that a request presents. */
  keyOf(request: ErrorRequest): string | undefined;
  /** How a caller is told of an error; `id` is that of the request. */
  errorAnswer(error: RutoxError, request: ErrorRequest, id: string): ErrorAnswer;
}

/** Keys as `Authorization: Bearer` or `X-API-Key`; errors as problem documents. */
export const nativeApi: Api = {
  keyOf({ headers }) {
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return bearer;
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : undefined;
  },
  errorAnswer: (error, _request, id) => ({
    status: errorTable[error.kind].status,
    contentType: PROBLEM_TYPE,
    body: toProblem(error, id),
  }),
};
