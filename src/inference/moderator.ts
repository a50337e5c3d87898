import type { Manifest, PolicyName } from '../model/manifest.js';

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
  readonly signal?: AbortSignal;
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
  readonly manifest: Manifest;
}
