import { join } from 'node:path';

import type { Manifest } from '../model/manifest.js';
import { verifyModel } from '../model/verify.js';
import { packageRoot } from '../package-root.js';
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
    // The built one, also for source files that jest runs: threads bypass its transform.
    workerFile: join(packageRoot, 'dist', 'workers', 'classify.js'),
    model,
    threads,
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

  return { manifest: model.manifest, threads, score: (texts) => score(texts), close: () => pool.close() };
}
