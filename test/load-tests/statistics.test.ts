import { describe, expect, it } from '@jest/globals';
import { pairwiseRatios, summarise } from '../../load-tests/bench/statistics.js';

describe('summarise', () => {
  it('takes the middle and the quartiles, whatever the order', () => {
    expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, lowerQuartile: 2, upperQuartile: 4 });
  });

  it('takes a place between two values in proportion', () => {
    expect(summarise([1, 2])).toEqual({ median: 1.5, lowerQuartile: 1.25, upperQuartile: 1.75 });
  });

  it('refuses nothing at all', () => {
    expect(() => summarise([])).toThrow(RangeError);
  });
});

describe('pairwiseRatios', () => {
  it('divides round by round', () => {
    expect(pairwiseRatios([6, 9], [2, 3])).toEqual([3, 3]);
  });

  it('refuses sides of unlike length', () => {
    expect(() => pairwiseRatios([1], [])).toThrow(RangeError);
  });
});
