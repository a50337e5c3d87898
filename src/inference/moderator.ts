import type { Metrics } from '../metrics.js';
import type { Manifest, PolicyName } from '../model/manifest.js';
import type { Admission } from './admission.js';
import type { Batcher } from './batcher.js';
import type { Clock } from './clock.js';
import type { Span } from './explain.js';
import type { CallerSignal, Scored } from './job.js';

export type { Span } from './explain.js';
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

export interface ExplainedModeration extends Moderation {
  /** Why the one text got its score; what counts most comes first. */
  readonly spans: readonly Span[];
}

/** An explanation that was planned and not begun. */
export interface PlannedExplanation {
  /** As many texts as this count for limits, the explained one included. */
  readonly texts: number;
  moderate(options?: ModerationOptions): Promise<ExplainedModeration>;
}

export interface Moderator {
  moderate(texts: readonly string[], options?: ModerationOptions): Promise<Moderation>;
  /** The verdict on one text with its reasons; costs as much as several texts. */
  planExplanation(text: string): Promise<PlannedExplanation>;
  /** Throws at once if not even so many texts would be accepted now, before they are known. */
  check(texts: number): void;
  readonly manifest: Manifest;
}

export interface ModeratorOptions {
  readonly manifest: Manifest;
  readonly admission: Admission;
  readonly batcher: Batcher;
  readonly metrics: Pick<Metrics, 'verdict'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Texts in one request: no explanation counts as more, so that it fits wherever such a request does. */
  readonly maxTexts: number;
  /** How long a caller waits for its answer. */
  readonly timeoutMs: number;
}

/** Texts in, verdicts out: thresholds and policies over the raw scores of the batcher. */
export function createModerator({
  manifest,
  admission,
  batcher,
  metrics,
  clock,
  maxTexts,
  timeoutMs,
}: ModeratorOptions): Moderator {
  function limitOf({ threshold, policy = manifest.default_policy }: ModerationOptions): number {
    return threshold ?? manifest.policies[policy].threshold;
  }

  function verdictOn(exact: number, limit: number): Verdict {
    const score = rounded(exact);
    const isToxic = score > limit;
    metrics.verdict(isToxic, score);
    return { isToxic, score };
  }

  return {
    manifest,
    check: (texts) => admission.check(texts),
    async moderate(texts, options = {}) {
      const release = admission.acquire(texts.length);
      try {
        const threshold = limitOf(options);
        const { signal } = options;
        const { scores, ...timings } = await batcher.submit(texts, { timeoutMs, signal });
        const verdicts = scores.map((exact) => verdictOn(exact, threshold));
        return { verdicts, threshold, model: manifest.version, timings };
      } finally {
        release();
      }
    },
    async planExplanation(text) {
      // Not at the top: of a server process only this reads texts, and its tables would delay every start.
      const { planExplanation } = await import('./explain.js');
      const plan = planExplanation(text, manifest.text, maxTexts);
      return {
        texts: plan.texts,
        async moderate(options = {}) {
          const release = admission.acquire(plan.texts);
          const deadline = clock.now() + timeoutMs;
          let timings: Timings = { tokenizeMs: 0, queueMs: 0, inferenceMs: 0 };
          try {
            const { score, spans } = await plan.run(async (texts) => {
              const left = Math.max(0, deadline - clock.now());
              const scored = await batcher.submit(texts, { timeoutMs: left, signal: options.signal });
              timings = sum(timings, scored);
              return scored.scores;
            });
            const threshold = limitOf(options);
            return {
              verdicts: [verdictOn(score, threshold)],
              threshold,
              model: manifest.version,
              timings,
              spans: spans.map((span) => ({ ...span, contribution: rounded(span.contribution) })),
            };
          } finally {
            release();
          }
        },
      };
    },
  };
}

/** A 32-bit float prints as 0.9800000190734863; six places are more than it knows. Rounded before it is compared, so that every answer agrees with itself. */
export function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}

/** Of steps that follow each other. */
function sum(a: Timings, b: Scored): Timings {
  return {
    tokenizeMs: a.tokenizeMs + b.tokenizeMs,
    queueMs: a.queueMs + b.queueMs,
    inferenceMs: a.inferenceMs + b.inferenceMs,
  };
}
