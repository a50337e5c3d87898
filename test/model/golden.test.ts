import { describe, expect, it } from '@jest/globals';
import { reproduceGolden, type GoldenSubject } from '../../src/model/golden.js';

const GOLDEN = {
  format: 1,
  cases: [
    { text: 'раз', units: [[1]], score: 0.2 },
    { text: 'раз два', units: [[1], [7, 8]], score: 0.9 },
  ],
};

const honest: GoldenSubject = {
  units: (text) => GOLDEN.cases.find((each) => each.text === text)!.units,
  scores: async (texts) =>
    texts.map((text) => GOLDEN.cases.find((each) => each.text === text)!.score + 0.004),
};

function reproduce(golden: unknown, subject: Partial<GoldenSubject> = {}): Promise<void> {
  const file = { path: 'golden.json', bytes: Buffer.from(JSON.stringify(golden)) };
  return reproduceGolden(file, 0.005, { ...honest, ...subject });
}

describe('reproduceGolden', () => {
  it('accepts scores within the tolerance', async () => {
    await reproduce(GOLDEN);
  });

  it('refuses another score, and one that is no number', async () => {
    await expect(reproduce(GOLDEN, { scores: async () => [0.2, 0.91] })).rejects.toThrow(
      /golden\.json: case 1 scores 0\.91, not 0\.9 \(tolerance 0\.005\)$/,
    );
    await expect(reproduce(GOLDEN, { scores: async () => [NaN, 0.9] })).rejects.toThrow(/case 0 scores NaN/);
    await expect(reproduce(GOLDEN, { scores: async () => [] })).rejects.toThrow(/case 0 scores undefined/);
  });

  it('refuses another encoding', async () => {
    await expect(reproduce(GOLDEN, { units: () => [[1]] })).rejects.toThrow(
      /case 1 is encoded in another way/,
    );
  });

  it.each<[unknown, string]>([
    [{ format: 2, cases: GOLDEN.cases }, 'format 2 is not known, only 1'],
    [null, 'format undefined is not known'],
    [{ format: 1, cases: [] }, 'cases is not a filled list'],
    [{ format: 1, cases: [GOLDEN.cases[0], null] }, 'case 1 needs a text, units and a score'],
    [{ format: 1, cases: [{ text: 'раз', units: [[1]] }] }, 'case 0 needs'],
  ])('refuses a file of another shape', async (golden, complaint) => {
    await expect(reproduce(golden)).rejects.toThrow(`golden.json: ${complaint}`);
  });
});
