import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Window } from '../../src/text/windows.js';
import { layOut, planRuns, Room } from '../../workers/tensors.js';

/** A text given by the bag of each token. */
function windowOf(...bags: number[][]): Window {
  const starts = [0];
  for (const bag of bags) starts.push(starts.at(-1)! + bag.length);
  const text = { units: Int32Array.from(bags.flat()), starts: Int32Array.from(starts) };
  return { text, from: 0, to: bags.length };
}

const ofLength = (tokens: number) => windowOf(...Array.from({ length: tokens }, () => [7]));
const padded = ({ from, to }: Window) => Math.max(3, to - from + 1);

describe('layOut', () => {
  it('puts words, bags of n-grams and their places where the model looks for them', () => {
    const texts = [windowOf([5], [21, 22, 23], [6], [24, 25]), windowOf([8]), windowOf([31, 32], [9])];
    const tensors = layOut(texts, [2, 0], new Room());
    expect(tensors).toMatchObject({ batch: 2, tokens: 5, bags: 3, bagSize: 3 });
    expect([...tensors.words]).toEqual([1, 9, 0, 0, 0, 5, 1, 6, 1, 0]);
    expect([...tensors.ngrams]).toEqual([31, 32, 0, 21, 22, 23, 24, 25, 0]);
    expect([...tensors.positions]).toEqual([0n, 6n, 8n]);
  });

  it('lays out tokens in the middle of a text like a text of its own', () => {
    const bags = [[5], [21, 22], [6], [23, 24, 25], [7]];
    const middle = { ...windowOf(...bags), from: 1, to: 4 };
    expect(layOut([middle], [0], new Room())).toEqual(
      layOut([windowOf(...bags.slice(1, 4))], [0], new Room()),
    );
  });

  it('leaves nothing of the last run in the memory that it shares', () => {
    const room = new Room();
    const windows = [windowOf([31, 32, 33], [34, 35, 36], [8], [9]), windowOf([21, 22])];
    layOut(windows, [0], room);
    expect(layOut(windows, [1], room)).toEqual(layOut(windows, [1], new Room()));
    const many = Array.from({ length: 500 }, () => windowOf([1, 2, 3], [4]));
    const all = [...many.keys()];
    expect(layOut(many, all, room)).toEqual(layOut(many, all, new Room()));
  });

  it('pads every text by a token, and to the width of the widest convolution', () => {
    expect(layOut([ofLength(1)], [0], new Room())).toMatchObject({ tokens: 3, bags: 0, bagSize: 0 });
    expect(layOut([ofLength(3)], [0], new Room()).tokens).toBe(4);
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
