import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI, { AuthenticationError, BadRequestError, RateLimitError } from 'openai';
import { post } from '../http/support.js';
import { startServer, type ReadyServer } from './server.js';

/** OpenAI's own client against the server. */

const KEY = 'key-of-the-contract';
const RUDE = 'Ты тупой идиот, заткнись';
const KIND = 'Спасибо за интересную статью!';

let real: ReadyServer;
/** Asks for a key, and gives each two texts, then one a second. */
let strict: ReadyServer;
/** Has room for one text. */
let narrow: ReadyServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-openai-'));
  writeFileSync(join(folder, 'keys'), `shop:${KEY}\n`);
  [real, strict, narrow] = await Promise.all([
    startServer(),
    startServer({
      RUTOX_API_KEYS_FILE: join(folder, 'keys'),
      RUTOX_RATE_LIMIT: '1',
      RUTOX_MAX_TEXTS: '2',
    }),
    startServer({ RUTOX_MAX_QUEUE: '1', RUTOX_MAX_TEXTS: '1', RUTOX_MAX_TEXT_CHARS: '1000000' }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([real.stop(), strict.stop(), narrow.stop()]);
  rmSync(folder, { recursive: true });
});

/** The client, and the status of each answer that it got, those that it did not show included. */
function clientOf(server: ReadyServer, options: { apiKey?: string | null; maxRetries?: number } = {}) {
  const statuses: number[] = [];
  const { apiKey = KEY, maxRetries } = options;
  const client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: apiKey ?? 'none',
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(apiKey === null ? { defaultHeaders: { Authorization: null } } : {}),
    async fetch(url, init) {
      const response = await fetch(url, init);
      statuses.push(response.status);
      return response;
    },
  });
  return { client, statuses };
}

describe('answers', () => {
  test('one text, as the native API does', async () => {
    const { client } = clientOf(real);
    const answer = await client.moderations.create({ input: RUDE, model: 'omni-moderation-latest' });
    const native = (await (await post(`${real.url}/v1/classify`, { text: RUDE })).json()) as {
      is_toxic: boolean;
      toxic_score: number;
    };
    expect(answer.id).toMatch(/^modr-/);
    expect(answer.model).toBe('rutox-1.1');
    expect(answer.results).toHaveLength(1);
    const [result] = answer.results;
    expect(native.is_toxic).toBe(true);
    expect(result).toMatchObject({ flagged: true, categories: { harassment: true, violence: false } });
    // Another batch may differ in the last digits.
    expect(result!.category_scores.harassment).toBeCloseTo(native.toxic_score, 4);
  });

  test('several texts, in order', async () => {
    const { results } = await clientOf(real).client.moderations.create({ input: [KIND, RUDE, ''] });
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true, false]);
    expect(results[2]!.category_scores.harassment).toBe(0);
  });

  test('the parts of a message with one result', async () => {
    const input = [KIND, RUDE].map((text) => ({ type: 'text' as const, text }));
    const { results } = await clientOf(real).client.moderations.create({ input });
    expect(results.map(({ flagged }) => flagged)).toEqual([true]);
  });

  test('with the id of the request', async () => {
    const { client } = clientOf(real);
    const headers = { 'X-Request-Id': 'from-the-caller' };
    const { request_id: id } = await client.moderations.create({ input: KIND }, { headers }).withResponse();
    expect(id).toBe('from-the-caller');
  });
});

describe('errors are those that the client knows', () => {
  test.each([
    [{ input: [] }, { param: 'input', code: 'invalid_value' }],
    [{}, { param: 'input', code: 'missing_required_parameter' }],
    [{ input: Array<string>(129).fill(KIND) }, { param: 'input', code: 'invalid_value' }],
    [{ input: KIND.repeat(1000) }, { param: 'input', code: 'invalid_value' }],
    [
      { input: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] },
      { param: 'input[0]', code: 'invalid_value' },
    ],
  ])('a request that is wrong: %#', async (body, expected) => {
    const { client, statuses } = clientOf(real);
    const error = await failure(client.moderations.create(body as never));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', ...expected });
    expect(error.requestID).toEqual(expect.any(String));
    expect(statuses).toEqual([400]);
  });

  test('a key that does not hold', async () => {
    const { client, statuses } = clientOf(strict, { apiKey: 'key-of-another' });
    const error = await failure(client.moderations.create({ input: KIND }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
    expect(error.message).toMatch(/^401 Incorrect API key provided: /);
    expect(error.message).not.toContain('key-of-another');
    expect(statuses).toEqual([401]);
  });

  test('no key', async () => {
    const error = await failure(
      clientOf(strict, { apiKey: null }).client.moderations.create({ input: KIND }),
    );
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: null });
    expect(error.message).toMatch(/^401 You didn't provide an API key\./);
  });

  test('more than the caller may ask: retried when Retry-After says so, else told', async () => {
    const patient = clientOf(strict);
    for (let tries = 0; !patient.statuses.includes(429) && tries < 100; tries++) {
      await patient.client.moderations.create({ input: [KIND, KIND] });
    }
    expect(patient.statuses).toContain(429);
    expect(patient.statuses.at(-1)).toBe(200);

    const { client } = clientOf(strict, { maxRetries: 0 });
    const error = await failure(client.moderations.create({ input: [KIND, KIND] }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
  }, 30_000);
});

test('is retried by the client when the server is full, until there is room', async () => {
  const { client, statuses } = clientOf(narrow, { maxRetries: 10 });
  const text = `${KIND} `.repeat(20_000);
  const others = (async () => {
    while (!statuses.includes(503)) await post(`${narrow.url}/v1/classify`, { text });
  })();
  while (!statuses.includes(503)) {
    const { results } = await client.moderations.create({ input: RUDE });
    expect(results[0]!.flagged).toBe(true);
  }
  await others;
  expect(statuses.at(-1)).toBe(200);
}, 60_000);

test('is counted under its own route, one verdict for each text', async () => {
  const before = await verdicts();
  await clientOf(real).client.moderations.create({ input: [KIND, RUDE] });
  expect((await verdicts()) - before).toBe(2);
  const metrics = await (await fetch(`${real.url}/metrics`)).text();
  expect(metrics).toMatch(
    /rutox_http_request_duration_seconds_count\{[^}]*route="\/v1\/moderations"[^}]*\} \d/,
  );

  async function verdicts(): Promise<number> {
    const text = await (await fetch(`${real.url}/metrics`)).text();
    return [...text.matchAll(/^rutox_texts_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  }
});

async function failure(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call;
  } catch (error) {
    expect(error).toBeInstanceOf(OpenAI.APIError);
    return error as InstanceType<typeof OpenAI.APIError>;
  }
  throw new Error('the call succeeded');
}
