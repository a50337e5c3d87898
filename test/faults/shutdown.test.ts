import { expect, it } from '@jest/globals';
import { shutdown } from '../../load-tests/faults/shutdown.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('SIGTERM under load', () => {
  it.each([
    { processes: 1, asleep: false },
    { processes: 2, asleep: false },
    // Requests then wait for the server to accept them when the signal comes.
    { processes: 1, asleep: true },
    { processes: 2, asleep: true },
  ])('loses no accepted request: %o', async (options) => {
    const report = await shutdown({ seed: 6, afterMs: 500, ...options });
    expect(report).toMatchObject({ exitCode: 0, complaints: '', lost: {} });
    for (const { 200: answered } of [report.kept, report.fresh]) expect(answered).toBeGreaterThan(0);
  });
});
