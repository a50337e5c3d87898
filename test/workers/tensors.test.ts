import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Encoded } from '../../src/text/encode.js';
import { layOut, planRuns } from '../../workers/tensors.js';

/** A text given by the bag of each token. */
function encoded(...bags: number[][]): Encoded {
  const starts = [0];
  for (const bag of bags) starts.push(starts.at(-1)! + bag.length);
  return { units: Int32Array.from(bags.flat()), starts: Int32Array.from(starts) };
}

const ofLength = (tokens: number) => encoded(...Array.from({ length: tokens }, () => [7]));
const padded = ({ starts }: Encoded) => Math.max(3, starts.length);

describe('layOut', () => {
  it('puts words, bags of n-grams and their places where the model looks for them', () => {
    const texts = [encoded([5], [21, 22, 23], [6], [24, 25]), encoded([8]), encoded([31, 32], [9])];
    const tensors = layOut(texts, [2, 0]);
    expect(tensors).toMatchObject({ batch: 2, tokens: 5, bags: 3, bagSize: 3 });
    expect([...tensors.words]).toEqual([1, 9, 0, 0, 0, 5, 1, 6, 1, 0]);
    expect([...tensors.ngrams]).toEqual([31, 32, 0, 21, 22, 23, 24, 25, 0]);
    expect([...tensors.positions]).toEqual([0n, 6n, 8n]);
  });

  it('pads every text by a token, and to the width of the widest convolution', () => {
    expect(layOut([ofLength(1)], [0])).toMatchObject({ tokens: 3, bags: 0, bagSize: 0 });
    expect(layOut([ofLength(3)], [0]).tokens).toBe(4);
  });
});

describe('planRuns', () => {
  it('puts every window into one run, similar lengths together, within the bound', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 128 }), { maxLength: 200 }), (lengths) => {
        const windows = lengths.map(ofLength);
        const runs = planRuns(windows);
        expect(runs.flat().toSorted((a, b) => a - b)).toEqual([...windows.keys()]);
        const sorted = runs.flat().map((index) => padded(windows[index]!));
        expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
        for (const run of runs) {
          const longest = Math.max(...run.map((index) => padded(windows[index]!)));
          expect(longest * run.length).toBeLessThanOrEqual(768);
        }
      }),
    );
  });

  it('gives a run of its own to what would mean much padding for the others', () => {
    const windows = [...Array.from({ length: 10 }, () => ofLength(5)), ofLength(100), ofLength(6)];
    expect(planRuns(windows)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11], [10]]);
  });

  it('has no run for no window', () => {
    expect(planRuns([])).toEqual([]);
  });
});
