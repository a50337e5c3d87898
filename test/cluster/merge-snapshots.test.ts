import { describe, expect, it } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { mergeSnapshots } from '../../src/cluster/merge-snapshots.js';
import { snapshotOf } from '../../src/metrics.js';

/** What a process with this one gauge sends. */
async function gauge(aggregator: 'sum' | 'average' | 'min' | 'max' | 'first' | 'omit', values: object) {
  const registers = [new Registry()];
  const metric = new Gauge({ name: 'g', help: 'What # it is', labelNames: ['of'], aggregator, registers });
  for (const [of, value] of Object.entries(values)) metric.set({ of }, value as number);
  return snapshotOf(registers[0]!);
}

const lines = (text: string | undefined) => text?.split('\n').slice(2);

describe('mergeSnapshots', () => {
  it.each([
    ['sum', 9],
    ['average', 4.5],
    ['min', 2],
    ['max', 7],
    ['first', 7],
  ] as const)('makes the %s of the values of 7 and 2: %d', async (aggregator, expected) => {
    const merged = mergeSnapshots([await gauge(aggregator, { a: 7 }), await gauge(aggregator, { a: 2 })]);
    expect(merged.map(({ text }) => text)).toEqual([
      `# HELP g What # it is\n# TYPE g gauge\ng{of="a"} ${expected}`,
    ]);
  });

  it('leaves out what stands for one process only', async () => {
    expect(mergeSnapshots([await gauge('omit', { a: 7 })])).toEqual([]);
  });

  it('keeps a series that only one process has, whatever its label holds', async () => {
    const merged = mergeSnapshots([
      await gauge('sum', { 'a 1': 7, '} "\n': 1 }),
      await gauge('sum', { b: 2 }),
    ]);
    expect(lines(merged[0]?.text)).toEqual(['g{of="a 1"} 7', String.raw`g{of="} \"\n"} 1`, 'g{of="b"} 2']);
  });

  it('reads and writes what is no plain number', async () => {
    const one = await gauge('sum', { a: Infinity, b: -Infinity, c: NaN, d: 1e-9, e: 2 ** 60 });
    const other = await gauge('sum', { a: 1, b: 1, c: 1, d: 1e-9, e: 2 ** 60 });
    expect(lines(mergeSnapshots([one, other])[0]?.text)).toEqual([
      'g{of="a"} +Inf',
      'g{of="b"} -Inf',
      'g{of="c"} NaN',
      'g{of="d"} 2e-9',
      'g{of="e"} 2305843009213694000',
    ]);
  });

  it('has a merged snapshot as one to merge again', async () => {
    const each = await gauge('sum', { a: 1 });
    const merged = mergeSnapshots([mergeSnapshots([each, each]), each]);
    expect(lines(merged[0]?.text)).toEqual(['g{of="a"} 3']);
  });

  it('takes a metric without series', async () => {
    const merged = mergeSnapshots([await gauge('sum', {}), await gauge('sum', { a: 1 })]);
    expect(lines(merged[0]?.text)).toEqual(['g{of="a"} 1']);
  });
});
