import type { Layout } from '../../src/cpus.js';
import { openEngine } from '../bench/engine.js';
import { significant, spread, table, whole } from '../bench/markdown.js';
import { play, warmUp } from '../bench/measure.js';
import type { Bench, Check, Section } from '../bench/section.js';
import { pairwiseRatios, summarise, type Summary } from '../bench/statistics.js';
import { loadTurn, quantiles, rates, takeTurns, type Side } from '../bench/turns.js';
import type { Load } from '../load/run-load.js';
import { withServers } from '../servers/server-process.js';
import { batch, onOneCpu, requestsFor, rutox, single, type Target } from '../servers/targets.js';

const BATCH = 128;
const ENGINE_BATCHES = [32, 64];
const SINGLES: Load = { connections: 64, seconds: 1.2 };
const BATCHES: Load = { connections: 8, seconds: 1.2 };
const WARM_UP = { seconds: 2.5 };

interface Setup extends Layout {
  readonly cpus: number;
  readonly target: Target;
}

interface Row extends Layout {
  readonly cpus: number;
  /** Single comments a second, and milliseconds. */
  readonly singles: number[];
  readonly singlesP99: number[];
  /** Comments a second in requests of `BATCH`. */
  readonly batches: number[];
}

/** From one process with one thread to all CPUs, single comments and batches. */
export async function scaling(bench: Bench): Promise<Section> {
  const { modelDir, model, generators, source } = bench;
  const setups = layouts(bench.cpus).flatMap(({ cpus, ...layout }): Setup[] => {
    const target = rutox(layout, modelDir);
    const limited = cpus < bench.cpus ? onOneCpu(target) : target;
    return limited === undefined ? [] : [{ ...layout, cpus, target: limited }];
  });
  const { wholePath } = await openEngine(model);
  bench.say('scaling: warming up');
  const engineTurn = await warmUp(wholePath, ENGINE_BATCHES, source);
  const rounds = bench.rounds(5);

  const requests = [requestsFor(single, bench.groups(1)), requestsFor(batch, bench.groups(BATCH))] as const;
  const measured = await withServers(
    setups.map(({ target }) => target),
    async (servers) => {
      const sides = servers.flatMap((server): [Side, Load][] => [
        [{ server, requests: requests[0] }, SINGLES],
        [{ server, requests: requests[1] }, BATCHES],
      ]);
      for (const [side, load] of sides) await loadTurn(generators, side, { ...load, ...WARM_UP });
      bench.say(`scaling: ${rounds} rounds over ${setups.length} layouts`);
      const engineRates: number[] = [];
      const results = await takeTurns(
        sides.map(([side, load], index) => async () => {
          // Once a round.
          if (index === 0) engineRates.push(1e6 / (await play(engineTurn)).usPerComment);
          return loadTurn(generators, side, load);
        }),
        rounds,
      );
      return { results, engineRates };
    },
  );
  const rows = setups.map(({ processes, threads, cpus }, index): Row => {
    const [singles, batches] = [measured.results[index * 2]!, measured.results[index * 2 + 1]!];
    return {
      cpus,
      processes,
      threads,
      singles: rates(singles),
      singlesP99: quantiles(singles, 0.99),
      batches: rates(batches).map((rate) => rate * BATCH),
    };
  });
  return {
    title: 'Scaling: processes and threads',
    body: render(rows, measured.engineRates),
    checks: checks(bench.cpus, rows, measured.engineRates),
    plots: {},
    figures: { rows, engine: measured.engineRates },
  };
}

/** One process with one thread, then 2, 4, … of either up to the CPUs, and twice as many threads as CPUs; the same on one CPU. */
function layouts(cpus: number): (Layout & { cpus: number })[] {
  const steps: number[] = [];
  for (let count = 2; count < cpus; count *= 2) steps.push(count);
  if (cpus > 1) steps.push(cpus);
  const all = [
    { cpus, processes: 1, threads: 1 },
    ...steps.flatMap((count) => [
      { cpus, processes: 1, threads: count },
      { cpus, processes: count, threads: 1 },
    ]),
    { cpus, processes: cpus, threads: 2 },
  ];
  if (cpus === 1) return all;
  const onOne = [1, 2].map((processes) => ({ cpus: 1, processes, threads: 1 }));
  return [...onOne, { cpus: 1, processes: 1, threads: 2 }, ...all];
}

function render(rows: readonly Row[], engineRates: readonly number[]): string {
  const cells = rows.map(({ cpus, processes, threads, singles, singlesP99, batches }) => [
    `${cpus} · ${processes} × ${threads}`,
    spread(summarise(singles), whole),
    significant(summarise(singlesP99).median),
    spread(summarise(batches), whole),
  ]);
  return [
    table(
      [
        'CPUs · processes × threads',
        'single comments a second',
        'their p99, ms',
        `comments a second in batches of ${BATCH}`,
      ],
      cells,
    ),
    `Closed loop: ${SINGLES.connections} connections for single comments, ${BATCHES.connections} for batches; the p99 is that of this full load. The engine alone,
one thread without HTTP, got through ${spread(summarise(engineRates), whole)} comments a second in the same rounds.
On one CPU only the server is bound to it, the load generator has the others.`,
  ].join('\n\n');
}

function checks(cpus: number, rows: readonly Row[], engineRates: readonly number[]): Check[] {
  const find = (processes: number, threads: number) =>
    rows.find((row) => row.cpus === cpus && row.processes === processes && row.threads === threads);
  const ratio = (a: readonly number[], b: readonly number[]): Summary => summarise(pairwiseRatios(a, b));
  const [one, two] = [find(1, 1), find(1, 2)];
  const all = find(cpus, 1)!;
  return [
    {
      what: `HTTP batches of ${BATCH} over engine rate × CPUs, ${cpus} × 1`,
      value: ratio(all.batches, engineRates).median / cpus,
      target: 0.8,
      better: 'higher',
    },
    ...(one && two && cpus > 1
      ? [
          {
            what: `HTTP batches of ${BATCH}, two threads over one`,
            value: ratio(two.batches, one.batches).median,
            target: 1.85,
            better: 'higher' as const,
          },
        ]
      : []),
  ];
}
