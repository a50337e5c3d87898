import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRateLimiter } from '../../src/inference/rate-limit.js';
import { FakeClock } from '../fixtures/fake-clock.js';
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
