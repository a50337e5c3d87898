import { loadConfig } from '../../src/config.js';
import { significant, spread, table, whole } from '../bench/markdown.js';
import type { Bench, Check, Section } from '../bench/section.js';
import { pairwiseRatios, summarise, type Summary } from '../bench/statistics.js';
import { loadTurn, quantiles, rates, takeTurns, type Side } from '../bench/turns.js';
import { withServers } from '../servers/server-process.js';
import { fastApi, FASTAPI, LITSERVE, MLSERVER, modelServers } from '../servers/python-peers.js';
import { EXPRESS_ECHO, expressEcho, RAW_ECHO, rawEcho, requestsFor, rutox } from '../servers/targets.js';

const CONNECTIONS = 64;
const TURN_S = 1.5;
const WARM_UP_S = 4;

interface Row {
  readonly name: string;
  readonly perSecond: Summary;
  /** CPUs that the load generator took meanwhile. */
  readonly generatorCpus: number;
  /** What rutox is compared with it; undefined for rutox itself. */
  readonly against?: {
    /** Requests a second, rutox over this one. */
    readonly speed: Summary;
    readonly equalPerSecond: number;
    readonly p99: Summary;
    readonly p99OfRutox: Summary;
    /** p99, this one over rutox. */
    readonly p99Ratio: Summary;
  };
}

/** Single comments over HTTP: rutox against servers that do nothing and servers that do the same. */
export async function http(bench: Bench): Promise<Section> {
  const { processes, threads } = loadConfig({});
  const targets = [
    rutox({ processes, threads }, bench.modelDir),
    rawEcho(processes),
    expressEcho(processes),
    ...fastApi(bench, processes),
    ...modelServers(bench, processes),
  ];
  const rows = await withServers(targets, (servers) =>
    compare(
      bench,
      targets.map(({ single }, index) => ({
        server: servers[index]!,
        requests: requestsFor(single, bench.groups(1)),
      })),
    ),
  );
  return {
    title: 'Single comments over HTTP',
    body: render(rows),
    checks: checks(rows),
    plots: {},
    figures: rows,
  };
}

async function compare(bench: Bench, sides: readonly Side[]): Promise<Row[]> {
  const { generators } = bench;
  const rounds = bench.rounds(7);
  const full = (seconds: number) =>
    sides.map((side) => () => loadTurn(generators, side, { connections: CONNECTIONS, seconds }));
  bench.say('http: warming up');
  await takeTurns(full(WARM_UP_S), 1);
  bench.say(`http: ${rounds} rounds of full load`);
  const atFull = await takeTurns(full(TURN_S), rounds);
  const medians = atFull.map((results) => summarise(rates(results)).median);

  // Each of the others in turn with rutox, at half of what the slower of the two can do.
  bench.say(`http: ${rounds} rounds of equal load`);
  const pairs = sides.slice(1).map((side, index) => {
    const perSecond = Math.min(medians[0]!, medians[index + 1]!) / 2;
    return { side, perSecond, load: { connections: CONNECTIONS * 2, seconds: TURN_S, perSecond } };
  });
  const atEqual = await takeTurns(
    pairs.flatMap(({ side, load }) =>
      [side, sides[0]!].map((each) => () => loadTurn(generators, each, load)),
    ),
    rounds,
  );

  return sides.map(({ server }, index): Row => {
    const row = {
      name: server.name,
      perSecond: summarise(rates(atFull[index]!)),
      generatorCpus: summarise(atFull[index]!.map(({ generatorCpus }) => generatorCpus)).median,
    };
    if (index === 0) return row;
    const p99 = quantiles(atEqual[index * 2 - 2]!, 0.99);
    const p99OfRutox = quantiles(atEqual[index * 2 - 1]!, 0.99);
    return {
      ...row,
      against: {
        speed: summarise(pairwiseRatios(rates(atFull[0]!), rates(atFull[index]!))),
        equalPerSecond: pairs[index - 1]!.perSecond,
        p99: summarise(p99),
        p99OfRutox: summarise(p99OfRutox),
        p99Ratio: summarise(pairwiseRatios(p99, p99OfRutox)),
      },
    };
  });
}

function render(rows: readonly Row[]): string {
  const speeds = rows.map(({ name, perSecond, against, generatorCpus }) => [
    name,
    spread(perSecond, whole),
    against === undefined ? '' : spread(against.speed),
    significant(generatorCpus),
  ]);
  const equal = rows.flatMap(({ name, against }) =>
    against === undefined
      ? []
      : [
          [
            name,
            whole(against.equalPerSecond),
            spread(against.p99),
            spread(against.p99OfRutox),
            spread(against.p99Ratio),
          ],
        ],
  );
  const missing = Object.keys(TARGETS).filter((name) => !rows.some((row) => row.name === name));
  return [
    `All run in as many processes as rutox does by default. The echoes score nothing; MLServer and LitServe get rutox's text work
done beforehand, in their favour ([peers/README.md](peers/README.md)).${missing.length === 0 ? '' : ` Left out: ${missing.join('; ')}.`}`,
    `Every connection busy (${CONNECTIONS} of them, closed loop):`,
    table(
      ['', 'requests a second (quartiles)', 'rutox is … times as fast', 'CPUs the generator took'],
      speeds,
    ),
    'Each with rutox at an equal load, half of what the slower of the two can do (open loop, Poisson arrivals):',
    table(['', 'requests a second', 'its p99, ms', "rutox's p99, ms", "its p99 over rutox's"], equal),
  ].join('\n\n');
}

/** How many times as fast as these rutox is to be, and how many times lower its p99 at equal load. */
const TARGETS: Readonly<Record<string, { readonly speed: number; readonly p99?: number }>> = {
  [RAW_ECHO]: { speed: 0.4 },
  // On Node 24 Express itself is faster.
  [EXPRESS_ECHO]: { speed: Number(process.versions.node.split('.')[0]) >= 24 ? 0.9 : 1.5 },
  [FASTAPI]: { speed: 10, p99: 10 },
  [MLSERVER]: { speed: 1, p99: 1 },
  [LITSERVE]: { speed: 1, p99: 1 },
};

function checks(rows: readonly Row[]): Check[] {
  return rows.flatMap(({ name, against }): Check[] => {
    if (against === undefined) return [];
    const { speed, p99 } = TARGETS[name]!;
    const what = `HTTP single, rutox over ${name}`;
    return [
      { what: `${what}: requests a second`, value: against.speed.median, target: speed, better: 'higher' },
      ...(p99 === undefined
        ? []
        : [
            {
              what: `${what}: p99 at equal load`,
              value: against.p99Ratio.median,
              target: p99,
              better: 'higher' as const,
            },
          ]),
    ];
  });
}
