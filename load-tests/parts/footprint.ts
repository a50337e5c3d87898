import { loadConfig } from '../../src/config.js';
import { significant, spread, table, whole } from '../bench/markdown.js';
import type { Bench, Section } from '../bench/section.js';
import type { LoadResult } from '../load/generators.js';
import { summarise, type Summary } from '../bench/statistics.js';
import { loadTurn, quantiles } from '../bench/turns.js';
import { withServers } from '../servers/server-process.js';
import { batch, requestsFor, rutox, scrape, single } from '../servers/targets.js';

const BATCH = 128;
const LOAD_S = 3;
/** Seldom enough that a scrape finds the server idle, its caches cold. */
const SCRAPES = { connections: 1, perSecond: 3, seconds: 5 };

interface Row {
  readonly processes: number;
  readonly threads: number;
  readonly readyMs: Summary;
  /** MB of the largest server process after load; undefined where the system does not tell. */
  readonly residentMb: Summary | undefined;
  /** Median time of an answer of `/metrics`. */
  readonly scrapeMs: Summary;
}

/** How soon the server is ready, what memory its processes hold after load, and what a scrape of its metrics takes. */
export async function footprint(bench: Bench): Promise<Section> {
  const rounds = bench.rounds(5);
  const { processes, threads } = loadConfig({});
  const layouts = [
    { processes: 1, threads: 1 },
    ...(processes * threads > 1 ? [{ processes, threads }] : []),
  ];
  const load = [requestsFor(single, bench.groups(1)), requestsFor(batch, bench.groups(BATCH))];
  const rows: Row[] = [];
  for (const layout of layouts) {
    bench.say(`footprint: ${layout.processes} × ${layout.threads}, ${rounds} starts`);
    const readyMs: number[] = [];
    const residentMb: number[] = [];
    const scrapes: LoadResult[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await withServers([rutox(layout, bench.modelDir)], async ([server]) => {
        readyMs.push(server!.readyMs);
        for (const requests of load)
          await loadTurn(
            bench.generators,
            { server: server!, requests },
            { connections: 16, seconds: LOAD_S },
          );
        // Above several server processes there is a primary, which comes first and serves no comment.
        const serving = server!.usage()?.residentMb.slice(layout.processes > 1 ? 1 : 0);
        if (serving !== undefined) residentMb.push(Math.max(...serving));
        scrapes.push(await loadTurn(bench.generators, { server: server!, requests: [scrape] }, SCRAPES));
      });
    }
    rows.push({
      ...layout,
      readyMs: summarise(readyMs),
      residentMb: residentMb.length === 0 ? undefined : summarise(residentMb),
      scrapeMs: summarise(quantiles(scrapes, 0.5)),
    });
  }
  const last = rows.at(-1)!;
  return {
    title: 'Start and memory',
    body: [
      table(
        [
          'processes × threads',
          'ready after ms (quartiles)',
          'MB resident, largest server process',
          'ms for a scrape',
        ],
        rows.map(({ processes, threads, readyMs, residentMb, scrapeMs }) => [
          `${processes} × ${threads}`,
          spread(readyMs, whole),
          residentMb === undefined ? '–' : spread(residentMb, whole),
          spread(scrapeMs, significant),
        ]),
      ),
      `From starting \`node\` to the first 200 of \`/readyz\`, ${rounds} starts each; memory after ${LOAD_S} s of single comments and ${LOAD_S} s of batches of ${BATCH}; then ${SCRAPES.perSecond} scrapes of \`/metrics\` a second for ${SCRAPES.seconds} s, their median of each start.`,
    ].join('\n\n'),
    checks: [
      { what: 'ready, ms after starting node', value: last.readyMs.median, target: 1500, better: 'lower' },
      ...(last.residentMb === undefined
        ? []
        : [
            {
              what: 'MB resident in a server process',
              value: last.residentMb.median,
              target: 180,
              better: 'lower' as const,
            },
          ]),
      {
        what: 'a scrape of the metrics, ms',
        value: last.scrapeMs.median,
        target: 10,
        better: 'lower',
      },
    ],
    plots: {},
    figures: rows,
  };
}
