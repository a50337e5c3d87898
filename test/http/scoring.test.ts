import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { RutoxError } from '../../src/errors.js';
import { createRateLimiter } from '../../src/inference/rate-limit.js';
import { FakeClock } from '../fixtures/fake-clock.js';
import { rawConnection } from './raw.js';
import { config, post, standInModerator, startApp, until, type Started } from './support.js';

const json = { 'content-type': 'application/json' };
let app: Started;
afterEach(() => app.close());

describe('the rate limit of a caller', () => {
  const clock = new FakeClock();
  const moderator = standInModerator();
  const start = async (trustProxy: false | number = false) => {
    app = await startApp({
      moderator,
      rateLimiter: createRateLimiter({ rate: 2, burst: 4, clock }),
      apiKeys: { nameOf: (key) => (key.startsWith('key of ') ? key.slice(7) : undefined) },
      config: { ...config, trustProxy },
    });
  };
  const ask = (texts: string[], headers: Record<string, string> = { 'x-api-key': 'key of shop' }) =>
    post(`${app.url}/v1/classify/batch`, { texts }, { ...json, ...headers });

  test('counts texts, and says when to come back', async () => {
    await start();
    expect((await ask(['о', 'о', 'о'])).status).toBe(200);
    const calls = moderator.calls.length;
    const refused = await ask(['о', 'о']);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({
      type: 'urn:rutox:problem:rate_limited',
      detail: expect.stringContaining('2 texts a second, at most 4 at once'),
    });
    expect(moderator.calls.length).toBe(calls);
    expect((await ask(['о'])).status).toBe(200);
    clock.advance(1000);
    expect((await ask(['о', 'о'])).status).toBe(200);
    await until(() => app.log.length === 4);
    expect(await app.metrics.expose()).toContain('rutox_rejected_total{reason="rate_limited"} 1');
    expect(await app.metrics.expose()).toContain('rutox_key_requests_total{key="shop",status="429"} 1');
  });

  test('is asked before the body comes', async () => {
    await start();
    await ask(['о', 'о', 'о', 'о']);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(app.port, '127.0.0.1', () =>
        socket.write(
          'POST /v1/classify HTTP/1.1\r\nHost: x\r\nX-API-Key: key of shop\r\nContent-Length: 50\r\n\r\n',
        ),
      );
      socket.once('data', (data) => {
        socket.destroy();
        resolve(String(data));
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 429 /);
  });

  test('is one for each key, and does not concern requests that score nothing', async () => {
    await start();
    expect((await ask(['о', 'о', 'о', 'о'])).status).toBe(200);
    expect((await ask(['о'])).status).toBe(429);
    expect((await ask(['о', 'о', 'о', 'о'], { 'x-api-key': 'key of forum' })).status).toBe(200);
    const models = await fetch(`${app.url}/v1/models`, { headers: { 'x-api-key': 'key of shop' } });
    expect(models.status).toBe(200);
  });

  test('is one for each address where there are no keys, as seen through trusted proxies', async () => {
    const limiter = () => createRateLimiter({ rate: 2, burst: 4, clock });
    const from = (address: string) =>
      post(
        `${app.url}/v1/classify/batch`,
        { texts: ['о', 'о', 'о'] },
        { ...json, 'x-forwarded-for': address },
      );

    app = await startApp({ rateLimiter: limiter(), config: { ...config, trustProxy: 1 } });
    expect((await from('203.0.113.1')).status).toBe(200);
    expect((await from('203.0.113.2')).status).toBe(200);
    expect((await from('198.51.100.9, 203.0.113.2')).status).toBe(429);
    expect((await from('2001:db8:1:1::1')).status).toBe(200);
    expect((await from('2001:db8:1:1:ffff::2')).status).toBe(429);
    await app.close();

    app = await startApp({ rateLimiter: limiter(), config: { ...config, trustProxy: false } });
    expect((await from('203.0.113.1')).status).toBe(200);
    expect((await from('203.0.113.2')).status).toBe(429);
  });
});

describe('a server without room', () => {
  test.each([
    ['/v1/classify', 1],
    ['/v1/classify/batch', 2],
  ])('%s is refused before the body comes, unless %d texts would be accepted', async (path, least) => {
    let room = least - 1;
    const moderator = standInModerator(undefined, (texts) => {
      if (texts > room) throw new RutoxError('overloaded', 'The queue is full.', { retryAfterSeconds: 3 });
    });
    app = await startApp({ moderator });
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n`;
    const { socket, received } = rawConnection(app.port, `${head}\r\n{"te`);
    await until(() => received().includes('urn:rutox:problem:overloaded'));
    expect(received()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(received()).toContain('Retry-After: 3\r\n');
    socket.destroy();

    room = least;
    const body = path.endsWith('batch') ? { texts: ['о', 'о'] } : { text: 'о' };
    expect((await post(app.url + path, body)).status).toBe(200);
    await until(() => app.log.length === 2);
    expect(app.log[0]).toMatchObject({ route: path, status: 503, kind: 'overloaded' });
  });

  test('reads past the body of a request that it refuses, and takes the next one on the same connection', async () => {
    let room = 0;
    const moderator = standInModerator(undefined, (texts) => {
      if (texts > room) throw new RutoxError('overloaded', 'The queue is full.');
    });
    app = await startApp({ moderator });
    const body = JSON.stringify({ text: 'x'.repeat(50) });
    const request = `POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const { socket, received } = rawConnection(app.port, request);
    await until(() => received().includes('overloaded'));
    room = 1;
    socket.write(request);
    await until(() => received().includes('toxic_score'));
    expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200']);
    socket.destroy();
  });
});
