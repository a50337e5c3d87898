import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Request } from './connection.js';
import type { Job, JobAnswer } from './generator.js';
import { Histogram } from './histogram.js';
import type { Load, Tally } from './run-load.js';

export interface LoadResult extends Tally {
  readonly seconds: number;
  readonly answeredPerSecond: number;
  /** CPUs that the generators kept busy. */
  readonly generatorCpus: number;
}

/** Processes that send load together. */
export class Generators {
  readonly #children: readonly ChildProcess[];

  constructor(count: number) {
    const file = join(packageRoot, 'dist', 'load-tests', 'load', 'generator.js');
    this.#children = Array.from({ length: count }, () => fork(file, { serialization: 'advanced' }));
  }

  /**
   * Each sends its share of the load, beginning at another of the requests.
   * @throws Error when nobody listens, or a generator ends
   */
  async run(port: number, requests: readonly Request[], load: Load): Promise<LoadResult> {
    const count = this.#children.length;
    const answers = await Promise.all(
      this.#children.map((child, index) => {
        const first = Math.floor((requests.length * index) / count);
        return ask(child, {
          port,
          requests: [...requests.slice(first), ...requests.slice(0, first)],
          load: {
            ...load,
            connections: Math.ceil(load.connections / count),
            ...(load.perSecond !== undefined && { perSecond: load.perSecond / count }),
          },
        });
      }),
    );
    const sum = { answered: 0, refused: 0, failed: 0, unanswered: 0, latencies: new Histogram() };
    let cpuSeconds = 0;
    for (const answer of answers) {
      for (const key of ['answered', 'refused', 'failed', 'unanswered'] as const)
        sum[key] += answer.tally[key];
      sum.latencies.add(new Histogram(answer.latencies));
      cpuSeconds += answer.cpuSeconds;
    }
    const { seconds } = load;
    return {
      ...sum,
      seconds,
      answeredPerSecond: sum.answered / seconds,
      generatorCpus: cpuSeconds / seconds,
    };
  }

  close(): void {
    for (const child of this.#children) child.disconnect();
  }
}

async function ask(child: ChildProcess, job: Job): Promise<Exclude<JobAnswer, { message: string }>> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(() => [{ message: 'a load generator ended' }]);
  // It is aborted below, and nobody waits for it then.
  ended.catch(() => {});
  child.send(job);
  const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [JobAnswer];
  over.abort();
  if ('message' in answer) throw new Error(answer.message);
  return answer;
}
