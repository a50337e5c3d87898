import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { withServer } from './server.js';
import { inventTexts } from './texts.js';
import { askBatch, percentile, tally, type Outcome } from './traffic.js';

export interface OverloadOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Requests that come, as a multiple of what the server can answer. */
  readonly factor: number;
}

export interface OverloadReport {
  /** Texts per second that the server scores when clients wait for their answers. */
  readonly capacity: number;
  /** Texts per second that came, and that were scored, under overload. */
  readonly offered: number;
  readonly goodput: number;
  readonly counts: Record<string, number>;
  /** From the moment a request was due until its refusal. */
  readonly refusalMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How late the client itself was, at worst: it takes part in the times above. */
  readonly clientLateMs: { readonly p50: number; readonly p99: number };
  readonly memoryMb: readonly [before: number, peak: number, after: number];
  /** From the end of the overload until requests are answered as fast as before. */
  readonly normalAfterMs: number;
}

const TEXTS = 64;
const CALIBRATE_MS = 4000;
/** One thread scores; the other CPU is left to the server's main thread and to the client. */
const ENV = {
  RUTOX_PROCESSES: '1',
  RUTOX_THREADS: '1',
  // A queue that clears within a second, and answers that come before their deadline.
  RUTOX_MAX_QUEUE: '4096',
};

/** Requests come at a fixed rate that is a multiple of the capacity, whether or not others are answered. */
export async function overload({ seed, seconds, factor }: OverloadOptions): Promise<OverloadReport> {
  return withServer(ENV, async (server) => {
    const { port } = server;
    const megabytes = () => Math.round(server.memory() / 1e6);
    const nextText = await inventTexts(seed);
    const bodies = Array.from({ length: 200 }, () => Array.from({ length: TEXTS }, nextText));

    // Twice: what is measured comes after the warm-up.
    await saturate(port, bodies);
    const capacity = await saturate(port, bodies);
    const calmMs = percentile(await askInTurn(port, bodies, 20), 0.5);

    const before = megabytes();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, megabytes())), 250);
    const { outcomes, lateMs } = await openLoop(port, bodies, (capacity * factor) / TEXTS, seconds);
    const ended = performance.now();
    let normalAfterMs = Infinity;
    while (performance.now() - ended < 10_000 && normalAfterMs === Infinity) {
      const since = performance.now() - ended;
      const times = await askInTurn(port, bodies, 3);
      if (times.length === 3 && percentile(times, 0.5) < 2 * calmMs + 10) normalAfterMs = Math.round(since);
    }
    clearInterval(watch);

    const scored = outcomes.filter(({ status, complete }) => status === 200 && complete);
    const refusals = outcomes.filter(({ status }) => status === 503).map(({ ms }) => ms);
    const round = (value: number) => Math.round(value * 10) / 10;
    return {
      capacity: Math.round(capacity),
      offered: Math.round((outcomes.length * TEXTS) / seconds),
      goodput: Math.round((scored.length * TEXTS) / seconds),
      counts: tally(outcomes),
      refusalMs: {
        p50: round(percentile(refusals, 0.5)),
        p99: round(percentile(refusals, 0.99)),
        max: round(percentile(refusals, 1)),
      },
      clientLateMs: { p50: round(percentile(lateMs, 0.5)), p99: round(percentile(lateMs, 0.99)) },
      memoryMb: [before, peak, megabytes()],
      normalAfterMs,
    };
  });
}

/** Texts per second with as many clients as keep the thread busy. */
async function saturate(port: number, bodies: readonly string[][]): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  let answered = 0;
  let sent = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (performance.now() - started < CALIBRATE_MS) {
      const { status } = await askBatch(port, bodies[sent++ % bodies.length]!, agent);
      if (status === 200) answered++;
    }
  });
  await Promise.all(clients);
  agent.destroy();
  return (answered * TEXTS * 1000) / (performance.now() - started);
}

/** How long requests take one after the other; those that are not answered are left out. */
async function askInTurn(port: number, bodies: readonly string[][], count: number): Promise<number[]> {
  const times: number[] = [];
  for (const texts of bodies.slice(0, count)) {
    const { status, ms } = await askBatch(port, texts);
    if (status === 200) times.push(ms);
  }
  return times;
}

/** Sends a request whenever one is due; times count from then, however late the client is itself. */
async function openLoop(
  port: number,
  bodies: readonly string[][],
  perSecond: number,
  seconds: number,
): Promise<{ outcomes: Outcome[]; lateMs: number[] }> {
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  const total = Math.floor(perSecond * seconds);
  const answers: Promise<Outcome>[] = [];
  const lateMs: number[] = [];
  while (answers.length < total) {
    const now = performance.now() - started;
    for (; answers.length < total && (answers.length * 1000) / perSecond <= now;) {
      const late = performance.now() - started - (answers.length * 1000) / perSecond;
      lateMs.push(late);
      const answer = askBatch(port, bodies[answers.length % bodies.length]!, agent);
      answers.push(answer.then((outcome) => ({ ...outcome, ms: outcome.ms + late })));
    }
    await sleep(1);
  }
  const outcomes = await Promise.all(answers);
  agent.destroy();
  return { outcomes, lateMs };
}
