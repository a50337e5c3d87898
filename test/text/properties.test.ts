import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Encoder, type Subwords } from '../../src/text/encode.js';
import { normalize } from '../../src/text/normalize.js';
import { tokenize } from '../../src/text/tokenize.js';

/** Pieces that touch every rule, and each other where they are put together. */
const PIECES = [
  ...'абеийлосухяdcexyABHпзт'.split(''),
  ...'0136 .-_*@$#!?/:\'"()<>,~|&'.split(''),
  'http://',
  'vk.com',
  '@ivan',
  'a@b.ru',
  '\u0301',
  '\u0306',
  '\u0308',
  '\u200B',
  '😂',
  '👍🏽',
  '\uD800',
  '\uDC00',
  'ﬁ',
  '½',
  'ﷺ',
  '㎡',
  '\n',
  '…',
  '№',
  '𝒅',
  'İ',
  '‼',
  '\0',
  'ааа',
  'СССР',
  '<url>',
  '<number>',
  '漢',
  '\u0E33',
];
const disguised = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''));
/** Any UTF-16 units: surrogates without their half, unassigned characters, everything. */
const anyUnits = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});
const anyText = fc.oneof(disguised, anyUnits, fc.string({ unit: 'grapheme' }));

describe('any string', () => {
  it('gives ordered tokens that do not overlap, inside the string and not empty', () => {
    fc.assert(
      fc.property(anyText, (original) => {
        let before = 0;
        const wrong = tokenize(original).filter(({ text, start, end }) => {
          const isRight = start >= before && end > start && end <= original.length;
          before = end;
          return !isRight || text.length === 0 || text.length > 32;
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('normalises to units with ordered origins', () => {
    fc.assert(
      fc.property(anyText, (original) => {
        const { text, starts, ends } = normalize(original);
        expect([starts.length, ends.length]).toEqual([text.length, text.length]);
        const isRight = (start: number, at: number): boolean =>
          start >= (starts[at - 1] ?? 0) && (ends[at] ?? 0) > start && (ends[at] ?? 0) <= original.length;
        expect(starts.every(isRight)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds no upper case, no invisible character and no lone surrogate once normalised', () => {
    fc.assert(
      fc.property(anyText, (original) => {
        const { text } = normalize(original);
        expect(text).toBe(text.toLowerCase());
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Mn}\p{Me}\p{Cs}ё]/u);
        expect(text).toBe(text.trim());
      }),
      { numRuns: 2000 },
    );
  });

  it.each<Subwords>(['unknown', 'all'])('encodes to the rows of its tokens (%s)', (subwords) => {
    const encoder = new Encoder({
      format: 1,
      words: ['<unk>', 'а', 'ау', '!', '<url>', '<number>'],
      ngrams: { min: 3, max: 5, buckets: 500 },
    });
    fc.assert(
      fc.property(anyText, (original) => {
        const { units, starts } = encoder.encode(original, { subwords });
        const expected = tokenize(original).map(({ text }) => encoder.tokenUnits(text, subwords));
        const bags = expected.map((_, i) => Array.from(units.subarray(starts[i], starts[i + 1])));
        expect(bags).toEqual(expected);
        expect(starts).toHaveLength(expected.length + 1);
        expect(Math.min(1, ...units)).toBeGreaterThan(0);
        expect(Math.max(1, ...units)).toBeLessThan(1 + 6 + 500);
      }),
      { numRuns: 1000 },
    );
  });
});
