import { describe, expect, it } from '@jest/globals';
import type { Encoded } from '../../src/text/encode.js';
import type { Window } from '../../src/text/windows.js';
import { createReader } from '../../workers/reading.js';

const ngrams = { min: 3, max: 5, buckets: 16 };
const plain = { window_tokens: 8, window_overlap: 2, ngrams };
const close_reading = { above_tokens: 10, window_tokens: 4, window_overlap: 1, discount: 3 };

/** A text of that many words, word `i` in row `i`. */
function text(tokens: number): Encoded {
  return {
    units: Int32Array.from({ length: tokens }, (_, i) => i),
    starts: Int32Array.from({ length: tokens + 1 }, (_, i) => i),
  };
}

const rows = (windows: readonly Window[]) =>
  windows.map(({ text: { units }, from, to }) => [...units.subarray(from, to)]);

describe('createReader', () => {
  it('reads a text that is not long in wide windows only', () => {
    const reader = createReader({ ...plain, close_reading });
    expect(rows(reader.read(text(0)).wide)).toEqual([]);
    expect(rows(reader.read(text(3)).wide)).toEqual([[0, 1, 2]]);
    for (const tokens of [0, 3, 8, 10]) expect(reader.read(text(tokens)).close).toEqual([]);
  });

  it('reads a long text a few words at a time, too', () => {
    const { wide, close } = createReader({ ...plain, close_reading }).read(text(11));
    expect(rows(wide)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [3, 4, 5, 6, 7, 8, 9, 10],
    ]);
    expect(rows(close)).toEqual([
      [0, 1, 2, 3],
      [3, 4, 5, 6],
      [6, 7, 8, 9],
      [7, 8, 9, 10],
    ]);
  });

  it('does not read closely what the manifest does not ask for', () => {
    expect(createReader(plain).read(text(500)).close).toEqual([]);
  });

  it('lets the worst window speak for the text', () => {
    const reader = createReader(plain);
    expect(reader.scoreOf(reader.read(text(0)), new Float32Array(0))).toBe(0);
    expect(reader.scoreOf(reader.read(text(11)), Float32Array.of(0.25, 0.75))).toBe(0.75);
    expect(reader.scoreOf(reader.read(text(11)), Float32Array.of(1, 0))).toBe(1);
  });

  it('takes the discount off the log-odds of a close window', () => {
    const reader = createReader({ ...plain, close_reading });
    const reading = reader.read(text(11));
    const logOdds = (score: number) => Math.log(score / (1 - score));
    const found = reader.scoreOf(reading, Float32Array.of(0.1, 0.2, 0, 0.96875, 0.5, 0));
    expect(logOdds(found)).toBeCloseTo(logOdds(0.96875) - 3, 10);
    expect(reader.scoreOf(reading, Float32Array.of(0.1, 0.75, 0, 0.96875, 0.5, 0))).toBe(0.75);
    expect(reader.scoreOf(reading, Float32Array.of(0, 0, 0, 1, 0, 0))).toBe(1);
  });
});
