import { describe, expect, it } from '@jest/globals';
import { lineChart } from '../../src/evaluation/line-chart.js';

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
