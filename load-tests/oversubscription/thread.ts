import { parentPort, workerData } from 'node:worker_threads';
import type { Model } from '../../src/model/verify.js';
import { openScorer } from '../../workers/scorer.js';
import { Histogram } from '../load/histogram.js';

export interface ThreadData {
  readonly model: Model;
  /** 0: as many as ONNX Runtime takes by itself. */
  readonly intraOpThreads: number;
}

/** What one turn is, for every thread alike. */
export interface Turn {
  readonly batches: readonly (readonly string[])[];
  readonly seconds: number;
}

/** What a thread, or all threads of a process, did in a turn. */
export interface TurnResult {
  readonly comments: number;
  /** Of `Histogram`: milliseconds a batch took. */
  readonly latencies: readonly number[];
}

/** An inference thread that always has a batch waiting. */
const { model, intraOpThreads } = workerData as ThreadData;
const scorer = await openScorer(model, intraOpThreads);
parentPort!.on('message', (turn: Turn) => {
  void play(turn).then((result) => parentPort!.postMessage(result));
});
parentPort!.postMessage('ready');

async function play({ batches, seconds }: Turn): Promise<TurnResult> {
  const latencies = new Histogram();
  let comments = 0;
  const end = performance.now() + seconds * 1000;
  for (let index = 0; ; index += 1) {
    const batch = batches[index % batches.length]!;
    const started = performance.now();
    if (started >= end) break;
    await scorer.score(batch);
    latencies.record(performance.now() - started);
    comments += batch.length;
  }
  return { comments, latencies: latencies.toJSON() };
}
