/** The middle of many measurements and how far they spread. */
export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** @throws RangeError when there is nothing to summarise */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/** `left[i] / right[i]` for each round: what slows the machine down for a while slows both sides of a pair. */
export function pairwiseRatios(left: readonly number[], right: readonly number[]): number[] {
  if (left.length !== right.length) throw new RangeError('the sides have not as many rounds');
  return left.map((value, round) => value / right[round]!);
}

/** Between the two nearest values in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new RangeError('no values');
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
