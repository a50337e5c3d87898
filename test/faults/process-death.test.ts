import { expect, it } from '@jest/globals';
import { processDeath } from '../../load-tests/faults/process-death.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('a server process that is killed under load', () => {
  it('takes only the requests on their way to it along, and is replaced', async () => {
    const report = await processDeath({ seed: 4, kills: 2 });
    expect(Object.keys(report.counts).filter((outcome) => !['200', 'ECONNRESET'].includes(outcome))).toEqual(
      [],
    );
    // As many clients, each with one request.
    for (const failed of report.failed) expect(failed).toBeLessThanOrEqual(16);
    expect(report.failedWithoutCause).toBe(0);
    expect(report.replacedMs).toHaveLength(2);
    expect(report.fallen).toEqual([]);
    expect(report.exitCode).toBe(0);
  });
});
