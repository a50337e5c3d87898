import { expect, it } from '@jest/globals';
import { hostileClients } from '../../load-tests/faults/hostile-clients.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('clients that are slow, leave or talk nonsense', () => {
  it('take nothing from honest ones, and leave nothing behind', async () => {
    const report = await hostileClients({ seed: 3, connections: 1000, holdMs: 4000 });
    expect(Object.keys(report.honest)).toEqual(['200']);
    expect(report.leftOrGarbage).toBeGreaterThan(20);
    expect(report.leftOpen).toBe(0);
    // A loaded machine may be slow; waiting for the slow ones would take seconds.
    expect(report.honestP99Ms[1]).toBeLessThan(3000);
    const [before, , after] = report.memoryMb;
    expect(after - before).toBeLessThan(150);
  });
});
