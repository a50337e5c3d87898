import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOff, LONGEST_MS } from '../../src/cluster/back-off.js';

describe('backOff', () => {
  it('doubles from 100 ms up to 30 s', () => {
    const most = Array.from({ length: 12 }, (_, failures) => backOff(failures, () => 1));
    expect(most.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(most.slice(9)).toEqual([30_000, 30_000, 30_000]);
  });

  it('stays between half of the wait and all of it', () => {
    const failures = fc.nat(2000);
    const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(failures, chance, (count, random) => {
        const most = backOff(count, () => 1);
        const delay = backOff(count, () => random);
        expect(delay).toBeGreaterThanOrEqual(most / 2);
        expect(delay).toBeLessThanOrEqual(most);
        expect(most).toBeLessThanOrEqual(LONGEST_MS);
      }),
    );
  });
});
