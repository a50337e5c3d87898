import { Piscina } from 'piscina';
import { RutoxError } from '../errors.js';
import type { Model } from '../model/verify.js';
import type { BatchResult } from './job.js';
import type { ClassifyFailure, ClassifyResult, ClassifyTask, WorkerData } from './messages.js';

export interface ThreadPoolOptions {
  /** Absolute path of the built `workers/classify.js`. */
  readonly workerFile: string;
  readonly model: Model;
  readonly threads: number;
  /** Batches that a thread is given at a time: one, or a second that lies ready while it works on the first. */
  readonly batchesPerThread?: 1 | 2 | undefined;
  /** Bound of the young generation of each thread in V8, MB; 48 when not given. */
  readonly youngGenerationMb?: number | undefined;
  /** A thread ended and another took its place. */
  readonly onThreadReplaced?: (() => void) | undefined;
  /** A thread cannot be replaced: the pool will not recover. */
  readonly onBroken?: ((message: string) => void) | undefined;
}

export interface ThreadPool {
  /** Batches that may be under way: more would only wait inside the pool. */
  readonly slots: number;
  /** @throws RutoxError `internal` */
  run(texts: readonly string[]): Promise<BatchResult>;
  /** Waits for the batches under way, then ends the threads. */
  close(): Promise<void>;
}

/**
 * Starts the threads and waits until each has loaded the model and reproduced its golden scores.
 * @throws Error with one clear line when a thread cannot
 */
export async function openThreadPool(options: ThreadPoolOptions): Promise<ThreadPool> {
  const { workerFile, model, threads, batchesPerThread = 1, youngGenerationMb } = options;
  const { onThreadReplaced, onBroken } = options;
  const pool = new Piscina<ClassifyTask, ClassifyResult>({
    filename: workerFile,
    workerData: { model } satisfies WorkerData,
    minThreads: threads,
    maxThreads: threads,
    // A second batch at hand spares a thread the wait for its next one. In a server it is closed too early and
    // so smaller: measured, that costs more than it saves, and callers wait behind the wrong thread.
    concurrentTasksPerWorker: batchesPerThread,
    // An idle thread then waits in its event loop, not in Atomics.wait: same speed, and it can be inspected.
    atomics: 'disabled',
    recordTiming: false,
    ...(youngGenerationMb && { resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb } }),
  });
  // A thread that dies idle is reported here, one that dies at work through its run; both are replaced.
  pool.on('error', () => {});

  let closed = false;
  /** Piscina replaces no thread that ends while it loads, and without threads leaves batches unanswered. */
  function missThreads(): void {
    const left = pool.threads.length;
    if (closed || left === threads) return;
    onBroken?.('an inference thread ended while it loaded the model');
    if (left === 0) void pool.destroy();
  }

  const underWay = new Set<Promise<unknown>>();
  function post(texts: readonly string[]): Promise<ClassifyResult> {
    const answer = pool.run({ texts });
    underWay.add(answer);
    const done = () => underWay.delete(answer);
    answer.then(done, done);
    return answer;
  }

  /** A thread that ends inside a run takes the process with it, and piscina's own close() does not wait. */
  async function close(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    closed = true;
    await pool.destroy();
  }

  try {
    await warmUp(threads, () => post([]));
  } catch (error) {
    await close();
    throw error;
  }
  pool.on('workerCreate', () => onThreadReplaced?.());
  // Piscina tells of a thread that went before it has put another in its place.
  pool.on('workerDestroy', () => queueMicrotask(missThreads));

  return {
    slots: threads,
    async run(texts) {
      const result = await post(texts).catch(threadEnded);
      if (result.ok) return result;
      if (result.broken) onBroken?.(result.message);
      throw handlerFailed(result);
    },
    close,
  };
}

/**
 * Piscina calls its first threads ready before they have loaded their handler. It spreads tasks that come
 * at once over idle threads, so one task for each, all at once, reaches each of them.
 */
async function warmUp(threads: number, post: () => Promise<ClassifyResult>): Promise<void> {
  const results = await Promise.all(Array.from({ length: threads }, post));
  for (const result of results) {
    if (!result.ok) throw new Error(result.message);
  }
  const reached = new Set(results.map(({ thread }) => thread)).size;
  if (reached !== threads) throw new Error(`only ${reached} of ${threads} inference threads answered`);
}

function threadEnded(cause: unknown): never {
  throw new RutoxError('internal', 'An inference thread ended while it scored a batch.', { cause });
}

/** The thread lives and says so itself. */
function handlerFailed({ message }: ClassifyFailure): RutoxError {
  return new RutoxError('internal', 'An inference thread could not score a batch.', {
    cause: new RutoxError('internal', message),
  });
}
