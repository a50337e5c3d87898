import { describe, expect, it } from '@jest/globals';
import type { Encoded } from '../../src/text/encode.js';
import { windows, type Window } from '../../src/text/windows.js';

/** Token i has one unit more than i % 3, all of value i. */
function encoded(tokens: number): Encoded {
  const bags = Array.from({ length: tokens }, (_, i) => Array<number>((i % 3) + 1).fill(i));
  const starts = [0];
  for (const bag of bags) starts.push((starts.at(-1) ?? 0) + bag.length);
  return { units: Int32Array.from(bags.flat()), starts: Int32Array.from(starts) };
}

function tokensOf({ text: { units, starts }, from, to }: Window): number[] {
  return Array.from({ length: to - from }, (_, i) => {
    const bag = units.subarray(starts[from + i], starts[from + i + 1]);
    expect(Array.from(bag)).toEqual(Array<number>(((bag[0] ?? 0) % 3) + 1).fill(bag[0] ?? -1));
    return bag[0] ?? -1;
  });
}

describe('windows', () => {
  it('has none for a text without tokens', () => {
    expect(windows(encoded(0), 4, 1)).toEqual([]);
  });

  it('has one for a text that fits', () => {
    const text = encoded(4);
    expect(windows(text, 4, 1)).toEqual([{ text, from: 0, to: 4 }]);
  });

  it.each<[number, number, number, number[][]]>([
    [
      5,
      4,
      1,
      [
        [0, 1, 2, 3],
        [1, 2, 3, 4],
      ],
    ],
    [
      7,
      4,
      1,
      [
        [0, 1, 2, 3],
        [3, 4, 5, 6],
      ],
    ],
    [
      8,
      4,
      1,
      [
        [0, 1, 2, 3],
        [3, 4, 5, 6],
        [4, 5, 6, 7],
      ],
    ],
    [
      6,
      2,
      0,
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ],
  ])('cuts %i tokens into windows of %i that share %i', (tokens, size, overlap, expected) => {
    expect(windows(encoded(tokens), size, overlap).map(tokensOf)).toEqual(expected);
  });

  it.each([
    [4, 4],
    [4, -1],
    [0, 0],
    [Number.NaN, 1],
  ])('refuses windows of %p that share %p', (size, overlap) => {
    expect(() => windows(encoded(9), size, overlap)).toThrow(RangeError);
  });
});
