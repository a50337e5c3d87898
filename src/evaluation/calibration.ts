import type { Sample } from './sample.js';

/** Texts whose scores lie in one fifteenth of 0 to 1. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** What the scores promise; null where there are none. */
  readonly meanScore: number | null;
  /** What came true. */
  readonly toxicShare: number | null;
}

const BINS = 15;

/** Bins of equal width; a score on a border belongs to the upper one, 1 to the last. */
export function calibrationOf({ scores, labels }: Sample): Bin[] {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, score: 0, toxic: 0 }));
  scores.forEach((score, index) => {
    const sum = sums[Math.min(BINS - 1, Math.floor(score * BINS))]!;
    sum.count++;
    sum.score += score;
    sum.toxic += Number(labels[index]);
  });
  return sums.map(({ count, score, toxic }, index) => ({
    from: index / BINS,
    to: (index + 1) / BINS,
    count,
    meanScore: count === 0 ? null : score / count,
    toxicShare: count === 0 ? null : toxic / count,
  }));
}

/** Expected calibration error: the mean distance of promise and truth, weighted by the texts in each bin. */
export function calibrationError(bins: readonly Bin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const off = bins.reduce(
    (sum, { count, meanScore, toxicShare }) => sum + count * Math.abs((meanScore ?? 0) - (toxicShare ?? 0)),
    0,
  );
  return off / total;
}
