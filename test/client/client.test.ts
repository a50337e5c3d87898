import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiError, createClient, type ClientOptions } from '../../src/client/index.js';
import { startServer, type ReadyServer } from '../contract/server.js';

const KEY = 'key-of-the-client-tests';
const TOXIC = 'Иди нахуй, дебил';
const HARMLESS = 'Завтра обещают дождь';

let real: ReadyServer;
/** Asks for a key, and gives each caller two texts, then one a second. */
let strict: ReadyServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-client-'));
  writeFileSync(join(folder, 'keys'), `shop:${KEY}\n`);
  [real, strict] = await Promise.all([
    startServer(),
    startServer({ RUTOX_API_KEYS_FILE: join(folder, 'keys'), RUTOX_RATE_LIMIT: '1', RUTOX_MAX_TEXTS: '2' }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([real.stop(), strict.stop()]);
  rmSync(folder, { recursive: true });
});

/** What stands between client and server: a proxy that fails in the ways of proxies and networks. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Meets the first requests with `behaviours`, in turn, and sends all later ones on to the real server. */
async function proxy(...behaviours: Behaviour[]): Promise<{ url: string; times: number[] }> {
  const times: number[] = [];
  const server = createServer((request, response) => {
    const behave = behaviours[times.length] ?? forward;
    times.push(performance.now());
    behave(request, response);
  }).listen(0, '127.0.0.1');
  opened.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, times };
}

const forward: Behaviour = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await fetch(real.url + request.url, {
    method: request.method!,
    headers: { 'content-type': 'application/json' },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type')! });
  response.end(await answer.text());
};
const hangUp: Behaviour = (request) => request.socket.destroy();
const say =
  (status: number, headers: Record<string, string> = {}, body = '<html>Bad gateway</html>'): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
const never: Behaviour = () => {};
/** A head that promises more than comes. */
const cutOff: Behaviour = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"is_');
  setTimeout(() => request.socket.destroy(), 20);
};

const error = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(ApiError);
      return thrown as ApiError;
    },
  );

describe('a call', () => {
  it('has the verdict of the server, by threshold and policy', async () => {
    const client = createClient({ baseUrl: new URL(real.url) });
    expect(await client.classify(TOXIC)).toMatchObject({ is_toxic: true });
    expect(await client.classify(TOXIC, { threshold: 1 })).toMatchObject({ is_toxic: false, threshold: 1 });
    const { models } = await client.models();
    const { threshold } = models[0]!.policies.autoban;
    expect(await client.classify(HARMLESS, { policy: 'autoban' })).toMatchObject({
      is_toxic: false,
      threshold,
    });
  });

  it('presents its key', async () => {
    const without = createClient({ baseUrl: strict.url });
    expect(await error(without.models())).toMatchObject({ kind: 'unauthorized', status: 401 });
    const { models } = await createClient({ baseUrl: strict.url, apiKey: KEY }).models();
    expect(models).toHaveLength(1);
  });

  it('works behind a proxy that serves rutox under a path', async () => {
    const { url } = await proxy((request, response) => {
      expect(request.url).toBe('/moderation/livez');
      request.url = '/livez';
      forward(request, response);
    });
    expect(await createClient({ baseUrl: `${url}/moderation` }).live()).toEqual({ status: 'alive' });
  });

  it('tells what is wrong, where, and under which id the server knows it', async () => {
    const thrown = await error(createClient({ baseUrl: real.url }).classifyBatch([HARMLESS, '  ']));
    expect(thrown).toMatchObject({ kind: 'invalid_request', status: 422, requestId: expect.any(String) });
    expect(thrown.violations).toEqual([{ pointer: '/texts/1', message: expect.any(String) }]);
    expect(thrown.message).toContain('/texts/1: ');
    expect(await error(createClient({ baseUrl: real.url }).model('../0'))).toMatchObject({
      kind: 'not_found',
    });
  });
});

describe('tries', () => {
  it.each([
    ['no connection', hangUp],
    ['half an answer', cutOff],
    ['a proxy without its server', say(502)],
    ['no room', say(503)],
  ])('are repeated after %s', async (_what, failure) => {
    const { url, times } = await proxy(failure, failure);
    expect(await createClient({ baseUrl: url }).classify(TOXIC)).toMatchObject({ is_toxic: true });
    expect(times).toHaveLength(3);
  });

  it('wait as long as Retry-After says, in seconds or as a date', async () => {
    const date = new Date(Date.now() + 2500).toUTCString();
    const { url, times } = await proxy(say(503, { 'retry-after': '1' }), say(429, { 'retry-after': date }));
    await createClient({ baseUrl: url }).live();
    const [first, second] = times.map((time) => time - times[0]!).slice(1);
    expect(first).toBeGreaterThanOrEqual(990);
    // A date has whole seconds.
    expect(second! + 1000).toBeGreaterThanOrEqual(2490);
  });

  it('get through the rate limit of a real server', async () => {
    const client = createClient({ baseUrl: strict.url, apiKey: KEY });
    for (let i = 0; i < 4; i++) expect(await client.classify(TOXIC)).toMatchObject({ is_toxic: true });
    const hasty = createClient({ baseUrl: strict.url, apiKey: KEY, retries: 0 });
    const thrown = await error(Promise.all(Array.from({ length: 4 }, () => hasty.classify(TOXIC))));
    expect(thrown).toMatchObject({ kind: 'rate_limited', status: 429, retryAfterSeconds: 1 });
  });

  it('end after as many as were asked for', async () => {
    const { url, times } = await proxy(hangUp, hangUp, hangUp);
    const thrown = await error(createClient({ baseUrl: url, retries: 2 }).live());
    expect(thrown).toMatchObject({ kind: 'no_connection', status: undefined });
    expect(times).toHaveLength(3);
  });

  it('end where the time would be up before the next', async () => {
    const { url, times } = await proxy(say(503, { 'retry-after': '60' }));
    const thrown = await error(createClient({ baseUrl: url, timeoutMs: 5000 }).live());
    expect(thrown).toMatchObject({ kind: 'unexpected_answer', status: 503, retryAfterSeconds: 60 });
    expect(times).toHaveLength(1);
  });

  it.each([400, 404, 500, 504])('are not repeated after %i', async (status) => {
    const { url, times } = await proxy(say(status));
    expect(await error(createClient({ baseUrl: url }).live())).toMatchObject({
      kind: 'unexpected_answer',
      status,
    });
    expect(times).toHaveLength(1);
  });

  it('take a page with status 200 for no answer', async () => {
    const { url } = await proxy(say(200));
    expect(await error(createClient({ baseUrl: url }).live())).toMatchObject({ kind: 'unexpected_answer' });
  });

  it('tell a server that is being stopped from one that has no room', async () => {
    const json = { 'content-type': 'application/json' };
    const draining = await proxy(say(503, json, '{"status":"draining"}'));
    expect(await createClient({ baseUrl: draining.url }).ready()).toEqual({ status: 'draining' });
    const problem = { 'content-type': 'application/problem+json', 'retry-after': '0' };
    const full = await proxy(say(503, problem, '{"type":"urn:rutox:problem:too_many_connections"}'));
    expect(await createClient({ baseUrl: full.url }).ready()).toEqual({ status: 'ready' });
  });
});

describe('time and signals', () => {
  it('a call that is not answered in time fails', async () => {
    const { url } = await proxy(never);
    const thrown = await error(createClient({ baseUrl: url, timeoutMs: 100 }).live());
    expect(thrown).toMatchObject({ kind: 'timeout', message: expect.stringContaining('100 ms') });
  });

  it.each([
    ['before it', 0, never],
    ['under way', 50, never],
    ['between two tries', 50, say(503, { 'retry-after': '20' })],
  ])('a signal ends a call %s, with its reason', async (_when, ms, behaviour) => {
    const { url } = await proxy(behaviour);
    const controller = new AbortController();
    if (ms === 0) controller.abort(new Error('left'));
    else setTimeout(() => controller.abort(new Error('left')), ms);
    await expect(createClient({ baseUrl: url }).live({ signal: controller.signal })).rejects.toThrow('left');
  });
});

describe('classifyAll', () => {
  async function* comments(count: number) {
    for (let i = 0; i < count; i++) yield i % 7 === 0 ? TOXIC : `${HARMLESS}, ${i}`;
  }

  it('has a verdict for each text, in order, whatever the number', async () => {
    const client = createClient({ baseUrl: real.url });
    const toxic: boolean[] = [];
    for await (const verdict of client.classifyAll(comments(500), { batchSize: 30, concurrency: 3 })) {
      toxic.push(verdict.is_toxic);
    }
    expect(toxic).toEqual(Array.from({ length: 500 }, (_, i) => i % 7 === 0));
    for await (const verdict of client.classifyAll([])) expect(verdict).toBe('none');
  });

  it('gets long texts through the limit of a body', async () => {
    const client = createClient({ baseUrl: real.url });
    const long = '\u0001'.repeat(19_000) + HARMLESS;
    let count = 0;
    for await (const verdict of client.classifyAll(Array.from({ length: 40 }, () => long)))
      count += Number(!verdict.is_toxic);
    expect(count).toBe(40);
  });

  it('names the text that is wrong by its place among all, after the verdicts before it', async () => {
    const texts = [...Array.from({ length: 70 }, () => HARMLESS), ''];
    let count = 0;
    const work = async () => {
      for await (const _ of createClient({ baseUrl: real.url }).classifyAll(texts)) count++;
    };
    const thrown = await error(work());
    expect(thrown.violations).toEqual([{ pointer: '/texts/70', message: expect.any(String) }]);
    expect(thrown).toMatchObject({ kind: 'invalid_request', status: 422 });
    expect(count).toBe(64);
  });
});

it.each<[string, Partial<ClientOptions>]>([
  ['baseUrl', { baseUrl: 'localhost:8000' }],
  ['baseUrl', { baseUrl: 'http://localhost/?key=1' }],
  ['apiKey', { apiKey: 'two words' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['retries', { retries: -1 }],
])('refuses %s %j', (name, options) => {
  expect(() => createClient({ baseUrl: 'http://localhost:8000', ...options })).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) }),
  );
});
