import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';
import { createJob, late, type BatchResult, type Job, type Limits, type Scored } from './job.js';

export type { BatchResult, Limits, Scored } from './job.js';

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
  /** A batch failed, whether or not its texts are tried again. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Batcher {
  /** @throws RutoxError `cancelled`, `deadline_exceeded`, or `unavailable` when two batches failed over a text */
  submit(texts: readonly string[], limits: Limits): Promise<Scored>;
  /** Texts that wait for a thread. */
  depth(): number;
}

interface Batch {
  readonly entries: readonly { readonly job: Job; readonly index: number }[];
  /** Its texts were in a batch that failed. */
  readonly again: boolean;
}

/** A share of the waiting texts smaller than this is not worth a batch of its own. */
const MIN_SHARE = 8;

/**
 * Natural batching: a batch is whatever waits when a slot frees up. An idle server answers at once, a
 * busy one batches by itself, and no timer delays anybody.
 *
 * The texts of a batch that fails are tried once more, those of each caller by themselves: a text that ends
 * threads then ends one that holds no text of others.
 */
export function createBatcher({
  slots,
  maxCost,
  clock,
  runBatch,
  onBatch,
  onFailure,
}: BatcherOptions): Batcher {
  /** Callers in the order of their turns: a Set keeps it and forgets a caller at once. */
  const waiting = new Set<Job>();
  /** Callers with texts to try again. */
  const again = new Set<Job>();
  let depth = 0;
  let running = 0;
  let isPumpDue = false;

  /** So that requests which arrived together are one batch. */
  function pumpSoon(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    clock.soon(() => {
      isPumpDue = false;
      pump();
    });
  }

  async function submit(texts: readonly string[], limits: Limits): Promise<Scored> {
    if (limits.signal?.aborted === true) throw new RutoxError('cancelled', 'The caller left before it came.');
    if (texts.length === 0) return { scores: [], queueMs: 0, tokenizeMs: 0, inferenceMs: 0 };
    const job = createJob(texts, limits, clock, forget);
    waiting.add(job);
    depth += texts.length;
    pumpSoon();
    return await job.answer;
  }

  function forget(job: Job): void {
    waiting.delete(job);
    again.delete(job);
    depth -= job.waiting;
  }

  function pump(): void {
    while (running < slots && depth > 0) {
      const batch = failedBatch() ?? freshBatch();
      if (batch.entries.length > 0) void run(batch);
    }
  }

  /** What one caller had in a batch that failed. */
  function failedBatch(): Batch | undefined {
    const now = clock.now();
    for (const job of again) {
      if (failedIfLate(job, now)) continue;
      const entries = job.failed.shift()!.map((index) => ({ job, index }));
      again.delete(job);
      if (job.failed.length > 0) again.add(job);
      job.waiting -= entries.length;
      depth -= entries.length;
      return { entries, again: true };
    }
    return undefined;
  }

  /** One text of each caller in turn, so that a large request cannot starve a small one. */
  function freshBatch(): Batch {
    const now = clock.now();
    const share = Math.max(MIN_SHARE, Math.ceil(depth / (slots - running)));
    const entries: { job: Job; index: number }[] = [];
    let longest = 0;
    // A caller that is put back at the end of the set is visited again by the same loop.
    for (const job of waiting) {
      if (failedIfLate(job, now)) continue;
      const index = job.next;
      longest = Math.max(longest, job.texts[index]!.length);
      const size = entries.length + 1;
      if (size > 1 && (size > share || longest * size > maxCost)) break;
      entries.push({ job, index });
      job.next++;
      job.waiting--;
      depth--;
      waiting.delete(job);
      if (job.next < job.texts.length) waiting.add(job);
    }
    return { entries, again: false };
  }

  async function run(batch: Batch): Promise<void> {
    const { entries } = batch;
    running++;
    const started = clock.now();
    const queueMs = entries.map(({ job }) => started - job.since);
    const result = await runBatch(entries.map(({ job, index }) => job.texts[index]!))
      .then((answer) => complete(answer, entries.length))
      .catch((error: unknown) => recover(batch, error));
    running--;
    if (result !== undefined) {
      entries.forEach(({ job, index }, i) => job.score(index, result.scores[i]!, queueMs[i]!, result));
    }
    pump();
    if (result !== undefined) {
      const { tokenizeMs, inferenceMs } = result;
      onBatch?.({ size: entries.length, queueMs, tokenizeMs, inferenceMs });
    }
  }

  /** Once more for the callers that still wait, each by itself; those whose second try this was are failed. */
  function recover(batch: Batch, error: unknown): undefined {
    onFailure?.(error);
    const byCaller = new Map<Job, number[]>();
    for (const { job, index } of batch.entries) {
      if (job.settled) continue;
      if (batch.again) job.fail(unavailable(error));
      else if (byCaller.has(job)) byCaller.get(job)!.push(index);
      else byCaller.set(job, [index]);
    }
    for (const [job, indices] of byCaller) {
      job.failed.push(indices);
      job.waiting += indices.length;
      depth += indices.length;
      again.add(job);
    }
  }

  return { submit, depth: () => depth };
}

function failedIfLate(job: Job, now: number): boolean {
  if (job.deadline > now) return false;
  job.fail(late());
  return true;
}

function complete(result: BatchResult, texts: number): BatchResult {
  if (result.scores.length !== texts) throw new RutoxError('internal', 'A thread lost scores of its batch.');
  return result;
}

function unavailable(cause: unknown): RutoxError {
  return new RutoxError('unavailable', 'The texts could not be scored, in two tries; try again later.', {
    retryAfterSeconds: 1,
    cause,
  });
}
