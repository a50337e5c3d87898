import { afterEach, describe, expect, test } from '@jest/globals';
import { config, post, startApp, type Started } from './support.js';

const PAGE = 'https://example.org';
const EXPOSED = 'Inference-Header-Content-Length,Retry-After,Server-Timing,X-Request-Id';
const json = { 'content-type': 'application/json' };
let app: Started;
afterEach(() => app.close());

const start = async (...corsOrigins: string[]) => {
  app = await startApp({
    config: { ...config, corsOrigins },
    apiKeys: { nameOf: (key) => (key === 'good' ? 'shop' : undefined) },
  });
};
const preflight = (path: string, origin: string, headers = 'authorization,content-type') =>
  fetch(app.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': headers,
    },
  });
/** The headers that CORS is about. */
const cors = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-')));

describe('a page that may call', () => {
  test('is told so beforehand, without a key', async () => {
    await start('https://other.example', PAGE);
    const response = await preflight('/v1/classify', PAGE);
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect(cors(response)).toEqual({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET,HEAD,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-expose-headers': EXPOSED,
      'access-control-max-age': '600',
      vary: 'Origin, Access-Control-Request-Headers',
    });
  });

  test.each([
    ['/v1/classify', 'content-encoding,content-type,x-api-key,x-request-id'],
    ['/v1/moderations', 'authorization,content-type,x-stainless-lang,x-stainless-retry-count'],
    ['/v2/models/toxicity/infer', 'content-type,inference-header-content-length'],
    ['/v1alpha1/comments:analyze', 'content-type,x-goog-api-client'],
  ])('may send the headers that clients of %s bring', async (path, headers) => {
    await start(PAGE);
    const response = await preflight(path, PAGE, headers);
    expect(response.status).toBe(204);
    expect(cors(response)).toMatchObject({ 'access-control-allow-headers': headers });
  });

  test('may read answers and errors', async () => {
    await start(PAGE);
    const expected = {
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': EXPOSED,
      vary: 'Origin',
    };
    const url = `${app.url}/v1/classify`;
    const good = { ...json, origin: PAGE, 'x-api-key': 'good' };
    const answers = [
      [200, await post(url, { text: 'о' }, good)],
      [422, await post(url, {}, good)],
      [401, await post(url, { text: 'о' }, { ...json, origin: PAGE })],
      [404, await fetch(`${app.url}/nothing`, { headers: { origin: PAGE } })],
      [405, await fetch(url, { headers: good })],
    ] as const;
    for (const [status, response] of answers)
      expect([response.status, cors(response)]).toEqual([status, expected]);
  });
});

test('another page is told nothing, but caches learn that the origin counts', async () => {
  await start(PAGE);
  for (const origin of [
    'https://evil.example',
    'https://example.org.evil.example',
    'http://example.org',
    'null',
  ]) {
    const { headers } = await preflight('/v1/classify', origin);
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
      null,
      'Origin, Access-Control-Request-Headers',
    ]);
    const answer = await post(
      `${app.url}/v1/classify`,
      { text: 'о' },
      { ...json, origin, 'x-api-key': 'good' },
    );
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  }
});

test('* stands for all pages', async () => {
  await start('*');
  const response = await post(
    `${app.url}/v1/classify`,
    { text: 'о' },
    { ...json, origin: PAGE, 'x-api-key': 'good' },
  );
  expect(cors(response)).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(cors(await preflight('/v1/classify', PAGE))).toMatchObject({ 'access-control-allow-origin': '*' });
});

test('without the setting no answer has a header of CORS', async () => {
  await start();
  expect(cors(await preflight('/v1/classify', PAGE))).toEqual({});
  expect(cors(await fetch(`${app.url}/livez`, { headers: { origin: PAGE } }))).toEqual({});
});
