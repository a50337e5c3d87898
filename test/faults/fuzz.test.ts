import { expect, it } from '@jest/globals';
import { fuzz } from '../../load-tests/faults/fuzz.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('fuzzed requests', () => {
  // Another seed each time; a failure names it. `npm run faults -- fuzz --seed N` repeats it.
  const seed = Date.now() % 1_000_000;

  it('are each answered or refused, and never with a fault of the server', async () => {
    const { requests, statuses, faults, honest } = await fuzz({ seed, requests: 100_000, seconds: 8 });
    expect(faults).toEqual([]);
    expect(Object.keys(honest)).toEqual(['200']);
    // They reached all of it.
    expect(requests).toBeGreaterThan(500);
    expect(Object.keys(statuses)).toEqual(
      expect.arrayContaining(['200', '204', '400', '404', '405', '415', '422']),
    );
  });
});
