import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createClient, type Client } from '../../src/client/index.js';
import type * as api from '../../src/client/types.js';
import type * as schemas from '../../src/http/schemas.js';
import { ServedDocument } from '../contract/document.js';
import { startServer, type ReadyServer } from '../contract/server.js';

/** Each can stand for the other: `npm run typecheck` fails where the client's types are not the schemas'. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const same: [
  Same<api.VerdictOptions, Omit<schemas.ExplainRequest, 'text'>>,
  Same<api.VerdictOptions, Omit<schemas.BatchRequest, 'texts'>>,
  Same<api.ClassifyResponse, Omit<schemas.ClassifyResponse, 'spans'>>,
  Same<api.ExplainResponse, schemas.ExplainResponse>,
  Same<api.BatchResponse, schemas.BatchResponse>,
  Same<api.ModelCard, schemas.ModelCard>,
  Same<api.ModelList, schemas.ModelList>,
  Same<api.Liveness, schemas.Liveness>,
  Same<api.Readiness, schemas.Readiness>,
  Same<api.Problem, schemas.Problem>,
] = [true, true, true, true, true, true, true, true, true, true];

let server: ReadyServer;
let served: ServedDocument;
let client: Client;

beforeAll(async () => {
  server = await startServer();
  served = await ServedDocument.of(server.url);
  client = createClient({ baseUrl: server.url });
}, 60_000);
afterAll(() => server.stop());

/** Each call of the client, and the operation that it is. */
const calls: Record<string, (version: string) => Promise<unknown>> = {
  'POST /v1/classify': () => client.classify('Иди нахуй, дебил', { policy: 'autoban' }),
  'POST /v1/explain': () => client.explain('Иди нахуй, дебил', { threshold: 0.25 }),
  'POST /v1/classify/batch': () => client.classifyBatch(['Завтра обещают дождь', 'Иди нахуй, дебил']),
  'GET /v1/models': () => client.models(),
  'GET /v1/models/{version}': (version) => client.model(version),
  'GET /livez': () => client.live(),
  'GET /readyz': () => client.ready(),
};

/** For Prometheus, and for tools that read OpenAPI. */
const NOT_FOR_PROGRAMS = ['GET /metrics', 'GET /openapi.json'];
const NATIVE_TAGS = ['moderation', 'models', 'operations'];

test('the client has a call for every native operation', () => {
  const native = [...served.operations].filter(([, operation]) => {
    const { tags } = operation as { tags?: string[] };
    return tags?.some((tag) => NATIVE_TAGS.includes(tag));
  });
  expect([...Object.keys(calls), ...NOT_FOR_PROGRAMS].toSorted()).toEqual(
    native.map(([name]) => name).toSorted(),
  );
  expect(same).not.toContain(false);
});

test.each(Object.keys(calls))('%s: sent as documented, answered by what came', async (name) => {
  const { version } = (await client.models()).models[0]!;
  const sent = jest.spyOn(globalThis, 'fetch');
  const answer = await calls[name]!(version);
  const [url, { method = 'GET', body } = {}] = sent.mock.calls[0]!;
  const response = (await sent.mock.results[0]!.value) as Response;
  sent.mockRestore();

  const path = new URL(url as URL).pathname.replace(version, '{version}');
  expect([`${method} ${path}`, response.status]).toEqual([name, 200]);
  const { requestBody, responses } = served.operations.get(name)!;
  if (requestBody !== undefined) {
    const { schema } = requestBody.content['application/json']!;
    expect(served.violations(schema, JSON.parse(body as string))).toEqual([]);
  }
  expect(served.violations(responses[200]!.content['application/json']!.schema, answer)).toEqual([]);
});
