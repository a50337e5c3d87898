import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/package-root.js';
import { scrape } from './metrics.js';
import { until, withServer } from './server.js';
import { HANGS_AFTER_MS, startTraffic, tally } from './traffic.js';

export interface ThreadFailureOptions {
  readonly seed: number;
  /** How often a thread ends, and how often a run throws. */
  readonly times: number;
  /** How long every run throws. */
  readonly brokenMs: number;
}

export interface ThreadFailureReport {
  /** What was answered while single runs ended their thread, and while single runs threw. */
  readonly exits: Record<string, number>;
  readonly throws: Record<string, number>;
  /** While no run worked, and afterwards. */
  readonly broken: Record<string, number>;
  readonly recovered: Record<string, number>;
  /** Threads that were replaced, by /metrics. */
  readonly threadsReplaced: number;
}

const PRELOAD = pathToFileURL(join(packageRoot, 'test', 'fixtures', 'failing-inference.mjs')).href;
const LOAD = { clients: 8, texts: 8, keepAlive: true };

/** Runs of the model end their thread or throw, one at a time and then all of them, under load. */
export async function threadFailure(options: ThreadFailureOptions): Promise<ThreadFailureReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rutox-faults-'));
  const env = { RUTOX_THREADS: '2', FAULT_FOLDER: folder };
  try {
    return await withServer(env, ({ port }) => failThreads(port, folder, options), ['--import', PRELOAD]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function failThreads(
  port: number,
  folder: string,
  { seed, times, brokenMs }: ThreadFailureOptions,
): Promise<ThreadFailureReport> {
  const replaced = async () =>
    (await scrape(port)).get('rutox_worker_restarts_total{reason="thread_ended"}') ?? 0;

  /** Requests while `fault` is done to the server. */
  const during = async (fault: (answered: () => Promise<void>) => Promise<void>) => {
    const traffic = await startTraffic(port, { ...LOAD, seed });
    /** Until what failed has been tried again: a second failure of the same texts is another matter. */
    const answered = () => {
      const enough = traffic.outcomes.length + 3 * LOAD.clients;
      return until(() => traffic.outcomes.length >= enough, HANGS_AFTER_MS, 'requests are answered');
    };
    await fault(answered);
    return tally(await traffic.stop());
  };
  const provoke = (name: string) => writeFileSync(join(folder, name), '');

  const exits = await during(async (answered) => {
    for (let ended = 1; ended <= times; ended++) {
      provoke('exit-once');
      await until(
        async () => (await replaced()) === ended,
        HANGS_AFTER_MS,
        'a thread that ended is replaced',
      );
      await answered();
    }
  });
  const throws = await during(async (answered) => {
    for (let thrown = 0; thrown < times; thrown++) {
      provoke('throw-once');
      await until(() => !existsSync(join(folder, 'throw-once')), HANGS_AFTER_MS, 'a run has thrown');
      await answered();
    }
  });
  const broken = await during(async () => {
    provoke('throw');
    await sleep(brokenMs);
  });
  rmSync(join(folder, 'throw'));
  const recovered = await during(() => sleep(500));
  return { exits, throws, broken, recovered, threadsReplaced: await replaced() };
}
