import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import * as schemas from '../../src/http/schemas.js';
import { post, standInModerator, startApp, type Started } from './support.js';

const moderator = standInModerator();
let app: Started;
beforeAll(async () => {
  app = await startApp({ moderator });
});
afterAll(() => app.close());

const NOT_BLANK = 'must contain at least one character that is not white space';

/** The violations that a body is refused with. */
async function violations(path: string, body: unknown): Promise<unknown> {
  const response = await post(app.url + path, body);
  expect(response.status).toBe(422);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: 'urn:rutox:problem:invalid_request',
    status: 422,
    detail: expect.stringContaining('see errors'),
    instance: response.headers.get('x-request-id'),
  });
  return problem['errors'];
}

test('every schema is one: the server itself does not look, for the sake of its start', () => {
  const limits = { maxTexts: 128, maxTextChars: 10_000 };
  const all: SchemaObject[] = Object.entries(schemas)
    .filter(([name]) => name.endsWith('Schema'))
    .map(([, schema]) => (typeof schema === 'function' ? schema(limits) : schema) as SchemaObject);
  expect(all.length).toBeGreaterThan(8);
  const ajv = new Ajv2020();
  for (const schema of all) expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
  expect(ajv.validateSchema({ type: 'strng' })).toBe(false);
});

describe('a body that breaks the schema is refused with where and why', () => {
  const single: [name: string, body: unknown, pointer: string, detail: string][] = [
    ['no text', {}, '/text', 'is required'],
    ['null', { text: null }, '/text', 'must be a string'],
    ['a number', { text: 5 }, '/text', 'must be a string'],
    ['an array', { text: ['а'] }, '/text', 'must be a string'],
    ['empty', { text: '' }, '/text', NOT_BLANK],
    ['white space alone', { text: ' \n\t\u00a0\u2003\ufeff' }, '/text', NOT_BLANK],
    [
      'too long',
      { text: 'а'.repeat(101) },
      '/text',
      'must have at most 100 characters (Unicode code points)',
    ],
    ['threshold below 0', { text: 'а', threshold: -0.1 }, '/threshold', 'must be >= 0'],
    ['threshold above 1', { text: 'а', threshold: 1.1 }, '/threshold', 'must be <= 1'],
    ['threshold as text', { text: 'а', threshold: '0.5' }, '/threshold', 'must be a number'],
    ['threshold null', { text: 'а', threshold: null }, '/threshold', 'must be a number'],
    ['threshold infinite', '{"text": "а", "threshold": 1e999}', '/threshold', 'must be a number'],
    [
      'unknown policy',
      { text: 'а', policy: 'x' },
      '/policy',
      'must be one of: premoderate, balanced, autoban',
    ],
    [
      'unknown field',
      { text: 'а', language: 'ru' },
      '/language',
      'is not a known field; the known ones are: text, threshold, policy, explain',
    ],
    [
      'a field of the prototype',
      '{"text": "а", "__proto__": {"a": 1}}',
      '/__proto__',
      'is not a known field; the known ones are: text, threshold, policy, explain',
    ],
    ['explain as a word', { text: 'а', explain: 'yes' }, '/explain', 'must be a boolean'],
    ['not an object', '"текст"', '', 'must be an object'],
    ['null itself', 'null', '', 'must be an object'],
    ['an array itself', [{ text: 'а' }], '', 'must be an object'],
    ['deeply nested', `{"text": ${'['.repeat(4000)}${']'.repeat(4000)}}`, '/text', 'must be a string'],
  ];
  test.each(single)('%s', async (_name, body, pointer, detail) => {
    expect(await violations('/v1/classify', body)).toEqual([{ pointer, detail }]);
  });

  const batch: [name: string, body: unknown, pointer: string, detail: string][] = [
    ['no texts', {}, '/texts', 'is required'],
    ['not an array', { texts: 'а' }, '/texts', 'must be an array'],
    ['none', { texts: [] }, '/texts', 'must have at least 1 item'],
    ['too many', { texts: ['а', 'а', 'а', 'а', 'а'] }, '/texts', 'must have at most 4 items'],
    ['one blank', { texts: ['а', 'а', 'а', ' '] }, '/texts/3', NOT_BLANK],
    ['one null', { texts: ['а', null] }, '/texts/1', 'must be a string'],
  ];
  test.each(batch)('batch: %s', async (_name, body, pointer, detail) => {
    expect(await violations('/v1/classify/batch', body)).toEqual([{ pointer, detail }]);
  });
});

test('every violation is listed', async () => {
  expect(await violations('/v1/classify/batch', { texts: ['', 'а', 7], threshold: 2, txt: 'а' })).toEqual([
    { pointer: '/txt', detail: 'is not a known field; the known ones are: texts, threshold, policy' },
    { pointer: '/texts/0', detail: NOT_BLANK },
    { pointer: '/texts/2', detail: 'must be a string' },
    { pointer: '/threshold', detail: 'must be <= 1' },
  ]);
});

test('of a body with thousands of wrong places only the first is listed', async () => {
  expect(await violations('/v1/classify/batch', { texts: Array(3000).fill(1) })).toHaveLength(1);
  const fields = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, 0]));
  expect(await violations('/v1/classify', { text: 'а', ...fields })).toHaveLength(1);
});

test('a misplaced comment is not repeated as the name of a field', async () => {
  expect(await violations('/v1/classify', { 'Ты дурак': 1, text: 'а' })).toEqual([
    {
      pointer: '',
      detail: 'has a field that is not known; the known ones are: text, threshold, policy, explain',
    },
  ]);
});

test('the length is counted in code points', async () => {
  expect((await post(`${app.url}/v1/classify`, { text: '😀'.repeat(100) })).status).toBe(200);
  expect(await violations('/v1/classify', { text: '😀'.repeat(101) })).toHaveLength(1);
});

test('nothing that was refused reached the moderator', () => {
  expect(moderator.calls).toHaveLength(1);
});
