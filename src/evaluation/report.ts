import { calibrationError, calibrationOf, type Bin } from './calibration.js';
import { aucOf, averagePrecisionOf, brierOf, confusionAt, qualityOf, type Quality } from './metrics.js';
import { rank, type Ranking, type Sample } from './sample.js';
import { bestThresholds, operatingPoints, type BestThresholds, type OperatingPoint } from './thresholds.js';

export interface Policy {
  readonly threshold: number;
  /** As the manifest says, from its validation data. */
  readonly precision: number;
  readonly recall: number;
}

/** What a model is worth on labelled texts. No text of them is in it. */
export interface Report {
  readonly texts: number;
  /** The default threshold of the model. */
  readonly threshold: number;
  readonly quality: Quality;
  /** Null where one of the labels is missing. */
  readonly auc: number | null;
  readonly averagePrecision: number | null;
  readonly brier: number;
  readonly calibrationError: number;
  readonly calibration: readonly Bin[];
  readonly best: BestThresholds;
  readonly policies: Readonly<Record<string, { readonly promised: Policy; readonly quality: Quality }>>;
}

export interface Evaluation {
  readonly report: Report;
  readonly sample: Sample;
  readonly ranking: Ranking;
  /** Every threshold that makes a difference, highest first. */
  readonly points: readonly OperatingPoint[];
}

/** @param sample at least one text */
export function evaluate(
  sample: Sample,
  policies: Readonly<Record<string, Policy>>,
  defaultPolicy: string,
): Evaluation {
  const ranking = rank(sample);
  const points = operatingPoints(ranking);
  const calibration = calibrationOf(sample);
  const { threshold } = policies[defaultPolicy]!;
  const qualityAt = (limit: number) => qualityOf(confusionAt(sample, limit));
  const report: Report = {
    texts: sample.scores.length,
    threshold,
    quality: qualityAt(threshold),
    auc: aucOf(ranking),
    averagePrecision: averagePrecisionOf(ranking),
    brier: brierOf(sample),
    calibrationError: calibrationError(calibration),
    calibration,
    best: bestThresholds(points),
    policies: Object.fromEntries(
      Object.entries(policies).map(([name, promised]) => [
        name,
        { promised, quality: qualityAt(promised.threshold) },
      ]),
    ),
  };
  return { report, sample, ranking, points };
}
