import { lineChart, type Series } from './line-chart.js';
import type { Evaluation } from './report.js';

export interface Curve {
  readonly title: string;
  readonly svg: string;
}

type Point = readonly [x: number, y: number];

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];
/** More than a screen can show. */
const MAX_POINTS = 500;
const HISTOGRAM_BINS = 40;
const DIAGONAL: readonly Point[] = [
  [0, 0],
  [1, 1],
];

/** ROC, precision against recall, calibration, scores by label, and quality against threshold. */
export function curves(evaluation: Evaluation): Curve[] {
  return [
    roc(evaluation),
    precisionRecall(evaluation),
    calibration(evaluation),
    scores(evaluation),
    thresholds(evaluation),
  ];
}

function roc({ ranking: { steps, positives, negatives }, report }: Evaluation): Curve {
  const points = steps.map(({ truePositives, falsePositives }): Point => [
    falsePositives / negatives,
    truePositives / positives,
  ]);
  return chart(`ROC, area ${report.auc?.toFixed(4) ?? '–'}`, 'harmless texts found toxic', [
    { name: 'toxic texts found toxic', points: thinned([[0, 0], ...points]) },
    { name: 'chance', points: DIAGONAL },
  ]);
}

function precisionRecall({ points, report }: Evaluation): Curve {
  const line = points.map(({ quality: { toxic } }): Point => [toxic.recall, toxic.precision]);
  return chart(
    `Precision and recall, average precision ${report.averagePrecision?.toFixed(4) ?? '–'}`,
    'recall',
    [{ name: 'precision', points: thinned(line) }],
  );
}

function calibration({ report }: Evaluation): Curve {
  const points = report.calibration
    .filter(({ count }) => count > 0)
    .map(({ meanScore, toxicShare }): Point => [meanScore!, toxicShare!]);
  return chart(`Calibration, error ${report.calibrationError.toFixed(4)}`, 'mean score', [
    { name: 'share of toxic texts', points },
    { name: 'perfect', points: DIAGONAL },
  ]);
}

function scores({ sample }: Evaluation): Curve {
  const of = (label: boolean): Point[] => {
    const counts = Array.from({ length: HISTOGRAM_BINS }, () => 0);
    sample.scores.forEach((score, index) => {
      if (sample.labels[index] === label)
        counts[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))]!++;
    });
    return counts.flatMap((count, bin): Point[] => [
      [bin / HISTOGRAM_BINS, count],
      [(bin + 1) / HISTOGRAM_BINS, count],
    ]);
  };
  return chart('Scores by label', 'score', [
    { name: 'harmless texts', points: of(false) },
    { name: 'toxic texts', points: of(true) },
  ]);
}

function thresholds({ points }: Evaluation): Curve {
  const rising = points.toReversed();
  const line = (value: (point: (typeof rising)[number]) => number) =>
    thinned(rising.map((point): Point => [point.threshold, value(point)]));
  return chart('Quality against the threshold', 'threshold', [
    { name: 'precision', points: line(({ quality }) => quality.toxic.precision) },
    { name: 'recall', points: line(({ quality }) => quality.toxic.recall) },
    { name: 'F1 of toxic', points: line(({ quality }) => quality.toxic.f1) },
    { name: 'macro F1', points: line(({ quality }) => quality.macro.f1) },
  ]);
}

function chart(title: string, label: string, series: readonly Series[]): Curve {
  return { title, svg: lineChart({ x: { label, ticks: TICKS }, panels: [{ title: '', series }] }) };
}

function thinned(points: readonly Point[]): Point[] {
  const step = Math.max(1, Math.ceil(points.length / MAX_POINTS));
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}
