import { describe, expect, it } from '@jest/globals';
import { tokenize } from '../../src/text/tokenize.js';

const tokens = (original: string): string[] => tokenize(original).map((token) => token.text);

describe('tokenize', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' \n\u200B ', []],
    ['Ты кто?', ['ты', 'кто', '?']],
    ['что-то кто-нибудь', ['что', 'то', 'кто', 'нибудь']],
    ['3D-принтер', ['3d', 'принтер']],
    ['snake_case', ['snake', 'case']],
    ['да - нет -- ну', ['да', '-', 'нет', '--', 'ну']],
    ['нет! да!!! что?!?! а??', ['нет', '!', 'да', '!!', 'что', '?!', 'а', '??']],
    ['ладно) ок)))', ['ладно', ')', 'ок', '))']],
    ['да... ну…', ['да', '..', 'ну', '..']],
    ['😂😂👍🏽', ['😂', '😂', '👍']],
    ['👨‍👩‍👧', ['👨', '👩', '👧']],
    ['«да», но', ['"', 'да', '"', ',', 'но']],
    ['10й 5ти', ['<number>', 'й', '<number>', 'ти']],
    ['overдурак', ['over', 'дурак']],
    ['х*й п***ц', ['х*й', 'п**ц']],
    ['example.ru @ivan 5', ['<url>', '<mention>', '<number>']],
    ['v1.0', ['v1.0']],
    ['漢字', ['漢字']],
  ])('%s', (original, expected) => {
    expect(tokens(original)).toEqual(expected);
  });

  it('says where each token stands in the original', () => {
    const original = 'Эй, д.е.б.и.л! http://example.com 👍🏽ﬁn';
    expect(tokenize(original).map(({ start, end }) => original.slice(start, end))).toEqual([
      'Эй',
      ',',
      'д.е.б.и.л',
      '!',
      'http://example.com',
      '👍🏽',
      'ﬁn',
    ]);
  });

  it('counts dropped marks to the letter before', () => {
    expect(tokenize('д\u0336у\u0336р\u0336')).toEqual([{ text: 'дур', start: 0, end: 6 }]);
  });

  it('goes on in further tokens where a word is too long, and loses nothing', () => {
    const original = 'абвгд'.repeat(20);
    const parts = tokens(original);
    expect(parts.map((part) => part.length)).toEqual([32, 32, 32, 4]);
    expect(parts.join('')).toBe(original);
  });

  it('gives a character that stands for several to one token only', () => {
    expect(tokenize('д㎡а').map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [2, 3],
    ]);
  });
});
