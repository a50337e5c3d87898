/** Scores of labelled texts, as they came. */
export interface Sample {
  /** Probability that the text is toxic. */
  readonly scores: readonly number[];
  /** Whether it is, by its label. */
  readonly labels: readonly boolean[];
}

/** How many texts of each kind score above something. */
export interface Step {
  /** The score itself: these texts score at least as high. */
  readonly score: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

/** A sample from its highest score down, equal scores as one step: all that depends on the order alone. */
export interface Ranking {
  readonly positives: number;
  readonly negatives: number;
  readonly steps: readonly Step[];
}

export function rank({ scores, labels }: Sample): Ranking {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const steps: Step[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  order.forEach((index, place) => {
    if (labels[index]) truePositives++;
    else falsePositives++;
    const score = scores[index]!;
    const next = order[place + 1];
    if (next === undefined || scores[next] !== score) steps.push({ score, truePositives, falsePositives });
  });
  return { positives: truePositives, negatives: falsePositives, steps };
}
