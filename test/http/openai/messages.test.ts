import { describe, expect, test } from '@jest/globals';
import { RutoxError } from '../../../src/errors.js';
import { openAiApi } from '../../../src/http/openai/api.js';
import { moderationReader, moderationResponse } from '../../../src/http/openai/messages.js';
import { CATEGORIES } from '../../../src/http/openai/schemas.js';
import { moderationOf } from '../support.js';

const read = moderationReader({ maxTexts: 3, maxTextChars: 10 });
const part = (text: string) => ({ type: 'text', text });
const image = { type: 'image_url', image_url: { url: 'https://example.org/a.png' } };

describe('input', () => {
  test.each<[unknown, string[], boolean]>([
    ['а', ['а'], true],
    ['', [''], true],
    [['а', 'б'], ['а', 'б'], false],
    [[''], [''], false],
    [[part('а'), part('б')], ['а', 'б'], true],
  ])('%j', (input, texts, isOneMessage) => {
    expect(read({ input, model: 'text-moderation-latest', more: 1 })).toEqual({ texts, isOneMessage });
  });

  test.each<[string, unknown, object]>([
    [
      'none',
      {},
      {
        message: "Missing required parameter: 'input'.",
        param: 'input',
        code: 'missing_required_parameter',
      },
    ],
    ['a number', { input: 1 }, { message: 'input must be a string or an array.', param: 'input' }],
    ['null', { input: null }, { message: 'input must be a string or an array.', param: 'input' }],
    ['an object', { input: part('а') }, { message: 'input must be a string or an array.', param: 'input' }],
    ['nothing in it', { input: [] }, { message: 'input must have at least 1 item.', param: 'input' }],
    ['tokens', { input: [1, 2] }, { message: 'input[0] must be a string; input[1] must be a string.' }],
    [
      'too many texts',
      { input: ['а', 'б', 'в', 'г'] },
      { message: 'input must have at most 3 items.', param: 'input' },
    ],
    [
      'too long a text',
      { input: ['а', 'б'.repeat(11)] },
      { message: 'input[1] must have at most 10 characters (Unicode code points).', param: 'input[1]' },
    ],
    [
      'texts and parts',
      { input: [part('а'), 'б'] },
      { message: 'input[1] must be an object.', param: 'input[1]' },
    ],
    ['a part without text', { input: [{ type: 'text' }] }, { param: 'input[0].text' }],
    [
      'a part of another type',
      { input: [{ type: 'video', text: 'а' }] },
      { message: 'input[0].type must be one of: text.', param: 'input[0].type' },
    ],
    [
      'an image',
      { input: [image] },
      { message: expect.stringContaining('looks at no image'), param: 'input[0]' },
    ],
    ['an image beside text', { input: [part('а'), image] }, { param: 'input[1]' }],
    ['a model that is no string', { input: 'а', model: 1 }, { param: 'model' }],
    ['no object', ['а'], { message: 'The body must be an object.', param: null }],
  ])('%s is refused', (_name, body, error) => {
    expect(refusal(body)).toEqual({
      status: 400,
      body: {
        error: {
          code: 'invalid_value',
          message: expect.any(String),
          type: 'invalid_request_error',
          param: expect.anything(),
          ...error,
        },
      },
    });
  });

  function refusal(body: unknown): object {
    try {
      read(body);
    } catch (thrown) {
      const answer = openAiApi.errorAnswer(thrown as RutoxError, { headers: {} } as never, '');
      return { status: answer.status, body: answer.body };
    }
    throw new Error('was accepted');
  }
});

describe('the answer', () => {
  const answer = (texts: string[], isOneMessage: boolean) =>
    moderationResponse(moderationOf({ texts, options: {} }), { texts, isOneMessage });

  test('has a result for each text', () => {
    const { id, model, results } = answer(['ах', 'хх'], false);
    expect(id).toMatch(/^modr-[0-9a-f]{32}$/);
    expect(model).toBe('rutox-7.3');
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true]);
    expect(results.map(({ category_scores: scores }) => scores.harassment)).toEqual([0.5, 1]);
  });

  test('has one result for the parts of a message: that of the worst', () => {
    const { results } = answer(['ах', 'хх', 'аа'], true);
    expect(results.map(({ category_scores: scores }) => scores.harassment)).toEqual([1]);
  });

  test('says nothing of what was not looked at', () => {
    const [result] = answer(['хх'], true).results;
    const { categories, category_scores: scores, category_applied_input_types: types } = result!;
    for (const each of [categories, scores, types]) expect(Object.keys(each)).toEqual([...CATEGORIES]);
    expect(categories.harassment).toBe(true);
    expect(types.harassment).toEqual(['text']);
    for (const category of CATEGORIES.filter((each) => each !== 'harassment')) {
      expect([category, categories[category], scores[category], types[category]]).toEqual([
        category,
        false,
        0,
        [],
      ]);
    }
  });
});
