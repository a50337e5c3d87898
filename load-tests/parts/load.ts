import { loadConfig } from '../../src/config.js';
import { significant, spread, table, whole } from '../bench/markdown.js';
import type { Bench, Section } from '../bench/section.js';
import { pairwiseRatios, summarise, type Summary } from '../bench/statistics.js';
import { lineChart } from '../../src/evaluation/line-chart.js';
import { loadTurn, quantiles, rates, takeTurns } from '../bench/turns.js';
import { withServers } from '../servers/server-process.js';
import { expressEcho, requestsFor, rutox } from '../servers/targets.js';

const PERCENTS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
const HALF = PERCENTS.indexOf(50);
const QUANTILES = [0.5, 0.99, 0.999];
const TURN_S = 2.5;
const FULL = { connections: 64, seconds: 2 };
const WARM_UP = { connections: 64, seconds: 4 };
const MAX_ROUNDS = 3;
/** More than the server works on at once, so that requests seldom wait in the generator. */
const CONNECTIONS = 128;

interface Step {
  readonly percent: number;
  readonly perSecond: number;
  readonly answeredPerSecond: Summary;
  readonly refused: number;
  /** Milliseconds, as `QUANTILES`. */
  readonly latencies: readonly Summary[];
}

/** Latency of single comments from 10 % to 100 % of what the server can do. */
export async function load(bench: Bench): Promise<Section> {
  const { generators } = bench;
  const { processes, threads } = loadConfig({});
  const targets = [rutox({ processes, threads }, bench.modelDir), expressEcho(processes)];
  return withServers(targets, async ([server, echo]) => {
    const side = { server: server!, requests: requestsFor(targets[0]!.single, bench.groups(1)) };
    const echoSide = { ...side, server: echo! };
    bench.say('load: finding the maximum');
    await loadTurn(generators, side, WARM_UP);
    await loadTurn(generators, echoSide, WARM_UP);
    const [full] = await takeTurns([() => loadTurn(generators, side, FULL)], MAX_ROUNDS);
    const max = summarise(rates(full!)).median;

    const rounds = bench.rounds(4);
    bench.say(`load: ${rounds} rounds`);
    const open = (percent: number) => ({
      connections: CONNECTIONS,
      seconds: TURN_S,
      perSecond: (max * percent) / 100,
    });
    const results = await takeTurns(
      [
        ...PERCENTS.map((percent) => () => loadTurn(generators, side, open(percent))),
        () => loadTurn(generators, echoSide, open(PERCENTS[HALF]!)),
      ],
      rounds,
    );
    const steps = PERCENTS.map((percent, index): Step => {
      const each = results[index]!;
      return {
        percent,
        perSecond: open(percent).perSecond,
        answeredPerSecond: summarise(rates(each)),
        refused: each.reduce((sum, { refused }) => sum + refused, 0),
        latencies: QUANTILES.map((share) => summarise(quantiles(each, share))),
      };
    });
    const p99 = quantiles(results[HALF]!, 0.99);
    const p99OfEcho = quantiles(results.at(-1)!, 0.99);
    const ratio = summarise(pairwiseRatios(p99, p99OfEcho));
    return {
      title: 'Latency against load',
      body: render(steps, { max, rounds, p99OfEcho: summarise(p99OfEcho), ratio }),
      checks: [
        {
          what: "p99 at half of the maximum over the Express echo's at the same rate",
          value: ratio.median,
          target: 3,
          better: 'lower',
        },
      ],
      plots: { latency: plot(steps) },
      figures: { max, rounds, steps, p99OfEcho, ratio },
    };
  });
}

function render(
  steps: readonly Step[],
  found: { max: number; rounds: number; p99OfEcho: Summary; ratio: Summary },
): string {
  return [
    `Single comments, open loop with Poisson arrivals, ${TURN_S} s at a time, ${found.rounds} rounds; the maximum is what ${FULL.connections} busy
connections got: ${whole(found.max)} a second. Milliseconds from when a request was due.`,
    table(
      ['load', 'due a second', 'answered a second', 'refused', 'p50', 'p99 (quartiles)', 'p99.9'],
      steps.map(({ percent, perSecond, answeredPerSecond, refused, latencies: [p50, p99, p999] }) => [
        `${percent} %`,
        whole(perSecond),
        whole(answeredPerSecond.median),
        whole(refused),
        significant(p50!.median),
        spread(p99!),
        significant(p999!.median),
      ]),
    ),
    `At half of the maximum the Express echo's p99 was ${spread(found.p99OfEcho)} ms; rutox's is ${spread(found.ratio)} times that.`,
    '![Latency against load](plots/latency.svg)',
  ].join('\n\n');
}

function plot(steps: readonly Step[]): string {
  const names = ['p50', 'p99', 'p99.9'];
  return lineChart({
    x: { label: '% of the maximum', ticks: PERCENTS },
    panels: [
      {
        title: 'milliseconds',
        log: true,
        series: names.map((name, index) => ({
          name,
          points: steps.map(({ percent, latencies }) => [percent, latencies[index]!.median] as const),
        })),
      },
    ],
  });
}
