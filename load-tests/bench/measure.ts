import { cpuUsage } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import type { CommentSource } from './comments.js';
import type { Batch, Contender } from './contender.js';
import { summarise } from './statistics.js';
import { takeTurns } from './turns.js';

/** A contender runs about this long in each round. */
const TURN_MS = 250;
const WARM_UP_ROUNDS = 5;
const SETTLE_MS = 20;

/** What a contender does when its turn comes. */
export interface Turn {
  readonly contender: Contender;
  readonly batchSize: number;
  readonly batches: () => Batch[];
}

/** One value a round. */
export interface Measured {
  readonly usPerComment: number[];
  /** Processor time of its whole process over time passed: 1 is one core. */
  readonly cores: number[];
}

/** Finds the batch size that suits a contender best, warming it up meanwhile, and how many make a turn. */
export async function warmUp(
  contender: Contender,
  batchSizes: readonly number[],
  source: CommentSource,
): Promise<Turn> {
  const turns = batchSizes.map((batchSize) => ({ contender, batchSize, batches: () => [source(batchSize)] }));
  // Once to compile the code and once to see how fast it then is.
  await playRounds(turns, WARM_UP_ROUNDS);
  const rough = await playRounds(turns, 1);
  const sized = turns.map(({ batchSize }, index) => {
    const count = Math.max(1, Math.round((TURN_MS * 1000) / (rough[index]!.usPerComment[0]! * batchSize)));
    return { contender, batchSize, batches: () => Array.from({ length: count }, () => source(batchSize)) };
  });
  const times = (await playRounds(sized, WARM_UP_ROUNDS)).map(
    ({ usPerComment }) => summarise(usPerComment).median,
  );
  return sized[times.indexOf(Math.min(...times))]!;
}

/** Lets the contenders take turns and times each turn. */
export async function playRounds(turns: readonly Turn[], rounds: number): Promise<Measured[]> {
  const results = await takeTurns(
    turns.map((turn) => () => play(turn)),
    rounds,
  );
  return results.map((each) => ({
    usPerComment: each.map(({ usPerComment }) => usPerComment),
    cores: each.map(({ cores }) => cores),
  }));
}

/** Times one turn. */
export async function play({ contender, batches }: Turn): Promise<{ usPerComment: number; cores: number }> {
  const prepared = batches();
  const run = contender.prepare(prepared);
  // The collector's own threads clear up what preparing left; that is not to be counted below.
  await setTimeout(SETTLE_MS);
  const cpuSeconds = contender.cpuSeconds ?? ownCpuSeconds;
  const cpuBefore = cpuSeconds();
  const started = performance.now();
  await run();
  const us = (performance.now() - started) * 1000;
  const cpuUs = (cpuSeconds() - cpuBefore) * 1e6;
  const comments = prepared.reduce((sum, batch) => sum + batch.length, 0);
  return { usPerComment: us / comments, cores: cpuUs / us };
}

function ownCpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}
