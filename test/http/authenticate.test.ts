import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { post, standInModerator, startApp, until, type Started } from './support.js';

const KEY = 'the-key-of-the-shop';
const json = { 'content-type': 'application/json' };
const moderator = standInModerator();
let app: Started;
beforeEach(async () => {
  moderator.calls.length = 0;
  app = await startApp({
    moderator,
    apiKeys: { nameOf: (key) => (key === KEY ? 'shop' : undefined) },
  });
});
afterEach(() => app.close());

const classify = (headers: Record<string, string>) =>
  post(`${app.url}/v1/classify`, { text: 'хо' }, { ...json, ...headers });

describe('a request with a key', () => {
  test.each([
    { authorization: `Bearer ${KEY}` },
    { authorization: `bearer  ${KEY} ` },
    { 'x-api-key': KEY },
    // Of a proxy in front, which asks for a password of its own.
    { authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': KEY },
  ])('%j is answered', async (headers) => {
    expect((await classify(headers as Record<string, string>)).status).toBe(200);
  });

  test('is counted and logged under the name of the key', async () => {
    await classify({ 'x-api-key': KEY });
    await post(`${app.url}/v1/classify`, { text: '' }, { ...json, 'x-api-key': KEY });
    await until(() => app.log.length === 2);
    expect(app.log.map(({ key, status }) => [key, status])).toEqual([
      ['shop', 200],
      ['shop', 422],
    ]);
    const metrics = await app.metrics.expose();
    expect(metrics).toContain('rutox_key_requests_total{key="shop",status="200"} 1');
    expect(metrics).toContain('rutox_key_requests_total{key="shop",status="422"} 1');
    expect(JSON.stringify(app.log) + metrics).not.toContain(KEY);
  });
});

describe('a request without a key that holds', () => {
  test.each([
    {},
    { authorization: `Bearer ${KEY}x` },
    { authorization: KEY },
    { authorization: `Basic ${KEY}` },
    { authorization: 'Bearer' },
    { authorization: `Bearer ${KEY}x`, 'x-api-key': KEY },
    { 'x-api-key': `${KEY}, ${KEY}` },
    { 'x-api-key': '' },
  ])('%j gets 401', async (headers) => {
    const response = await classify(headers as Record<string, string>);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const problem = (await response.json()) as object;
    expect(problem).toMatchObject({ type: 'urn:rutox:problem:unauthorized', status: 401 });
    expect(JSON.stringify(problem)).not.toContain(KEY);
    await until(() => app.log.length === 1);
    expect(app.log[0]).toMatchObject({ route: '/v1/classify', status: 401, kind: 'unauthorized' });
    expect(app.log[0]).not.toHaveProperty('key');
    expect(moderator.calls).toEqual([]);
  });

  test('is told so before its body comes', async () => {
    const head = 'POST /v1/classify HTTP/1.1\r\nHost: x\r\n';
    const answer = (rest: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(app.port, '127.0.0.1', () => socket.write(head + rest));
        socket.once('data', (data) => resolve(String(data)));
        socket.once('data', () => socket.destroy());
      });
    const short = await answer('Content-Length: 5000\r\n\r\n{"te');
    expect(short).toMatch(/^HTTP\/1\.1 401 /);
    expect(short).toContain('Connection: keep-alive');
    // Not worth reading to its end.
    const long = await answer('Content-Length: 500000000\r\n\r\n{"te');
    expect(long).toMatch(/^HTTP\/1\.1 401 /);
    expect(long).toContain('Connection: close');
  });
});

test('a key is asked for on every path of an API and nowhere else', async () => {
  const { paths } = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: object };
  const statuses = await Promise.all(
    Object.entries(paths).map(async ([path, methods]) => {
      const [method] = Object.keys(methods as object);
      const { status } = await fetch(app.url + path, { method: method!.toUpperCase() });
      // 403 is how Google tells of it.
      return [path, status === 401 || status === 403];
    }),
  );
  expect(statuses.length).toBeGreaterThan(6);
  // Probes and what a client asks before it knows anything.
  const open =
    /^\/(livez|readyz|metrics|openapi\.json|\$discovery\/rest|v2|v2\/health\/.*|v2\/models\/.*\/ready)$/;
  for (const [path, asked] of statuses) expect([path, asked]).toEqual([path, !open.test(String(path))]);
  expect((await fetch(`${app.url}/docs/`)).status).toBe(200);
  expect((await fetch(`${app.url}/v1/classify`, { method: 'OPTIONS' })).status).toBe(204);
});
