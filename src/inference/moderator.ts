import type { Metrics } from '../metrics.js';
import type { Manifest, PolicyName } from '../model/manifest.js';
import type { Admission } from './admission.js';
import type { Batcher } from './batcher.js';
import type { CallerSignal } from './job.js';

export type { CallerSignal } from './job.js';

export interface Verdict {
  readonly isToxic: boolean;
  /** Probability that the text is toxic, 0 to 1. */
  readonly score: number;
}

/** Milliseconds that a request spent in each stage. */
export interface Timings {
  readonly tokenizeMs: number;
  readonly queueMs: number;
  readonly inferenceMs: number;
}

export interface ModerationOptions {
  /** Wins over `policy`. */
  readonly threshold?: number;
  readonly policy?: PolicyName;
  /** Fires when the caller has left. */
  readonly signal?: CallerSignal;
}

export interface Moderation {
  /** One for each text, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly threshold: number;
  /** Version of the model. */
  readonly model: string;
  readonly timings: Timings;
}

export interface Moderator {
  moderate(texts: readonly string[], options?: ModerationOptions): Promise<Moderation>;
  /** Throws at once if not even so many texts would be accepted now, before they are known. */
  check(texts: number): void;
  readonly manifest: Manifest;
}

export interface ModeratorOptions {
  readonly manifest: Manifest;
  readonly admission: Admission;
  readonly batcher: Batcher;
  readonly metrics: Pick<Metrics, 'verdict'>;
  /** How long a caller waits for its answer. */
  readonly timeoutMs: number;
}

/** Texts in, verdicts out: thresholds and policies over the raw scores of the batcher. */
export function createModerator({
  manifest,
  admission,
  batcher,
  metrics,
  timeoutMs,
}: ModeratorOptions): Moderator {
  return {
    manifest,
    check: (texts) => admission.check(texts),
    async moderate(texts, { threshold, policy = manifest.default_policy, signal } = {}) {
      const release = admission.acquire(texts.length);
      try {
        const limit = threshold ?? manifest.policies[policy].threshold;
        const { scores, ...timings } = await batcher.submit(texts, { timeoutMs, signal });
        const verdicts = scores.map((exact) => {
          const score = rounded(exact);
          const isToxic = score > limit;
          metrics.verdict(isToxic, score);
          return { isToxic, score };
        });
        return { verdicts, threshold: limit, model: manifest.version, timings };
      } finally {
        release();
      }
    },
  };
}

/** A 32-bit float prints as 0.9800000190734863; six places are more than it knows. Rounded before it is compared, so that every answer agrees with itself. */
export function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
