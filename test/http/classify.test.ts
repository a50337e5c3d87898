import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { post, standInModerator, startApp, type Started } from './support.js';

const moderator = standInModerator();
let app: Started;
beforeAll(async () => {
  app = await startApp({ moderator });
});
afterAll(() => app.close());

describe('POST /v1/classify', () => {
  test('answers verdict, score, threshold and model version', async () => {
    const response = await post(`${app.url}/v1/classify`, { text: 'хххо' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      is_toxic: true,
      toxic_score: 0.75,
      threshold: 0.5,
      model: '7.3',
    });
  });

  test('passes threshold and policy on', async () => {
    const url = `${app.url}/v1/classify`;
    expect(await (await post(url, { text: 'хо', threshold: 0.4 })).json()).toMatchObject({
      threshold: 0.4,
      is_toxic: true,
    });
    expect(moderator.calls.at(-1)?.options).toEqual({ threshold: 0.4, signal: expect.anything() });
    expect(await (await post(url, { text: 'хо', policy: 'autoban' })).json()).toMatchObject({
      threshold: 0.75,
      is_toxic: false,
    });
    await post(url, { text: 'хо', policy: 'autoban', threshold: 0 });
    expect(moderator.calls.at(-1)?.options).toMatchObject({ threshold: 0, policy: 'autoban' });
  });

  test('sets the headers of an API answer, and no others', async () => {
    const response = await post(`${app.url}/v1/classify`, { text: 'хо' });
    const headers = Object.fromEntries(response.headers);
    expect(headers).toEqual({
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'content-length': String((await response.arrayBuffer()).byteLength),
      'content-type': 'application/json',
      date: expect.any(String),
      'keep-alive': 'timeout=75',
      'server-timing': 'tokenize;dur=0.125, queue;dur=2.000, inference;dur=10.500',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('reads half a surrogate pair as U+FFFD and leaves whole pairs and control characters alone', async () => {
    await post(`${app.url}/v1/classify`, String.raw`{"text": "a\ud83db \ud83d\ude00 \udc00\u0000\u0007"}`);
    expect(moderator.calls.at(-1)?.texts).toEqual(['a\uFFFDb 😀 \uFFFD\u0000\u0007']);
  });

  test.each(['👍👍', '!!!', '\u0000', '\u200b'])('passes a text without words on: %j', async (text) => {
    expect((await post(`${app.url}/v1/classify`, { text })).status).toBe(200);
    expect(moderator.calls.at(-1)?.texts).toEqual([text]);
  });
});

describe('POST /v1/classify/batch', () => {
  test('answers one result for each text, in order', async () => {
    const response = await post(`${app.url}/v1/classify/batch`, {
      texts: ['о', 'х', 'хо', 'хххо'],
      threshold: 0.5,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      results: [
        { is_toxic: false, toxic_score: 0 },
        { is_toxic: true, toxic_score: 1 },
        { is_toxic: false, toxic_score: 0.5 },
        { is_toxic: true, toxic_score: 0.75 },
      ],
      threshold: 0.5,
      model: '7.3',
    });
    expect(response.headers.get('server-timing')).toContain('inference;dur=10.500');
  });

  test('asks the moderator once', async () => {
    const before = moderator.calls.length;
    await post(`${app.url}/v1/classify/batch`, { texts: ['о', 'х'], policy: 'premoderate' });
    expect(moderator.calls.slice(before)).toEqual([
      { texts: ['о', 'х'], options: { policy: 'premoderate', signal: expect.anything() } },
    ]);
  });
});
