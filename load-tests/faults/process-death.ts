import { setTimeout as sleep } from 'node:timers/promises';
import { fallen, scrape } from './metrics.js';
import { until, withServer } from './server.js';
import { HANGS_AFTER_MS, startTraffic, tally } from './traffic.js';

export interface ProcessDeathOptions {
  readonly seed: number;
  /** How often a server process is killed. */
  readonly kills: number;
}

export interface ProcessDeathReport {
  readonly kills: number;
  readonly counts: Record<string, number>;
  /** Requests without an answer, for each kill; there are 16 clients with one request each. */
  readonly failed: readonly number[];
  /** Requests without an answer that were not on their way when a process was killed. */
  readonly failedWithoutCause: number;
  /** From the kill until the replacement was ready. */
  readonly replacedMs: readonly number[];
  /** Counters that a later scrape gave less of. */
  readonly fallen: readonly string[];
}

const CLIENTS = 8;
/** A client hears of the end of its connection a little later, and may have sent the next request by then. */
const HEARD_WITHIN_MS = 100;

/** Server processes are killed one after the other, under load. */
export async function processDeath({ seed, kills }: ProcessDeathOptions): Promise<ProcessDeathReport> {
  return withServer({ RUTOX_PROCESSES: '2', RUTOX_THREADS: '1' }, async (server) => {
    const load = { clients: CLIENTS, texts: 16, pauseMs: 20 };
    const kept = await startTraffic(server.port, { ...load, keepAlive: true, seed });
    const fresh = await startTraffic(server.port, { ...load, keepAlive: false, seed: seed + 1 });
    const killedAt: number[] = [];
    const replacedMs: number[] = [];
    const lower: string[] = [];
    for (let kill = 1; kill <= kills; kill++) {
      await sleep(500);
      const before = await scrape(server.port);
      const [victim] = server.children();
      const at = performance.now();
      process.kill(victim!, 'SIGKILL');
      killedAt.push(at);
      const isReplaced = () => count(server.output(), 'a server process was replaced') === kill;
      await until(isReplaced, HANGS_AFTER_MS, 'a process that was killed is replaced');
      replacedMs.push(Math.round(performance.now() - at));
      lower.push(...fallen(before, await scrape(server.port)));
    }
    await sleep(500);
    const outcomes = [...(await kept.stop()), ...(await fresh.stop())];
    const failures = outcomes.filter(({ status, complete }) => status !== 200 || !complete);
    const isFrom = (at: number) => (failure: (typeof failures)[number]) =>
      failure.sentAt <= at + HEARD_WITHIN_MS && failure.sentAt + failure.ms >= at;
    return {
      kills,
      counts: tally(outcomes),
      failed: killedAt.map((at) => failures.filter(isFrom(at)).length),
      failedWithoutCause: failures.filter((failure) => !killedAt.some((at) => isFrom(at)(failure))).length,
      replacedMs,
      fallen: lower,
    };
  });
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
