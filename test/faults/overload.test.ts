import { expect, it } from '@jest/globals';
import { overload } from '../../load-tests/faults/overload.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('four times the load that the server can take', () => {
  it('is answered in part, refused in part, and soon forgotten', async () => {
    const { capacity, goodput, counts, memoryMb, normalAfterMs, refusalMs } = await overload({
      seed: 9,
      seconds: 4,
      factor: 4,
    });
    expect(Object.keys(counts)).toEqual(['200', '503']);
    // The long run is strict; here client and server fight with all other tests for the CPUs.
    expect(goodput).toBeGreaterThan(capacity / 4);
    expect(refusalMs.p99).toBeLessThan(10_000);
    expect(memoryMb[1] - memoryMb[0]).toBeLessThan(250);
    expect(normalAfterMs).toBeLessThan(10_000);
  });
});
