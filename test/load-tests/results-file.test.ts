import { describe, expect, it } from '@jest/globals';
import { resultsFile, type Report } from '../../load-tests/bench/results-file.js';

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
