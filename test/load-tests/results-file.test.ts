import { describe, expect, it } from '@jest/globals';
import { resultsFile, type Report } from '../../load-tests/bench/results-file.js';
import { lineChart } from '../../src/evaluation/line-chart.js';

const report: Report = {
  machine: { cpu: 'A CPU', cpus: 2, system: 'An OS', node: '20', onnxruntime: '1', loadBefore: 0 },
  model: { version: '1.0', file: 'cnn_int8.onnx', bytes: 3_883_430 },
  data: { name: 'sample.csv', comments: 331, meanCharacters: 79.4 },
  sections: [
    {
      title: 'One part',
      body: 'Its table.',
      checks: [
        { what: 'speed', value: 0.5, target: 0.4, better: 'higher' },
        { what: 'memory', value: 200, target: 180, better: 'lower' },
      ],
      plots: {},
      figures: {},
    },
  ],
};

describe('RESULTS.md', () => {
  it('says of each target whether it was met', () => {
    const text = resultsFile(report);
    expect(text).toMatch(/^\| speed +\| +0\.50 \| +≥ 0\.4 \| +met \|$/m);
    expect(text).toMatch(/^\| memory +\| +200 \| +≤ 180 \| +not met \|$/m);
  });

  it('describes the machine, the model and the comments, then has every part', () => {
    expect(resultsFile(report)).toMatch(
      /A CPU, 2 CPUs, An OS;.*3,883,430 bytes.*331 distinct comments.*## One part\n\nIts table\.\n$/s,
    );
  });
});

describe('lineChart', () => {
  const chart = (log?: true) =>
    lineChart({
      x: { label: 'load & more', ticks: [1, 2, 4], log: true },
      panels: [
        {
          title: 'ms',
          ...(log && { log }),
          series: [
            {
              name: 'p99',
              points: [
                [1, 1],
                [2, 10],
                [4, 100],
              ],
            },
          ],
        },
      ],
    });

  it('puts points where the axes say', () => {
    // Evenly spaced across and, with powers of ten, upwards.
    const [, path] = /<path d="M([^"]+)" fill="none" stroke="#0072b2"/.exec(chart(true))!;
    const [[x1, y1], [x2, y2], [x3, y3]] = path!.split('L').map((point) => point.split(' ').map(Number)) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
    expect(y1 - y2).toBeCloseTo(y2 - y3, 0);
    expect(y1).toBeGreaterThan(y3);
  });

  it('escapes what it writes and knows the dark', () => {
    expect(chart()).toContain('load &amp; more');
    expect(chart()).toContain('prefers-color-scheme:dark');
  });
});
