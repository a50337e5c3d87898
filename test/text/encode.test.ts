import { describe, expect, it } from '@jest/globals';
import { Encoder, type Encoded, type Subwords } from '../../src/text/encode.js';
import { tokenize } from '../../src/text/tokenize.js';
import type { Vocabulary } from '../../src/text/vocabulary.js';

const vocabulary: Vocabulary = {
  format: 1,
  words: ['<unk>', 'ты', '!', '<number>', 'дурак'],
  ngrams: { min: 3, max: 5, buckets: 1000 },
};
const FIRST_NGRAM = 6;

function bags({ units, starts }: Encoded): number[][] {
  return Array.from({ length: starts.length - 1 }, (_, i) =>
    Array.from(units.subarray(starts[i], starts[i + 1])),
  );
}

function encode(text: string, subwords?: Subwords): number[][] {
  return bags(new Encoder(vocabulary).encode(text, subwords === undefined ? {} : { subwords }));
}

/** The definition, written as plainly as can be. */
function fnv1a(text: string): number {
  let hash = 2166136261n;
  for (const unit of text.split('')) hash = ((hash ^ BigInt(unit.charCodeAt(0))) * 16777619n) % 2n ** 32n;
  return Number(hash);
}

function ngrams(...grams: string[]): number[] {
  return grams.map((gram) => FIRST_NGRAM + (fnv1a(gram) % vocabulary.ngrams.buckets));
}

describe('Encoder', () => {
  it('gives known words their row', () => {
    expect(encode('Ты дурак! 5')).toEqual([[2], [5], [3], [4]]);
  });

  it('gives unknown words their n-grams, short ones first', () => {
    expect(encode('дом')).toEqual([ngrams('<до', 'дом', 'ом>', '<дом', 'дом>')]);
  });

  it('leaves the whole bracketed word out', () => {
    expect(encode('я')).toEqual([[1]]);
    expect(encode('яд')).toEqual([ngrams('<яд', 'яд>')]);
  });

  it('keeps the star of a half-hidden word in its n-grams', () => {
    expect(encode('х*й')).toEqual([ngrams('<х*', 'х*й', '*й>', '<х*й', 'х*й>')]);
  });

  it('gives unknown signs and special tokens the row of the unknown word', () => {
    expect(encode('😂 @ivan ;')).toEqual([[1], [1], [1]]);
  });

  it('gives known words their n-grams too when all are asked for', () => {
    expect(encode('ты !', 'all')).toEqual([[2, ...ngrams('<ты', 'ты>')], [3]]);
    expect(encode('5 дом', 'all')).toEqual([[4], ngrams('<до', 'дом', 'ом>', '<дом', 'дом>')]);
  });

  it('gives only kept buckets a row, and an unknown word without any the row of the unknown word', () => {
    const bucket = (gram: string) => fnv1a(gram) % 1000;
    const kept = [bucket('дом'), bucket('дом>')].toSorted((a, b) => a - b);
    const encoder = new Encoder({ ...vocabulary, ngrams: { min: 3, max: 5, buckets: 1000, kept } });
    const row = (gram: string) => FIRST_NGRAM + kept.indexOf(bucket(gram));
    expect(bags(encoder.encode('дом сад'))).toEqual([[row('дом'), row('дом>')], [1]]);
  });

  it('encodes a text without tokens to none', () => {
    expect(new Encoder(vocabulary).encode(' ')).toEqual({
      units: new Int32Array(0),
      starts: Int32Array.of(0),
    });
  });

  it('takes at most 32 n-grams of a word, and with them covers the longest', () => {
    const word = 'абвгдежзиклмнопрстуфхцчшщэюяабвг';
    expect(word).toHaveLength(32);
    const [bag = []] = encode(word);
    expect(bag).toHaveLength(32);
    expect(bag.at(-1)).toBe(ngrams('вг>')[0]);
  });

  it('gives the same however much it has seen before', () => {
    const encoder = new Encoder(vocabulary);
    const before = bags(encoder.encode('неведомое слово'));
    // More distinct tokens than it remembers.
    const letters = 'абвгдежзик';
    for (let i = 0; i < 70_000; i += 1) {
      encoder.encode(Array.from(String(i), (digit) => letters[Number(digit)]).join('ъ'));
    }
    expect(bags(encoder.encode('неведомое слово'))).toEqual(before);
    expect(bags(encoder.encode('ты'))).toEqual([[2]]);
  });

  it('leaves what it returned as it was', () => {
    const encoder = new Encoder(vocabulary);
    const texts = Array.from({ length: 2000 }, (_, i) => 'неведомое ты дом '.repeat(i % 7));
    const results = texts.map((text) => encoder.encode(text));
    expect(results.map(bags)).toEqual(texts.map((text) => encode(text)));
  });

  it('does not keep a huge text in mind', () => {
    const encoder = new Encoder(vocabulary);
    const text = 'неведомое слово '.repeat(20_000);
    expect(encoder.encode(text).starts).toHaveLength(40_001);
    expect(bags(encoder.encode('ты'))).toEqual([[2]]);
  });

  it('refuses a vocabulary without the unknown word', () => {
    expect(() => new Encoder({ ...vocabulary, words: ['ты'] })).toThrow('lacks <unk>');
  });

  it.each<Subwords>(['unknown', 'all'])('encodes the tokens of tokenize (%s)', (subwords) => {
    const encoder = new Encoder(vocabulary);
    const text = 'Ты д.у.р.а.к, xотя 10й раз!! пишу на a@b.ru 😂';
    const expected = tokenize(text).map((token) => encoder.tokenUnits(token.text, subwords));
    expect(bags(encoder.encode(text, { subwords }))).toEqual(expected);
  });
});
