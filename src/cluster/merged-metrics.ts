import { Counter, Gauge, Registry } from 'prom-client';
import { restartCounter, snapshotOf, type MetricSnapshot } from '../metrics.js';
import { mergeSnapshots } from './merge-snapshots.js';
import type { ServerProcess } from './server-process.js';

/** The metrics of the whole cluster. */
export interface MergedMetrics {
  /** Counted by the primary itself. */
  processEnded(): void;
  reloaded(result: 'done' | 'failed'): void;
  /** The metrics that a process sent: an answer to `collect`, or its last words. */
  receive(from: ServerProcess, snapshot: MetricSnapshot): void;
  /** The process is gone. What it counted stays in the sums, so that no counter falls. */
  retire(process: ServerProcess): void;
  /** Asks every process that serves, and gives the sum as text. One that does not answer in time is taken as last heard. */
  expose(): Promise<string>;
}

/** A process that is blocked must not hold the scrape up until Prometheus gives up on it. */
const COLLECT_TIMEOUT_MS = 1000;

export function createMergedMetrics(serving: () => readonly ServerProcess[]): MergedMetrics {
  const registry = new Registry();
  const restarts = restartCounter(registry);
  restarts.inc({ reason: 'process_ended' }, 0);
  const reloads = new Counter({
    name: 'rutox_reloads_total',
    help: 'Rolling reloads, by result',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of ['done', 'failed']) reloads.inc({ result }, 0);
  // Registering is all: the gauge is read at every scrape.
  void new Gauge({
    name: 'rutox_server_processes',
    help: 'Server processes that take requests',
    registers: [registry],
    collect() {
      this.set(serving().length);
    },
  });

  const latest = new Map<ServerProcess, MetricSnapshot>();
  /** The sum over all processes that are gone. */
  let retired: MetricSnapshot = [];
  /** Calls what waits for the next snapshot of a process. */
  const waiting = new Map<ServerProcess, () => void>();
  let underWay: Promise<string> | undefined;

  function collect(process: ServerProcess): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, COLLECT_TIMEOUT_MS);
      function done(): void {
        clearTimeout(timer);
        waiting.delete(process);
        resolve();
      }
      waiting.set(process, done);
      process.send({ type: 'collect' });
    });
  }

  async function gather(): Promise<string> {
    await Promise.all(serving().map(collect));
    const own = await snapshotOf(registry);
    const merged = mergeSnapshots([...latest.values(), own, retired]);
    return `${merged.map(({ text }) => text).join('\n\n')}\n`;
  }

  return {
    processEnded: () => restarts.inc({ reason: 'process_ended' }),
    reloaded: (result) => reloads.inc({ result }),

    receive(from, snapshot) {
      latest.set(from, snapshot);
      waiting.get(from)?.();
    },

    retire(process) {
      waiting.get(process)?.();
      // What stood in a gauge is gone with the process; what was counted has happened.
      const counted = (latest.get(process) ?? []).filter(({ isGauge }) => !isGauge);
      retired = mergeSnapshots([retired, counted]);
      latest.delete(process);
    },

    // Scrapes that come together share one.
    expose() {
      underWay ??= gather().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}
