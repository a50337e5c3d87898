import { RutoxError, type ErrorKind } from '../errors.js';
import type { Manifest } from '../model/manifest.js';
import { packageVersion } from '../package-root.js';
import { errorTable, PROBLEM_TYPE, toProblem } from './error-handler.js';
import { batchExamples, classifyExamples, problemExamples, type Example } from './examples.js';
import { toCard } from './routes/models.js';
import * as schemas from './schemas.js';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const DESCRIPTION = `\
Moderation of Russian-language comments: text in, calibrated toxicity and a verdict out.

**Requests** are JSON in UTF-8 (\`Content-Type: application/json\`), at most as large as the server's settings allow;
\`Content-Encoding\` may be gzip, deflate or br, and the limit then holds for the inflated body too. Unknown fields are
refused. Query strings mean nothing.

**API keys** are asked for under \`/v1\` where the server has a file of them, as \`Authorization: Bearer\` or as \`X-API-Key\`.
Where it has none, a key is ignored.

**Answers** carry \`X-Request-Id\`: the one of the request if it has one of 1 to 128 letters, digits or \`. _ ~ -\`,
else a new one.

**Errors** are problem documents (RFC 9457). Beside the ones listed with each operation every path answers 405 with
\`Allow\` to other methods, and any path but these and \`/docs/\` answers 404. What is no HTTP/1.1 gets 400 (\`malformed_http\`), what does not arrive
in time 408 (\`request_timeout\`), headers above 16 KiB 431 (\`headers_too_large\`), a connection too many 503
(\`too_many_connections\`); all of these close the connection. No error quotes the request.

While the server is being stopped its answers carry \`Connection: close\`.`;

/** Errors that scoring can end with. */
const CLASSIFY_ERRORS: readonly ErrorKind[] = [
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

/** The OpenAPI 3.1 document: made of the schemas that validate and the table that errors are answered by. */
export function openApiDocument(manifest: Manifest, limits: schemas.Limits): object {
  const card = toCard(manifest);
  return {
    openapi: '3.1.0',
    info: {
      title: 'rutox',
      version: packageVersion(),
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document, so that it holds behind a proxy that serves rutox under a prefix.
    servers: [{ url: '.' }],
    tags: [
      { name: 'moderation', description: 'Scores and verdicts.' },
      { name: 'models', description: 'What is served and how good it is.' },
      { name: 'operations', description: 'For orchestrators and monitoring.' },
    ],
    paths: {
      '/v1/classify': {
        post: {
          ...operation('moderation', 'classify', 'Score one comment'),
          ...exchange('ClassifyRequest', 'ClassifyResponse', classifyExamples(manifest)),
        },
      },
      '/v1/classify/batch': {
        post: {
          ...operation('moderation', 'classifyBatch', 'Score many comments'),
          ...exchange('BatchRequest', 'BatchResponse', batchExamples(manifest)),
        },
      },
      '/v1/models': {
        get: {
          ...operation('models', 'listModels', 'Model cards of everything served'),
          security: OPTIONAL_KEY,
          responses: {
            200: json('The models.', 'ModelList', { models: [card] }),
            ...errors(['unauthorized']),
          },
        },
      },
      '/v1/models/{version}': {
        get: {
          ...operation('models', 'getModel', 'Model card: metrics, thresholds, hashes'),
          parameters: [
            {
              name: 'version',
              in: 'path',
              required: true,
              schema: { type: 'string' },
              example: card.version,
            },
          ],
          security: OPTIONAL_KEY,
          responses: { 200: json('The model.', 'ModelCard', card), ...errors(['unauthorized', 'not_found']) },
        },
      },
      '/livez': {
        get: {
          ...operation('operations', 'live', 'Is the process alive?'),
          responses: { 200: json('It is.', 'Liveness', { status: 'alive' }) },
        },
      },
      '/readyz': {
        get: {
          ...operation('operations', 'ready', 'Does it take requests?'),
          responses: {
            200: json(
              'Every thread reproduced the golden scores and no shutdown is under way.',
              'Readiness',
              {
                status: 'ready',
              },
            ),
            503: json('No longer: it is being stopped.', 'Readiness', { status: 'draining' }),
          },
        },
      },
      '/metrics': {
        get: {
          ...operation('operations', 'metrics', 'Metrics for Prometheus'),
          responses: {
            200: {
              description: 'The metrics.',
              headers: commonHeaders,
              content: { [PROMETHEUS_TEXT]: { schema: { type: 'string' } } },
            },
            ...errors(['internal']),
          },
        },
      },
      '/openapi.json': {
        get: {
          ...operation('operations', 'openapi', 'This document'),
          responses: {
            200: {
              description: 'The document.',
              headers: commonHeaders,
              content: { 'application/json': { schema: { type: 'object' } } },
            },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, if the server asks for one.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key.' },
      },
      schemas: {
        ClassifyRequest: schemas.classifyRequestSchema(limits),
        ClassifyResponse: schemas.classifyResponseSchema,
        BatchRequest: schemas.batchRequestSchema(limits),
        BatchResponse: schemas.batchResponseSchema,
        ModelList: schemas.modelListSchema,
        ModelCard: schemas.modelCardSchema,
        Liveness: schemas.livenessSchema,
        Readiness: schemas.readinessSchema,
        Problem: schemas.problemSchema,
      },
      headers: {
        RequestId: { description: 'The id of the request, for the log.', schema: { type: 'string' } },
        ServerTiming: {
          description: 'Milliseconds spent in `tokenize`, `queue` and `inference` (W3C Server Timing).',
          schema: { type: 'string' },
          example: 'tokenize;dur=0.031, queue;dur=0.118, inference;dur=0.702',
        },
        RetryAfter: {
          description: 'Whole seconds after which a new try makes sense.',
          schema: { type: 'integer', minimum: 0 },
        },
        WwwAuthenticate: { description: 'How to present a key.', schema: { const: 'Bearer' } },
      },
    },
  };
}

const commonHeaders = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };
const timingHeaders = { ...commonHeaders, 'Server-Timing': { $ref: '#/components/headers/ServerTiming' } };
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
const OPTIONAL_KEY = [{}, { bearer: [] }, { apiKey: [] }];

function operation(tag: string, operationId: string, summary: string): object {
  return { tags: [tag], operationId, summary };
}

function json(description: string, schema: string, example: object): object {
  return {
    description,
    headers: commonHeaders,
    content: { 'application/json': { schema: reference(schema), example } },
  };
}

/** Request, answer and errors of a scoring operation. Request and answer of one example share its name. */
function exchange(
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
      ...errors(CLASSIFY_ERRORS),
    },
  };
}

/** Error answers, by status: kinds that share one share its entry, with an example each. */
function errors(kinds: readonly ErrorKind[]): object {
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

function problemExample(kind: ErrorKind): schemas.Problem {
  const { detail = errorTable[kind].title, ...extras } = problemExamples[kind] ?? {};
  return toProblem(new RutoxError(kind, detail, extras), 'd290f1ee-6c54-4b01-90e6-d701748f0851');
}

function reference(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
