import { expect, it } from '@jest/globals';
import { soak } from '../../load-tests/faults/soak.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('many comments', () => {
  it('are all scored, in memory that does not grow with their number', async () => {
    const report = await soak({ seed: 8, comments: 40_000 });
    expect(Object.keys(report.counts)).toEqual(['200']);
    // Too short for the bound of the long run: heaps still grow to their size. A leak of 1 kB a comment would show.
    expect(report.growth).toBeLessThan(0.1);
  });
});
