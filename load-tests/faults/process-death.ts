import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../test/fixtures/processes.js';
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
  /** Of the primary, when it is stopped after all that. */
  readonly exitCode: number | null;
}

const CLIENTS = 8;
/** A client hears of the end of its connection a little later, and may have sent the next request by then. */
const HEARD_WITHIN_MS = 100;

/** Server processes are killed one after the other, under load. */
export async function processDeath({ seed, kills }: ProcessDeathOptions): Promise<ProcessDeathReport> {
  return withServer({ RUTOX_PROCESSES: '2', RUTOX_THREADS: '1' }, async (server) => {
    const load = { clients: CLIENTS, texts: 8, pauseMs: 30 };
    const kept = await startTraffic(server.port, { ...load, keepAlive: true, seed });
    const fresh = await startTraffic(server.port, { ...load, keepAlive: false, seed: seed + 1 });
    const deaths: { from: number; until: number }[] = [];
    const replacedMs: number[] = [];
    const lower: string[] = [];
    for (let kill = 1; kill <= kills; kill++) {
      await sleep(500);
      const before = await scrape(server.port);
      const [victim] = server.children();
      const at = performance.now();
      process.kill(victim!, 'SIGKILL');
      // On a busy machine its connections live on for a moment.
      await until(() => !isAlive(victim!), HANGS_AFTER_MS, 'a process that was killed is gone');
      deaths.push({ from: at, until: performance.now() + HEARD_WITHIN_MS });
      const isReplaced = () => count(server.output(), 'a server process was replaced') === kill;
      await until(isReplaced, HANGS_AFTER_MS, 'a process that was killed is replaced');
      replacedMs.push(Math.round(performance.now() - at));
      lower.push(...fallen(before, await scrape(server.port)));
    }
    await sleep(500);
    const outcomes = [...(await kept.stop()), ...(await fresh.stop())];
    server.kill('SIGTERM');
    const { code } = await server.exit;
    const failures = outcomes.filter(({ status, complete }) => status !== 200 || !complete);
    const during = (death: (typeof deaths)[number]) =>
      failures.filter(({ sentAt, ms }) => sentAt <= death.until && sentAt + ms >= death.from);
    return {
      kills,
      counts: tally(outcomes),
      failed: deaths.map((death) => during(death).length),
      failedWithoutCause: failures.length - new Set(deaths.flatMap(during)).size,
      replacedMs,
      fallen: lower,
      exitCode: code,
    };
  });
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
