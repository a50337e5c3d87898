import { setTimeout as sleep } from 'node:timers/promises';
import { withServer } from './server.js';
import { startTraffic, tally, type Outcome } from './traffic.js';

export interface ShutdownOptions {
  readonly seed: number;
  readonly processes: number;
  /** How long the load runs before SIGTERM. */
  readonly afterMs: number;
  /** The server sleeps for the last moments before the signal, so that requests wait for it to accept them. */
  readonly asleep: boolean;
}

export interface ShutdownReport {
  readonly exitCode: number | null;
  /** On standard error; nothing is wrong when it is empty. */
  readonly complaints: string;
  /** What became of the requests of clients that keep their connection, and of those that open one for each. */
  readonly kept: Record<string, number>;
  readonly fresh: Record<string, number>;
  /** Without an answer, though sent before the signal or over a connection that the server had answered on. */
  readonly lost: Record<string, number>;
  readonly stoppedMs: number;
}

const ASLEEP_MS = 200;

/** SIGTERM under load. */
export async function shutdown(options: ShutdownOptions): Promise<ShutdownReport> {
  const { seed, processes, afterMs, asleep } = options;
  return withServer({ RUTOX_PROCESSES: String(processes) }, async (server) => {
    const load = { clients: 16, texts: 32 };
    const kept = await startTraffic(server.port, { ...load, keepAlive: true, seed });
    const fresh = await startTraffic(server.port, { ...load, keepAlive: false, seed: seed + 1 });
    await sleep(afterMs);
    if (asleep) {
      server.kill('SIGSTOP');
      await sleep(ASLEEP_MS);
    }
    const signalledAt = performance.now();
    server.kill('SIGTERM');
    server.kill('SIGCONT');
    const { code, stderr } = await server.exit;
    const stoppedMs = Math.round(performance.now() - signalledAt);
    const outcomes = [await kept.stop(), await fresh.stop()] as const;
    const isLost = ({ status, complete, reused, sentAt }: Outcome) =>
      (status !== 200 || !complete) && (reused || sentAt < signalledAt);
    return {
      exitCode: code,
      complaints: stderr,
      kept: tally(outcomes[0]),
      fresh: tally(outcomes[1]),
      lost: tally(outcomes.flat().filter(isLost)),
      stoppedMs,
    };
  });
}
