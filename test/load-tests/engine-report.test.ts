import { describe, expect, it } from '@jest/globals';
import { lineOf, ratioOf, render } from '../../load-tests/parts/engine-report.js';

const fast = { usPerComment: [20, 40, 30], cores: [1, 1, 1] };
const slow = { usPerComment: [2000, 2000, 2400], cores: [1, 1.5, 1] };

describe('the report', () => {
  it('takes the ratio round by round, not of the medians', () => {
    expect(ratioOf(slow, fast)).toEqual({ median: 80, lowerQuartile: 65, upperQuartile: 90 });
  });

  it('says how many comments a second the median means', () => {
    expect(lineOf('fast', 32, fast)).toMatchObject({ batchSize: 32, commentsPerSecond: 1e6 / 30, cores: 1 });
  });

  it('is a table of aligned columns', () => {
    const text = render({
      rounds: 3,
      lines: [lineOf('fast', 32, fast), lineOf('slow', 64, slow)],
      ratio: ratioOf(slow, fast),
      ownStack: undefined,
    });
    const table = text.split('\n').filter((line) => line.startsWith('|'));
    expect(table).toHaveLength(4);
    expect(new Set(table.map(({ length }) => length)).size).toBe(1);
    expect(table[2]).toContain('30.0 (25.0 to 35.0)');
    expect(table[3]).toContain('2,000 (2,000 to 2,200)');
    expect(text).toContain('**80.0 (65.0 to 90.0) times as fast');
  });
});
