import { describe, expect, it } from '@jest/globals';
import { Encoder } from '../../src/text/encode.js';

/** Each is eight times the one before; a square shows before the longest, which it would take minutes for, is tried. */
const LENGTHS = [16 * 1024, 128 * 1024, 1024 * 1024];
const LONGEST = LENGTHS.at(-1)!;
/**
 * Work that grows with the square takes 64 times as long for 8 times the length; linear work takes 8 times.
 * The bound lies far from both, so that a busy machine does not fail the test.
 */
const BOUND = 30;
/** Below this the time for a megabyte is mostly noise. */
const SHORTEST_MS = 4;
const TRIES = 6;

/**
 * For one text of this length. A megabyte of them is measured: Linux tells user time from the kernel's by what it finds at
 * its ticks, so that of a few milliseconds all or nothing may be called user time.
 */
function millisecondsOf(text: string): number {
  const count = Math.round(LONGEST / text.length);
  // A new one for each: what it remembers of a text would make the next one quicker.
  const encoders = Array.from(
    { length: count },
    () => new Encoder({ format: 1, words: ['<unk>'], ngrams: { min: 3, max: 5, buckets: 500 } }),
  );
  // Time of this process only: other work on the machine hardly counts.
  const before = process.cpuUsage();
  for (const encoder of encoders) encoder.encode(text);
  // Not the kernel's part: it clears fresh memory, which takes many times as long when memory is short.
  const { user } = process.cpuUsage(before);
  return Math.max(user / 1000, SHORTEST_MS) / count;
}

describe('hostile input of a megabyte takes linear time', () => {
  it.each([
    ['one letter', 'а'],
    ['one Latin letter', 'a'],
    ['combining marks', '\u0301'],
    ['combining marks of falling classes, which a whole-string NFKC sorts', '\u0345\u0315\u0301\u0316'],
    ['letters with marks', 'а\u0301'],
    ['dots', '.'],
    ['letters and dots', 'а.'],
    ['Latin letters and dots', 'a.'],
    ['letters and hyphens', 'а-'],
    ['letters and stars', 'х*'],
    ['stars', '*'],
    ['single letters', 'а '],
    ['one-letter words', 'и я '],
    ['digits', '7'],
    ['digits and dots', '1.'],
    ['digits and letters', 'д0'],
    ['spaces', ' '],
    ['at signs', '@'],
    ['letters and at signs', 'a@'],
    ['addresses', 'a@a.'],
    ['schemes', 'http://'],
    ['half links', 'a://'],
    ['site names', 'ab.'],
    ['mixed alphabets', 'xу'],
    ['masks', 'а$'],
    ['exclamation marks after letters', 'п!'],
    ['apostrophes', "a'"],
    ['emoji', '😂'],
    ['half surrogates', '\uD83D'],
    ['zero-width characters', '\u200B'],
    ['characters that stand for many', 'ﷺ'],
    ['other words every time', ''],
  ])('%s', (_, piece) => {
    const texts = LENGTHS.map((length) =>
      piece === '' ? manyWords(length) : piece.repeat(length / piece.length),
    );
    texts.slice(1).forEach((text, index) => expect(growth(texts[index]!, text)).toBeLessThan(BOUND));
  });
});

/** The time for `longer` over that for `shorter`; one that looks like a square is measured again, and the best of each counts. */
function growth(shorter: string, longer: string): number {
  let [short, long] = [Infinity, Infinity];
  for (let tries = 0; tries < TRIES; tries += 1) {
    short = Math.min(short, millisecondsOf(shorter));
    long = Math.min(long, millisecondsOf(longer));
    if (long / short < BOUND) break;
  }
  return long / short;
}

/** Words that all differ, so that none is remembered. */
function manyWords(length: number): string {
  const words: string[] = [];
  for (let i = 0; i * 8 < length; i += 1) {
    words.push(Array.from(i.toString(10).padStart(7, '0'), (digit) => 'абвгдежзик'[Number(digit)]).join(''));
  }
  return words.join(' ');
}
