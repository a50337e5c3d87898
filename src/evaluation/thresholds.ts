import { qualityOf, type Quality } from './metrics.js';
import type { Ranking } from './sample.js';

/** A threshold with what it is worth on the sample. */
export interface OperatingPoint {
  readonly threshold: number;
  readonly quality: Quality;
}

export interface BestThresholds {
  readonly macroF1: OperatingPoint;
  readonly toxicF1: OperatingPoint;
  /** Highest precision that keeps this recall; null if none does. */
  readonly recall95: OperatingPoint | null;
  /** Highest recall that keeps this precision. */
  readonly precision95: OperatingPoint | null;
}

const WANTED = 0.95;

/**
 * Every threshold that makes a difference, highest first: in the middle between two neighbouring scores,
 * so that the scores of another machine, off in the last digit, fall on the same side.
 */
export function operatingPoints({ positives, negatives, steps }: Ranking): OperatingPoint[] {
  return steps.map(({ score, truePositives: tp, falsePositives: fp }, index) => {
    const below = steps[index + 1]?.score ?? 0;
    return {
      threshold: (score + below) / 2,
      quality: qualityOf({ tn: negatives - fp, fp, fn: positives - tp, tp }),
    };
  });
}

/** @param points at least one */
export function bestThresholds(points: readonly OperatingPoint[]): BestThresholds {
  const keeping = (key: 'precision' | 'recall') =>
    points.filter(({ quality }) => quality.toxic[key] >= WANTED);
  return {
    macroF1: best(points, ({ macro }) => macro.f1)!,
    toxicF1: best(points, ({ toxic }) => toxic.f1)!,
    recall95: best(keeping('recall'), ({ toxic }) => toxic.precision),
    precision95: best(keeping('precision'), ({ toxic }) => toxic.recall),
  };
}

function best(points: readonly OperatingPoint[], value: (quality: Quality) => number): OperatingPoint | null {
  return points.reduce<OperatingPoint | null>(
    (found, point) => (found === null || value(point.quality) > value(found.quality) ? point : found),
    null,
  );
}
