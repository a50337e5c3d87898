import type { Manifest } from '../model/manifest.js';
import { verifyModel } from '../model/verify.js';
import { WORKER_FILE } from './engine.js';
import { planExplanation, type Span } from './explain.js';
import { rounded } from './moderator.js';
import { openThreadPool } from './thread-pool.js';

/** Inference without a server: texts that all lie ready, so no queue, no permits and no deadlines. */
export interface OfflineEngine {
  readonly manifest: Manifest;
  readonly threads: number;
  /**
   * One score for each text, in their order; undefined for one that could not be scored in three tries.
   * @throws Error when the threads are gone for good
   */
  score(texts: readonly string[]): Promise<readonly (number | undefined)[]>;
  /** What in a text speaks for its score, the worst first; takes some 65 scores at most. */
  explain(text: string): Promise<readonly Span[]>;
  /** Waits for what is under way, then ends the threads. */
  close(): Promise<void>;
}

/**
 * Verifies a model and starts `threads` threads with it.
 * @throws Error with one clear line when that fails; nothing is left running then
 */
export async function openOfflineEngine(modelDir: string, threads: number): Promise<OfflineEngine> {
  const model = await verifyModel(modelDir);
  let broken: string | undefined;
  const pool = await openThreadPool({
    workerFile: WORKER_FILE,
    model,
    threads,
    // All texts lie ready: measured, 7 % more of them a second.
    batchesPerThread: 2,
    onBroken: (reason) => (broken = reason),
  });

  /** A batch that fails is tried again, then text by text, so that the one which fails costs no other. */
  async function score(texts: readonly string[], triesLeft = 2): Promise<readonly (number | undefined)[]> {
    try {
      const { scores } = await pool.run(texts);
      return scores.map(rounded);
    } catch (error) {
      if (broken !== undefined) throw new Error(broken, { cause: error });
      if (triesLeft > 0) return score(texts, triesLeft - 1);
      if (texts.length === 1) return [undefined];
      const alone = await Promise.all(texts.map((text) => score([text], 0)));
      return alone.flat();
    }
  }

  async function explain(text: string): Promise<readonly Span[]> {
    const plan = planExplanation(text, model.manifest.text);
    // A part that cannot be scored says nothing.
    const { spans } = await plan.run(async (texts) => (await score(texts)).map((each) => each ?? 0));
    return spans.map((span) => ({ ...span, contribution: rounded(span.contribution) }));
  }

  return {
    manifest: model.manifest,
    threads,
    score: (texts) => score(texts),
    explain,
    close: () => pool.close(),
  };
}
