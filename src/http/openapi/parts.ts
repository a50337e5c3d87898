import { RutoxError, type ErrorKind } from '../../errors.js';
import { problemExamples, type ErrorExamples, type Example } from '../examples.js';
import { errorTable } from '../error-table.js';
import { nativeApi, type Api, type ErrorRequest } from '../api.js';

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

/** How errors of an API look in the document. */
export interface ErrorForm {
  readonly api: Api;
  /** Name of the schema of their bodies. */
  readonly schema: string;
  /** What they say, where that differs from the native API. */
  readonly examples?: ErrorExamples;
}

const PROBLEMS: ErrorForm = { api: nativeApi, schema: 'Problem' };

interface ExchangeOptions {
  /** The errors it can end with. */
  readonly kinds?: readonly ErrorKind[];
  readonly form?: ErrorForm;
  /** Of the answer that is no error. */
  readonly headers?: object;
  readonly security?: readonly object[];
}

/** Request, answer and errors of a scoring operation. Request and answer of one example share its name. */
export function exchange(
  requestSchema: string,
  responseSchema: string,
  examples: Record<string, Example<object, object>>,
  {
    kinds = SCORING_ERRORS,
    form = PROBLEMS,
    headers = timingHeaders,
    security = OPTIONAL_KEY,
  }: ExchangeOptions = {},
) {
  const side = (which: 'request' | 'response') =>
    mapValues(examples, (example) => ({ summary: example.summary, value: example[which] }));
  return {
    security,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: reference(requestSchema), examples: side('request') } },
    },
    responses: {
      200: {
        description: 'The answer.',
        headers,
        content: { 'application/json': { schema: reference(responseSchema), examples: side('response') } },
      },
      ...errors(kinds, form),
    },
  };
}

/** Error answers, by status: kinds that share one share its entry, with an example each. */
export function errors(
  kinds: readonly ErrorKind[],
  { api, schema, examples = {} }: ErrorForm = PROBLEMS,
): object {
  const answers = kinds.flatMap((kind) =>
    exampleRequests(kind).map(([name, request]) => ({
      kind,
      name,
      ...api.errorAnswer(exampleError(kind, examples), request, 'd290f1ee-6c54-4b01-90e6-d701748f0851'),
    })),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  const answer = (status: number) => {
    const group = answers.filter((each) => each.status === status);
    return {
      description: [...new Set(group.map(({ kind }) => errorTable[kind].title))].join('; or: '),
      headers: headersByStatus.get(status) ?? commonHeaders,
      content: {
        [group[0]!.contentType]: {
          schema: reference(schema),
          examples: Object.fromEntries(group.map(({ name, body }) => [name, { value: body }])),
        },
      },
    };
  };
  return Object.fromEntries([...statuses].map((status) => [status, answer(status)]));
}

/** A key that is missing and one that is wrong may be told apart. */
function exampleRequests(kind: ErrorKind): [name: string, request: ErrorRequest][] {
  const request = { url: '/', headers: { 'x-api-key': 'a-key-that-is-wrong' } };
  if (kind !== 'unauthorized') return [[kind, request]];
  return [
    [kind, request],
    ['unauthorized_without_key', { url: '/', headers: {} }],
  ];
}

function exampleError(kind: ErrorKind, examples: ErrorExamples): RutoxError {
  const { detail = errorTable[kind].title, ...extras } = examples[kind] ?? problemExamples[kind] ?? {};
  return new RutoxError(kind, detail, extras);
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
