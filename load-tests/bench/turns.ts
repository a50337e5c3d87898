import type { Request } from '../load/connection.js';
import type { Generators, LoadResult } from '../load/generators.js';
import type { Load } from '../load/run-load.js';
import type { RunningServer } from '../servers/server-process.js';

/** Lets the sides take turns, A B C A B C …; for each of them one result a round. */
export async function takeTurns<T>(sides: readonly (() => Promise<T>)[], rounds: number): Promise<T[][]> {
  const results = sides.map((): T[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, play] of sides.entries()) results[index]!.push(await play());
  }
  return results;
}

/** A server and what it is asked. */
export interface Side {
  readonly server: RunningServer;
  readonly requests: readonly Request[];
}

/**
 * One turn of a server under load.
 * @throws Error when it does not do what it was asked: its figures would mean nothing
 */
export async function loadTurn(
  generators: Generators,
  { server, requests }: Side,
  load: Load,
): Promise<LoadResult> {
  const result = await generators.run(server.port, requests, load);
  if (result.failed > 0 || result.answered === 0) {
    throw new Error(`${server.name}: ${result.failed} requests failed, ${result.answered} were answered`);
  }
  return result;
}

/** Milliseconds that this share of the requests of each round stayed at or below. */
export function quantiles(results: readonly LoadResult[], share: number): number[] {
  return results.map(({ latencies }) => latencies.quantile(share));
}

export function rates(results: readonly LoadResult[]): number[] {
  return results.map(({ answeredPerSecond }) => answeredPerSecond);
}
