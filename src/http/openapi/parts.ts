import { RutoxError, type ErrorKind } from '../../errors.js';
import type { Problem } from '../schemas.js';
import { problemExamples, type Example } from '../examples.js';
import { errorTable, PROBLEM_TYPE, toProblem } from '../error-table.js';

/** What an API adds to the OpenAPI document. */
export interface OpenApiPart {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, object>;
  readonly schemas: Record<string, object>;
}

/** Errors that scoring can end with. */
export const SCORING_ERRORS: readonly ErrorKind[] = [
  'malformed_json',
  'unauthorized',
  'body_too_large',
  'unsupported_media_type',
  'invalid_request',
  'rate_limited',
  'internal',
  'overloaded',
  'unavailable',
  'deadline_exceeded',
];

export const commonHeaders = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };
export const timingHeaders = {
  ...commonHeaders,
  'Server-Timing': { $ref: '#/components/headers/ServerTiming' },
};
const authHeaders = {
  ...commonHeaders,
  'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' },
};
const retryHeaders = { ...commonHeaders, 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };

const headersByStatus = new Map<number, object>([
  [401, authHeaders],
  [429, retryHeaders],
  [503, retryHeaders],
]);

/** Whether a key is asked for is the server's setting: none, or one of the two. */
export const OPTIONAL_KEY = [{}, { bearer: [] }, { apiKey: [] }];

export function operation(tag: string, operationId: string, summary: string): object {
  return { tags: [tag], operationId, summary };
}

export function json(description: string, schema: string, example: object): object {
  return {
    description,
    headers: commonHeaders,
    content: { 'application/json': { schema: reference(schema), example } },
  };
}

/** Request, answer and errors of a scoring operation. Request and answer of one example share its name. */
export function exchange(
  requestSchema: string,
  responseSchema: string,
  examples: Record<string, Example<object, object>>,
): object {
  const side = (which: 'request' | 'response') =>
    mapValues(examples, (example) => ({ summary: example.summary, value: example[which] }));
  return {
    security: OPTIONAL_KEY,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: reference(requestSchema), examples: side('request') } },
    },
    responses: {
      200: {
        description: 'The verdict.',
        headers: timingHeaders,
        content: { 'application/json': { schema: reference(responseSchema), examples: side('response') } },
      },
      ...errors(SCORING_ERRORS),
    },
  };
}

/** Error answers, by status: kinds that share one share its entry, with an example each. */
export function errors(kinds: readonly ErrorKind[]): object {
  const statuses = new Set(kinds.map((kind) => errorTable[kind].status));
  const answer = (status: number) => {
    const group = kinds.filter((kind) => errorTable[kind].status === status);
    return {
      description: group.map((kind) => errorTable[kind].title).join('; or: '),
      headers: headersByStatus.get(status) ?? commonHeaders,
      content: {
        [PROBLEM_TYPE]: {
          schema: reference('Problem'),
          examples: Object.fromEntries(group.map((kind) => [kind, { value: problemExample(kind) }])),
        },
      },
    };
  };
  return Object.fromEntries([...statuses].map((status) => [status, answer(status)]));
}

function problemExample(kind: ErrorKind): Problem {
  const { detail = errorTable[kind].title, ...extras } = problemExamples[kind] ?? {};
  return toProblem(new RutoxError(kind, detail, extras), 'd290f1ee-6c54-4b01-90e6-d701748f0851');
}

export function reference(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

export function mapValues<T, U>(
  record: Record<string, T>,
  change: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
