import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { disableTelemetry } from '../../src/config.js';
import { verifyModel } from '../../src/model/verify.js';
import type { ThreadData, Turn, TurnResult } from './thread.js';

/** The first message to a process. Later ones are a `Turn`, and it answers a `TurnResult` for each of its threads. */
export interface ProcessData {
  readonly modelDir: string;
  readonly threads: number;
  readonly intraOpThreads: number;
}

disableTelemetry();
const [{ modelDir, threads, intraOpThreads }] = (await once(process, 'message')) as [ProcessData];
const workerData: ThreadData = { model: await verifyModel(modelDir), intraOpThreads };
const workers = Array.from(
  { length: threads },
  () => new Worker(new URL('thread.js', import.meta.url), { workerData }),
);
await Promise.all(workers.map((worker) => once(worker, 'message')));

process.on('message', (turn: Turn) => {
  void Promise.all(
    workers.map(async (worker) => {
      worker.postMessage(turn);
      const [result] = (await once(worker, 'message')) as [TurnResult];
      return result;
    }),
  ).then((results) => process.send!(results));
});
// Between turns, so no thread is inside the model.
process.on('disconnect', () => process.exit());
process.send!('ready');
