import type { Request } from './connection.js';
import { runLoad, type Load, type Tally } from './run-load.js';

/** One run, for this process. */
export interface Job {
  readonly port: number;
  readonly requests: readonly Request[];
  readonly load: Load;
}

export type JobAnswer =
  | {
      readonly tally: Omit<Tally, 'latencies'>;
      readonly latencies: readonly number[];
      readonly cpuSeconds: number;
    }
  | { readonly message: string };

/** A process of its own, so that the bench's other work never delays a request. `generators.ts` starts it. */
process.on('message', (job: Job) => {
  void answer(job).then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit());

async function answer({ port, requests, load }: Job): Promise<JobAnswer> {
  try {
    const before = process.cpuUsage();
    const { latencies, ...tally } = await runLoad(port, requests, load);
    const { user, system } = process.cpuUsage(before);
    return { tally, latencies: latencies.toJSON(), cpuSeconds: (user + system) / 1e6 };
  } catch (error) {
    return { message: (error as Error).message };
  }
}
