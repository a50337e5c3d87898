import { expect, it } from '@jest/globals';
import { reload } from '../../load-tests/faults/reload.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('rolling reloads under load', () => {
  it('fail no request, and leave the old processes when the model is damaged', async () => {
    const { reloadMs, ...report } = await reload({ seed: 5, times: 2 });
    expect(reloadMs).toHaveLength(2);
    expect(report).toEqual({
      kept: { 200: expect.any(Number) },
      fresh: { 200: expect.any(Number) },
      damaged: { 200: expect.any(Number) },
      exitCodes: [1, 0],
      counted: { done: 3, failed: 2 },
      logged: true,
      stayed: true,
    });
  });
});
