import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { pods, readResults, sizingTables, TARGET } from '../../load-tests/sizing/sizing.js';
import { packageRoot } from '../../src/package-root.js';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

describe('docs/sizing.md', () => {
  it('has the tables that follow from RESULTS.md: npm run sizing', () => {
    expect(read('docs/sizing.md')).toContain(sizingTables(readResults(read('load-tests/RESULTS.md'))));
  });

  it('calculates with the target of the autoscaler', () => {
    const { spec } = parse(read('deploy/kubernetes/base/autoscaler.yaml')) as {
      spec: { metrics: { resource: { target: { averageUtilization: number } } }[] };
    };
    expect(spec.metrics[0]!.resource.target.averageUtilization / 100).toBe(TARGET);
  });
});

describe('sizing', () => {
  it('reads the lower quartiles of two processes on two CPUs, and the largest memory', () => {
    const results = [
      '| 2 · 1 × 2                  |   8,054 (7,634 to 8,163) |          20.3 |           43,307 (42,347 to 43,627) |',
      '| 2 · 2 × 1                  |   9,819 (9,753 to 9,928) |          17.5 |           50,453 (50,133 to 51,627) |',
      '| 2 × 1               |     1,047 (1,040 to 1,054) |                    192 (191 to 193) |',
    ].join('\n');
    expect(readResults(results)).toEqual({ singlePerCpu: 4876.5, batchPerCpu: 25_066.5, processMb: 193 });
    expect(() => readResults('# Results')).toThrow('no row');
  });

  it('rounds pods up and adds one that may be missing', () => {
    // 1,000 x 2 CPUs x 0.6 = 1,200 a pod.
    expect(pods(1, 1000)).toBe(2);
    expect(pods(1200, 1000)).toBe(2);
    expect(pods(1201, 1000)).toBe(3);
  });
});
