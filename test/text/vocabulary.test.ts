import { describe, expect, it } from '@jest/globals';
import { parseVocabulary } from '../../src/text/vocabulary.js';

const good = { format: 1, words: ['<unk>', 'да'], ngrams: { min: 3, max: 5, buckets: 100 } };

describe('parseVocabulary', () => {
  it('gives back what is right', () => {
    expect(parseVocabulary(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  it.each<[string, unknown, string]>([
    ['no object', null, 'vocabulary: not an object'],
    ['a list', [], 'vocabulary: not an object'],
    ['another format', { ...good, format: 2 }, 'vocabulary: format 2 is not known, only 1'],
    ['no words', { ...good, words: 'да' }, 'vocabulary: words is not a list'],
    ['an empty word', { ...good, words: ['<unk>', ''] }, 'vocabulary: words[1] is not a word'],
    ['a word twice', { ...good, words: ['<unk>', 'а', 'а'] }, 'vocabulary: words[2] stands there twice'],
    ['no unknown word', { ...good, words: ['а'] }, 'vocabulary: words lacks <unk>'],
    ['no ngrams', { ...good, ngrams: 3 }, 'vocabulary: ngrams is not an object'],
    [
      'a fraction',
      { ...good, ngrams: { min: 2.5, max: 5, buckets: 9 } },
      'vocabulary: ngrams.min is not a whole number above 0',
    ],
    [
      'no buckets',
      { ...good, ngrams: { min: 3, max: 5, buckets: 0 } },
      'vocabulary: ngrams.buckets is not a whole number above 0',
    ],
    [
      'min above max',
      { ...good, ngrams: { min: 6, max: 5, buckets: 9 } },
      'vocabulary: ngrams.min is larger than ngrams.max',
    ],
    [
      'more buckets than the encoder holds',
      { ...good, ngrams: { min: 3, max: 5, buckets: 2 ** 31 } },
      'vocabulary: ngrams.buckets is over 16777216',
    ],
    [
      'kept buckets out of order',
      { ...good, ngrams: { min: 3, max: 5, buckets: 9, kept: [4, 2] } },
      'vocabulary: ngrams.kept[1] is not a bucket above the one before it',
    ],
    [
      'a kept bucket that is none',
      { ...good, ngrams: { min: 3, max: 5, buckets: 9, kept: [9] } },
      'vocabulary: ngrams.kept[0] is not a bucket above the one before it',
    ],
    [
      'kept buckets that are no list',
      { ...good, ngrams: { min: 3, max: 5, buckets: 9, kept: 'all' } },
      'vocabulary: ngrams.kept is not a list',
    ],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseVocabulary(json)).toThrow(new Error(message));
  });
});
