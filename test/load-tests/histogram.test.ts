import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../../load-tests/load/histogram.js';

const of = (...values: number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

/** Within the half per cent that the buckets promise. */
const near = (value: number, expected: number) => Math.abs(value / expected - 1) <= 0.0051;

describe('Histogram', () => {
  it('knows every quantile within half a per cent, from microseconds to minutes', () => {
    const values = Array.from({ length: 1000 }, (_, index) => 0.002 * 1.018 ** index);
    const histogram = of(...values.toReversed());
    for (const share of [0.001, 0.5, 0.99, 0.999, 1])
      expect(near(histogram.quantile(share), values[Math.ceil(share * 1000) - 1]!)).toBe(true);
  });

  it('adds up what other processes counted, longer or shorter', () => {
    const sum = new Histogram(of(1, 2).toJSON());
    sum.add(new Histogram(of(3, 400).toJSON()));
    sum.add(new Histogram(of(0.5).toJSON()));
    expect(sum.count).toBe(5);
    expect(near(sum.quantile(0.5), 2)).toBe(true);
    expect(near(sum.quantile(1), 400)).toBe(true);
  });

  it('has no quantile of nothing', () => {
    expect(new Histogram().quantile(0.5)).toBeNaN();
  });

  it('puts what is shorter than the first bucket into it', () => {
    expect(near(of(0).quantile(1), 0.001)).toBe(true);
  });
});
