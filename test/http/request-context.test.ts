import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RutoxError } from '../../src/errors.js';
import type { CallerSignal } from '../../src/inference/moderator.js';
import { moderationOf, post, standInModerator, startApp, until, type Call, type Started } from './support.js';

let app: Started;
let answer: (call: Call) => Promise<ReturnType<typeof moderationOf>>;
const moderator = standInModerator((call) => answer(call));

beforeEach(async () => {
  answer = (call) => Promise.resolve(moderationOf(call));
  app = await startApp({ moderator });
});
afterEach(() => app.close());

describe('X-Request-Id', () => {
  const idOf = async (given: string) =>
    (await fetch(`${app.url}/livez`, { headers: { 'x-request-id': given } })).headers.get('x-request-id');

  test.each(['a', '4f1c-9_A.~', 'x'.repeat(128)])('%.20s is kept', async (id) => {
    expect(await idOf(id)).toBe(id);
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a"b', 'a,b', '<script>', '../x', 'дурак'])(
    '%.20j is replaced',
    async (id) => {
      expect(await idOf(Buffer.from(id).toString('latin1'))).toMatch(
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      );
    },
  );

  test.each(['/nothing', '/docs/', '/docs/swagger-ui.css', '/docs', '/metrics', '/openapi.json'])(
    '%s returns it',
    async (path) => {
      const response = await fetch(app.url + path, {
        headers: { 'x-request-id': 'abc' },
        redirect: 'manual',
      });
      expect(response.headers.get('x-request-id')).toBe('abc');
    },
  );
});

describe('the access log', () => {
  test('has one line a request, without anything the client wrote', async () => {
    await post(`${app.url}/v1/classify/batch?q=секрет`, { texts: ['секрет', 'о'] });
    await until(() => app.log.length > 0);
    expect(app.log).toEqual([
      {
        level: 30,
        time: expect.any(String),
        pid: process.pid,
        requestId: expect.any(String),
        method: 'POST',
        route: '/v1/classify/batch',
        status: 200,
        durationMs: expect.any(Number),
        texts: 2,
        msg: 'request',
      },
    ]);
  });

  test('shows probes at level debug', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/v1/models']) await fetch(app.url + path);
    await until(() => app.log.length === 4);
    expect(app.log.map(({ route, level }) => [route, level])).toEqual([
      ['/livez', 20],
      ['/readyz', 20],
      ['/metrics', 20],
      ['/v1/models', 30],
    ]);
  });
});

describe('metrics', () => {
  const counted = async () =>
    (await app.metrics.expose())
      .split('\n')
      .filter((line) => line.startsWith('rutox_http_request_duration_seconds_count'))
      .map((line) => line.replace('rutox_http_request_duration_seconds_count', ''));

  test('count each request once, under the pattern of its route', async () => {
    const paths = ['/v1/models/7.3', '/v1/models/9', '/a', '/b?c', '/%E0', '/docs/swagger-ui.css', '/docs/'];
    for (const path of paths) await fetch(app.url + path);
    await post(`${app.url}/v1/classify`, { text: '' });
    await post(`${app.url}/v1/classify`, { text: 'о' });
    await until(() => app.log.length === paths.length + 2);
    expect((await counted()).toSorted()).toEqual([
      '{route="(unknown)",method="GET",status="404"} 3',
      '{route="/docs/",method="GET",status="200"} 1',
      '{route="/docs/*",method="GET",status="200"} 1',
      '{route="/v1/classify",method="POST",status="200"} 1',
      '{route="/v1/classify",method="POST",status="422"} 1',
      '{route="/v1/models/{version}",method="GET",status="200"} 1',
      '{route="/v1/models/{version}",method="GET",status="404"} 1',
    ]);
  });

  test('know how many requests are being answered', async () => {
    const inFlight = async () => /^rutox_requests_in_flight (\d+)$/m.exec(await app.metrics.expose())?.[1];
    let release: () => void = () => undefined;
    answer = (call) => new Promise((resolve) => (release = () => resolve(moderationOf(call))));
    const before = moderator.calls.length;
    const response = post(`${app.url}/v1/classify`, { text: 'о' });
    await until(() => moderator.calls.length > before);
    expect(await inFlight()).toBe('1');
    release();
    await response;
    await until(() => app.log.length === 1);
    expect(await inFlight()).toBe('0');
  });
});

describe('the signal to the moderator', () => {
  test('fires when the client leaves, and the request counts as cancelled', async () => {
    let signal: CallerSignal | undefined;
    answer = ({ options }) =>
      new Promise((_resolve, reject) => {
        signal = options.signal;
        signal?.addEventListener('abort', () => reject(new RutoxError('cancelled', 'The client left.')));
      });
    const client = new AbortController();
    const response = fetch(`${app.url}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text": "о"}',
      signal: client.signal,
    });
    await until(() => signal !== undefined);
    client.abort();
    await expect(response).rejects.toThrow('aborted');
    await until(() => app.log.length === 1);
    expect(signal?.aborted).toBe(true);
    expect(app.log[0]).toMatchObject({ status: 499, kind: 'cancelled', texts: 1 });
    expect(await app.metrics.expose()).toContain('rutox_rejected_total{reason="cancelled"} 1');
  });

  test('stays silent when the client has its answer', async () => {
    await (await post(`${app.url}/v1/classify`, { text: 'о' })).json();
    await until(() => app.log.length === 1);
    expect(moderator.calls.at(-1)?.options.signal?.aborted).toBe(false);
  });
});
