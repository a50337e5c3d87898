import { afterEach, describe, expect, test } from '@jest/globals';
import { RutoxError } from '../../src/errors.js';
import { createRateLimiter } from '../../src/inference/rate-limit.js';
import { FakeClock } from '../fixtures/fake-clock.js';
import { post, standInModerator, startApp, until, type Started } from './support.js';

let app: Started;
afterEach(() => app.close());

const explained = {
  is_toxic: true,
  toxic_score: 0.75,
  threshold: 0.5,
  model: '7.3',
  spans: [{ begin: 0, end: 1, contribution: 0.75 }],
};

describe.each([
  ['/v1/explain', {}],
  ['/v1/classify', { explain: true }],
])('POST %s', (path, explain) => {
  test('answers the verdict and its reasons', async () => {
    const moderator = standInModerator();
    app = await startApp({ moderator });
    const response = await post(app.url + path, { text: 'хххо', ...explain });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(explained);
    expect(response.headers.get('server-timing')).toContain('inference;dur=10.500');
    await post(app.url + path, { text: 'о', threshold: 0.1, policy: 'autoban', ...explain });
    expect(moderator.calls.at(-1)?.options).toEqual({
      threshold: 0.1,
      policy: 'autoban',
      signal: expect.anything(),
    });
  });

  test('reads half a surrogate pair as U+FFFD', async () => {
    const moderator = standInModerator();
    app = await startApp({ moderator });
    await post(app.url + path, JSON.stringify({ text: 'a\ud83db', ...explain }));
    expect(moderator.calls.at(-1)?.texts).toEqual(['a\uFFFDb']);
  });

  test('counts as all the texts that it has scored', async () => {
    const clock = new FakeClock();
    app = await startApp({ rateLimiter: createRateLimiter({ rate: 1, burst: 4, clock }) });
    expect((await post(app.url + path, { text: 'о', ...explain })).status).toBe(200);
    const refused = await post(app.url + path, { text: 'о', ...explain });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await post(`${app.url}/v1/classify`, { text: 'о' })).status).toBe(200);
    await until(() => app.log.length === 3);
    expect(app.log.map(({ texts }) => texts)).toEqual([3, 3, 1]);
  });
});

test('POST /v1/classify answers without reasons unless it is asked for them', async () => {
  app = await startApp();
  const { spans: _, ...verdict } = explained;
  expect(await (await post(`${app.url}/v1/classify`, { text: 'хххо', explain: false })).json()).toEqual(
    verdict,
  );
});

test('POST /v1/explain knows no other fields, and is refused where two texts would be', async () => {
  const full = () => {
    throw new RutoxError('overloaded', 'The queue is full.');
  };
  app = await startApp({ moderator: standInModerator(undefined, (texts) => texts > 1 && full()) });
  expect((await post(`${app.url}/v1/explain`, { text: 'о' })).status).toBe(503);
  expect((await post(`${app.url}/v1/classify`, { text: 'о' })).status).toBe(200);
  await app.close();
  app = await startApp();
  const refused = await post(`${app.url}/v1/explain`, { text: 'о', explain: true });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ errors: [{ pointer: '/explain' }] });
});
