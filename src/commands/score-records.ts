import type { OfflineEngine } from '../inference/offline-engine.js';
import type { Records } from '../records/open-records.js';
import type { InputRecord } from '../records/record.js';

/** Records that went to a thread together, with a score for each that has one. */
export interface ScoredBatch {
  readonly records: readonly InputRecord[];
  readonly scores: readonly (number | undefined)[];
}

/** Large enough that the way to a thread and back costs little, small enough that the last ones keep all threads busy. */
const BATCH_RECORDS = 256;
const BATCH_CHARS = 1 << 16;

/** Batches ready for each thread: while one is scored, the next waits. */
const BATCHES_PER_THREAD = 3;

/**
 * The records of a file in batches whose bounds depend on the file alone, so that a second run makes the same.
 * Standard input may be a person or a log that grows: there, what has come is not held back.
 */
export async function* batchesOf(records: Records): AsyncGenerator<InputRecord[]> {
  let batch: InputRecord[] = [];
  let chars = 0;
  for await (const block of records.blocks()) {
    for (const record of block) {
      batch.push(record);
      chars += record.raw.length;
      if (batch.length < BATCH_RECORDS && chars < BATCH_CHARS) continue;
      yield batch;
      batch = [];
      chars = 0;
    }
    if (records.isStdin && batch.length > 0) {
      yield batch;
      batch = [];
      chars = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Scores batches on all threads and hands them on in their order; reads no further than the threads can follow. */
export async function* scoreBatches(
  batches: AsyncIterable<readonly InputRecord[]>,
  engine: OfflineEngine,
): AsyncGenerator<ScoredBatch> {
  const underWay: Promise<ScoredBatch>[] = [];
  for await (const records of batches) {
    const scored = scoreBatch(records, engine);
    // Whoever takes it from the queue is told of its failure.
    scored.catch(() => {});
    underWay.push(scored);
    if (underWay.length >= engine.threads * BATCHES_PER_THREAD) yield await underWay.shift()!;
  }
  for (const scored of underWay) yield await scored;
}

async function scoreBatch(records: readonly InputRecord[], engine: OfflineEngine): Promise<ScoredBatch> {
  const good = records.filter(({ error }) => error === undefined);
  const scores = await engine.score(good.map(({ values }) => values[0]!));
  if (good.length === records.length) return { records, scores };
  let next = 0;
  return { records, scores: records.map(({ error }) => (error === undefined ? scores[next++] : undefined)) };
}
