import type { OfflineEngine } from '../inference/offline-engine.js';
import type { Span } from '../inference/explain.js';
import type { Records } from '../records/open-records.js';
import type { InputRecord } from '../records/record.js';

/** Records that went to a thread together, with a score for each that has one. */
export interface ScoredBatch {
  readonly records: readonly InputRecord[];
  readonly scores: readonly (number | undefined)[];
  /** Of those that were to be explained. */
  readonly spans: readonly (readonly Span[] | undefined)[];
}

/** Large enough that the way to a thread and back costs little, small enough that the last ones keep all threads busy. */
const BATCH_RECORDS = 1024;
const BATCH_CHARS = 1 << 18;

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

/**
 * Scores batches on all threads and hands them on in their order, each as soon as it is ready; reads no further than
 * the threads can follow.
 */
export async function* scoreBatches(
  batches: AsyncIterable<readonly InputRecord[]>,
  engine: OfflineEngine,
  isExplained: (score: number) => boolean = () => false,
): AsyncGenerator<ScoredBatch> {
  const input = batches[Symbol.asyncIterator]();
  const underWay: Promise<ScoredBatch>[] = [];
  const read = () => watched(input.next());
  let reading: ReturnType<typeof read> | undefined = read();
  while (reading !== undefined || underWay.length > 0) {
    const [first] = underWay;
    const mayRead = underWay.length < engine.threads * BATCHES_PER_THREAD ? reading : undefined;
    if (first !== undefined && (await isSooner(first, mayRead))) {
      yield await first;
      void underWay.shift();
      continue;
    }
    const { value, done } = (await reading)!;
    if (done === true) reading = undefined;
    else {
      underWay.push(watched(scoreBatch(value, engine, isExplained)));
      reading = read();
    }
  }
}

/** Whoever waits for it in the end is told of its failure; until then nobody is. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function isSooner(first: Promise<unknown>, second: Promise<unknown> | undefined): Promise<boolean> {
  if (second === undefined) return true;
  return Promise.race([first.then(() => true), second.then(() => false)]);
}

async function scoreBatch(
  records: readonly InputRecord[],
  engine: OfflineEngine,
  isExplained: (score: number) => boolean,
): Promise<ScoredBatch> {
  const good = records.filter(({ error }) => error === undefined);
  const found = await engine.score(good.map(({ values }) => values[0]!));
  let next = 0;
  const scores = records.map(({ error }) => (error === undefined ? found[next++] : undefined));
  const spans: (readonly Span[] | undefined)[] = [];
  for (const [index, score] of scores.entries()) {
    if (score !== undefined && isExplained(score)) {
      spans[index] = await engine.explain(records[index]!.values[0]!);
    }
  }
  return { records, scores, spans };
}
