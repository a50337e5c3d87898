import type { Ranking, Sample } from './sample.js';

/** Texts by label and verdict: true negatives and so on. */
export interface Confusion {
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
  readonly tp: number;
}

export interface ClassQuality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Texts with this label. */
  readonly support: number;
}

export type Average = Omit<ClassQuality, 'support'>;

/** Quality at one threshold. What would be a division by zero is 0. */
export interface Quality {
  readonly confusion: Confusion;
  readonly harmless: ClassQuality;
  readonly toxic: ClassQuality;
  readonly accuracy: number;
  /** Mean of both classes. */
  readonly macro: Average;
  /** Mean of both classes by their support. */
  readonly weighted: Average;
}

/** Counts verdicts; toxic is what scores above the threshold. */
export function confusionAt({ scores, labels }: Sample, threshold: number): Confusion {
  const counts = { tn: 0, fp: 0, fn: 0, tp: 0 };
  scores.forEach((score, index) => {
    if (score > threshold) counts[labels[index] ? 'tp' : 'fp']++;
    else counts[labels[index] ? 'fn' : 'tn']++;
  });
  return counts;
}

export function qualityOf(confusion: Confusion): Quality {
  const { tn, fp, fn, tp } = confusion;
  const harmless = classQuality(tn, fn, fp);
  const toxic = classQuality(tp, fp, fn);
  const total = tn + fp + fn + tp;
  const average = (share: number): Average => {
    const mean = (key: keyof Average) => harmless[key] * (1 - share) + toxic[key] * share;
    return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
  };
  return {
    confusion,
    harmless,
    toxic,
    accuracy: ratio(tn + tp, total),
    macro: average(0.5),
    weighted: average(ratio(toxic.support, total)),
  };
}

function classQuality(right: number, wrongly: number, missed: number): ClassQuality {
  return {
    precision: ratio(right, right + wrongly),
    recall: ratio(right, right + missed),
    f1: ratio(2 * right, 2 * right + wrongly + missed),
    support: right + missed,
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Area under the ROC curve: how often a toxic text scores above a harmless one, a tie counting half. Null without both. */
export function aucOf({ positives, negatives, steps }: Ranking): number | null {
  if (positives === 0 || negatives === 0) return null;
  let area = 0;
  let before = { truePositives: 0, falsePositives: 0 };
  for (const step of steps) {
    area += ((step.falsePositives - before.falsePositives) * (step.truePositives + before.truePositives)) / 2;
    before = step;
  }
  return area / positives / negatives;
}

/** Mean of the precision at each threshold, weighted by the recall it gains. Null without toxic texts. */
export function averagePrecisionOf({ positives, steps }: Ranking): number | null {
  if (positives === 0) return null;
  let sum = 0;
  let before = 0;
  for (const { truePositives, falsePositives } of steps) {
    sum += ((truePositives - before) * truePositives) / (truePositives + falsePositives);
    before = truePositives;
  }
  return sum / positives;
}

/** Mean squared distance of score and label. */
export function brierOf({ scores, labels }: Sample): number {
  return scores.reduce((sum, score, index) => sum + (score - Number(labels[index])) ** 2, 0) / scores.length;
}
