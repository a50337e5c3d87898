import type { MetricFamily, MetricSnapshot } from '../metrics.js';

/** The metrics of several processes as if they were one: each value is what its metric's aggregator makes of theirs. */
export function mergeSnapshots(snapshots: readonly MetricSnapshot[]): MetricSnapshot {
  const byName = new Map<string, MetricFamily[]>();
  for (const family of snapshots.flat()) {
    const same = byName.get(family.name);
    if (same === undefined) byName.set(family.name, [family]);
    else same.push(family);
  }
  return [...byName.values()].filter(([first]) => first!.aggregator !== 'omit').map(mergeFamilies);
}

function mergeFamilies(families: readonly MetricFamily[]): MetricFamily {
  const first = families[0]!;
  if (families.length === 1) return first;
  const comments = first.text.split('\n', 2);
  const values = new Map<string, number>();
  for (const { text } of families) {
    for (const line of text.split('\n')) {
      if (line.startsWith('#')) continue;
      // A value is the last word; a label may hold blanks.
      const end = line.lastIndexOf(' ');
      const series = line.slice(0, end);
      const value = parse(line.slice(end + 1));
      const before = values.get(series);
      values.set(series, before === undefined ? value : combine(first.aggregator, before, value));
    }
  }
  const divisor = first.aggregator === 'average' ? families.length : 1;
  const lines = Array.from(values, ([series, value]) => `${series} ${format(value / divisor)}`);
  return { ...first, text: [...comments, ...lines].join('\n') };
}

function combine(aggregator: string, one: number, other: number): number {
  switch (aggregator) {
    case 'sum':
    case 'average':
      return one + other;
    case 'min':
      return Math.min(one, other);
    case 'max':
      return Math.max(one, other);
    case 'first':
      return one;
    default:
      throw new Error(`no such aggregator: ${aggregator}`);
  }
}

/** Prometheus has words of its own for what is no plain number. */
function parse(word: string): number {
  if (word === '+Inf') return Infinity;
  return word === '-Inf' ? -Infinity : Number(word);
}

function format(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
