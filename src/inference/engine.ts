import { join } from 'node:path';
import type { Metrics } from '../metrics.js';
import type { Model } from '../model/verify.js';
import { packageRoot } from '../package-root.js';
import { createAdmission } from './admission.js';
import { createBatcher, type BatcherOptions } from './batcher.js';
import { systemClock } from './clock.js';
import { createModerator, type Moderator } from './moderator.js';
import { openThreadPool, type ThreadPoolOptions } from './thread-pool.js';

export interface EngineOptions
  extends
    Pick<ThreadPoolOptions, 'model' | 'threads' | 'onThreadReplaced' | 'onBroken'>,
    Pick<BatcherOptions, 'onBatch' | 'onFailure'> {
  readonly model: Model;
  /** Most that a thread is given at once: characters of the longest text x texts. */
  readonly maxBatchCost: number;
  /** Texts accepted and not yet answered. */
  readonly maxQueue: number;
  /** Texts in one request: no explanation counts as more. */
  readonly maxTexts: number;
  /** How long a caller waits for its answer. */
  readonly timeoutMs: number;
  readonly metrics: Pick<Metrics, 'verdict'>;
}

/** All between a text and its verdict: threads, batches, admission, policies. */
export interface Engine {
  readonly moderator: Moderator;
  /** Texts that wait for a thread. */
  depth(): number;
  /** Waits for the batches under way, then ends the threads. Nothing may be asked of the moderator after it. */
  close(): Promise<void>;
}

/** The built one, also for source files that jest runs: threads bypass its transform. */
export const WORKER_FILE = join(packageRoot, 'dist', 'workers', 'classify.js');

/**
 * Starts the threads and waits until each has reproduced the model's golden scores.
 * @throws Error with one clear line when a thread cannot; nothing is left running then
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { model, maxBatchCost, maxQueue, maxTexts, timeoutMs, metrics, onBatch, onFailure } = options;
  const { threads, onThreadReplaced, onBroken } = options;
  const pool = await openThreadPool({
    workerFile: WORKER_FILE,
    model,
    threads,
    // Measured: 9 to 15 MB less resident memory in a server process, and no fewer comments a second. Where all texts lie
    // ready (offline-engine.ts) it would cost 3 to 6 % of them.
    youngGenerationMb: 6,
    onThreadReplaced,
    onBroken,
  });
  const batcher = createBatcher({
    slots: pool.slots,
    maxCost: maxBatchCost,
    clock: systemClock,
    runBatch: (texts) => pool.run(texts),
    ...(onBatch && { onBatch }),
    ...(onFailure && { onFailure }),
  });
  const moderator = createModerator({
    manifest: model.manifest,
    admission: createAdmission(maxQueue, systemClock),
    batcher,
    metrics,
    clock: systemClock,
    maxTexts,
    timeoutMs,
  });
  return { moderator, depth: () => batcher.depth(), close: () => pool.close() };
}
