import { describe, expect, it } from '@jest/globals';
import { Encoder } from '../../src/text/encode.js';

const SMALL = 64 * 1024;
const FACTOR = 16;
/**
 * Work that grows with the square takes 256 times as long for 16 times the length; linear work takes 16
 * times. The bound lies far from both, so that a busy machine does not fail the test.
 */
const BOUND = 80;
/** Below this a time is mostly noise. */
const SHORTEST_MS = 4;

function millisecondsOf(text: string): number {
  // Time of this process only, and the best of three: other work on the machine hardly counts.
  let best = Infinity;
  for (let i = 0; i < 3; i += 1) {
    // A new one each time: what it remembers of the text would make the next round quicker.
    const encoder = new Encoder({ format: 1, words: ['<unk>'], ngrams: { min: 3, max: 5, buckets: 500 } });
    const before = process.cpuUsage();
    encoder.encode(text);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
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
    const small = piece === '' ? manyWords(SMALL) : piece.repeat(SMALL / piece.length);
    const large = piece === '' ? manyWords(SMALL * FACTOR) : piece.repeat((SMALL * FACTOR) / piece.length);
    const ratio = millisecondsOf(large) / Math.max(millisecondsOf(small), SHORTEST_MS);
    expect(ratio).toBeLessThan(BOUND);
  });
});

/** Words that all differ, so that none is remembered. */
function manyWords(length: number): string {
  const words: string[] = [];
  for (let i = 0; i * 8 < length; i += 1) {
    words.push(Array.from(i.toString(10).padStart(7, '0'), (digit) => 'абвгдежзик'[Number(digit)]).join(''));
  }
  return words.join(' ');
}
