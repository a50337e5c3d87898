import { setTimeout as sleep } from 'node:timers/promises';
import { withServer } from './server.js';
import { percentile, startTraffic, tally } from './traffic.js';

export interface SoakOptions {
  readonly seed: number;
  /** Comments to score, all different. */
  readonly comments: number;
}

export interface SoakReport {
  readonly comments: number;
  readonly seconds: number;
  readonly counts: Record<string, number>;
  /** Resident memory of all processes: at the start, in the middle (median of a tenth of the run) and at the end. */
  readonly memoryMb: readonly [start: number, middle: number, end: number];
  /** Of the end over the middle: 0.01 is one percent. */
  readonly growth: number;
}

const TEXTS = 128;
/** Memory is looked at for each hundredth of the comments: by time, a fast machine would have too few samples. */
const STEP = 0.01;
const LOOK_EVERY_MS = 5;
/** Samples whose median stands for a moment: memory swings with the collector. */
const SAMPLES = 8;

/** Scores comments in large requests, one after the other, and watches the memory of the server. */
export async function soak({ seed, comments }: SoakOptions): Promise<SoakReport> {
  return withServer({ RUTOX_PROCESSES: '2', RUTOX_THREADS: '1' }, async (server) => {
    const started = performance.now();
    const traffic = await startTraffic(server.port, { clients: 4, texts: TEXTS, keepAlive: true, seed });
    /** Memory, by how many comments had been scored. */
    const samples = [{ share: 0, bytes: server.memory() }];
    while (samples.at(-1)!.share < 1) {
      await sleep(LOOK_EVERY_MS);
      const share = (traffic.outcomes.length * TEXTS) / comments;
      if (share >= samples.at(-1)!.share + STEP || share >= 1)
        samples.push({ share, bytes: server.memory() });
    }
    const outcomes = await traffic.stop();
    const median = (some: readonly { bytes: number }[]) =>
      percentile(
        some.map(({ bytes }) => bytes),
        0.5,
      );
    const middle = median(samples.filter(({ share }) => share >= 0.5).slice(0, SAMPLES));
    const end = median(samples.slice(-SAMPLES));
    return {
      comments: outcomes.length * TEXTS,
      seconds: Math.round((performance.now() - started) / 1000),
      counts: tally(outcomes),
      memoryMb: [samples[0]!.bytes, middle, end].map((bytes) => Math.round(bytes / 1e6)) as [
        number,
        number,
        number,
      ],
      growth: Math.round((end / middle - 1) * 10_000) / 10_000,
    };
  });
}
