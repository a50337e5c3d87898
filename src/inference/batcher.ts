import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';

export interface BatchResult {
  /** One for each text, in their order. */
  readonly scores: readonly number[];
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

/** A batch that was run, for the metrics. */
export interface BatchReport {
  readonly size: number;
  /** How long each text waited. */
  readonly queueMs: readonly number[];
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

export interface BatcherOptions {
  /** Batches that may run at once. */
  readonly slots: number;
  /** Bound of a batch: characters of its longest text x its texts. One text is always taken. */
  readonly maxCost: number;
  readonly clock: Clock;
  readonly runBatch: (texts: string[]) => Promise<BatchResult>;
  readonly onBatch?: (report: BatchReport) => void;
}

export interface Limits {
  /** Milliseconds from now after which the caller no longer waits. */
  readonly timeoutMs: number;
  /** Fires when the caller has left. */
  readonly signal?: AbortSignal | undefined;
}

export interface Scored {
  readonly scores: readonly number[];
  /** Time until the last text of the caller went to a thread. */
  readonly queueMs: number;
  /** Of the slowest batch that held a text of the caller. */
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

export interface Batcher {
  /** @throws RutoxError `cancelled`, `deadline_exceeded`, or whatever the batch failed with */
  submit(texts: readonly string[], limits: Limits): Promise<Scored>;
  /** Texts that wait for a thread. */
  depth(): number;
}

/** The texts of one caller, and what became of them. */
interface Job {
  readonly texts: readonly string[];
  readonly scores: number[];
  readonly since: number;
  readonly deadline: number;
  /** Index of the first text that still waits. */
  next: number;
  /** Texts without a score. */
  open: number;
  queueMs: number;
  tokenizeMs: number;
  inferenceMs: number;
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

interface Entry {
  readonly job: Job;
  readonly index: number;
}

/** A share of the waiting texts smaller than this is not worth a batch of its own. */
const MIN_SHARE = 8;

/**
 * Natural batching: a batch is whatever waits when a slot frees up. An idle server answers at once, a
 * busy one batches by itself, and no timer delays anybody.
 */
export function createBatcher({ slots, maxCost, clock, runBatch, onBatch }: BatcherOptions): Batcher {
  /** Callers with waiting texts, in the order of their turns: a Set keeps it and forgets a caller at once. */
  const waiting = new Set<Job>();
  let depth = 0;
  let running = 0;

  function submit(texts: readonly string[], { timeoutMs, signal }: Limits): Promise<Scored> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(cancelled());
      if (texts.length === 0) return resolve({ scores: [], queueMs: 0, tokenizeMs: 0, inferenceMs: 0 });

      const leave = () => job.fail(cancelled());
      const stopTimer = clock.after(timeoutMs, () => job.fail(late()));
      const settle = () => {
        stopTimer();
        signal?.removeEventListener('abort', leave);
        // Nothing more of the caller goes to a thread, and what comes back from one is dropped.
        if (waiting.delete(job)) depth -= job.texts.length - job.next;
      };
      const since = clock.now();
      const job: Job = {
        texts,
        scores: texts.map(() => 0),
        since,
        deadline: since + timeoutMs,
        next: 0,
        open: texts.length,
        queueMs: 0,
        tokenizeMs: 0,
        inferenceMs: 0,
        succeed: () => {
          settle();
          const { scores, queueMs, tokenizeMs, inferenceMs } = job;
          resolve({ scores, queueMs, tokenizeMs, inferenceMs });
        },
        fail: (error) => {
          settle();
          reject(error as Error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.add(job);
      depth += texts.length;
      pump();
    });
  }

  function pump(): void {
    while (running < slots && depth > 0) {
      const batch = nextBatch();
      if (batch.length > 0) void run(batch);
    }
  }

  /** One text of each caller in turn, so that a large request cannot starve a small one. */
  function nextBatch(): Entry[] {
    const now = clock.now();
    const share = Math.max(MIN_SHARE, Math.ceil(depth / (slots - running)));
    const batch: Entry[] = [];
    let longest = 0;
    // A caller that is put back at the end of the set is visited again by the same loop.
    for (const job of waiting) {
      if (job.deadline <= now) {
        job.fail(late());
        continue;
      }
      const index = job.next;
      longest = Math.max(longest, job.texts[index]!.length);
      const size = batch.length + 1;
      if (size > 1 && (size > share || longest * size > maxCost)) break;
      batch.push({ job, index });
      job.next++;
      depth--;
      waiting.delete(job);
      if (job.next < job.texts.length) waiting.add(job);
    }
    return batch;
  }

  async function run(batch: readonly Entry[]): Promise<void> {
    running++;
    const started = clock.now();
    const queueMs = batch.map(({ job }) => started - job.since);
    try {
      const result = await runBatch(batch.map(({ job, index }) => job.texts[index]!));
      if (result.scores.length !== batch.length)
        throw new RutoxError('internal', 'A thread lost scores of its batch.');
      deliver(batch, result, queueMs);
      onBatch?.({
        size: batch.length,
        queueMs,
        tokenizeMs: result.tokenizeMs,
        inferenceMs: result.inferenceMs,
      });
    } catch (error) {
      for (const { job } of batch) job.fail(error);
    } finally {
      running--;
      pump();
    }
  }

  return { submit, depth: () => depth };
}

function deliver(batch: readonly Entry[], result: BatchResult, queueMs: readonly number[]): void {
  batch.forEach(({ job, index }, position) => {
    job.scores[index] = result.scores[position]!;
    job.queueMs = Math.max(job.queueMs, queueMs[position]!);
    job.tokenizeMs = Math.max(job.tokenizeMs, result.tokenizeMs);
    job.inferenceMs = Math.max(job.inferenceMs, result.inferenceMs);
    job.open--;
    if (job.open === 0) job.succeed();
  });
}

function cancelled(): RutoxError {
  return new RutoxError('cancelled', 'The caller left before the answer was ready.');
}

function late(): RutoxError {
  return new RutoxError(
    'deadline_exceeded',
    'The texts could not be scored in time; try fewer texts or try again later.',
  );
}
