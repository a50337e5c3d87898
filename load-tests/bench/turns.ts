import type { Request } from '../load/connection.js';
import type { Generators, LoadResult } from '../load/generators.js';
import type { Load } from '../load/run-load.js';
import type { RunningServer } from '../servers/server-process.js';

/** A server and the load it gets when its turn comes. */
export interface LoadTurn {
  readonly server: RunningServer;
  readonly requests: readonly Request[];
  readonly load: Load;
}

/**
 * Lets the servers take turns, A B C A B C …; for each of `turns` one result a round.
 * @throws Error when one does not do what it was asked: its figures would mean nothing
 */
export async function playLoads(
  generators: Generators,
  turns: readonly LoadTurn[],
  rounds: number,
): Promise<LoadResult[][]> {
  const results = turns.map((): LoadResult[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { server, requests, load }] of turns.entries()) {
      const result = await generators.run(server.port, requests, load);
      if (result.failed > 0 || result.answered === 0) {
        throw new Error(`${server.name}: ${result.failed} requests failed, ${result.answered} were answered`);
      }
      results[index]!.push(result);
    }
  }
  return results;
}

/** Milliseconds that this share of the requests of each round stayed at or below. */
export function quantiles(results: readonly LoadResult[], share: number): number[] {
  return results.map(({ latencies }) => latencies.quantile(share));
}

export function rates(results: readonly LoadResult[]): number[] {
  return results.map(({ answeredPerSecond }) => answeredPerSecond);
}
