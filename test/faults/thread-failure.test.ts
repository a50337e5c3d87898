import { expect, it } from '@jest/globals';
import { threadFailure } from '../../load-tests/faults/thread-failure.js';
import { linuxOnly } from './linux-only.js';

linuxOnly('a thread that ends or throws while it scores', () => {
  it('costs nobody an answer; while every run fails there are 503s, and afterwards answers again', async () => {
    const report = await threadFailure({ seed: 2, times: 2, brokenMs: 500 });
    expect(Object.keys(report.exits)).toEqual(['200']);
    expect(Object.keys(report.throws)).toEqual(['200']);
    // The first may have been on their way when the fault began.
    expect(Object.keys(report.broken).filter((status) => status !== '200')).toEqual(['503']);
    expect(Object.keys(report.recovered)).toEqual(['200']);
    expect(report.threadsReplaced).toBe(2);
  });
});
