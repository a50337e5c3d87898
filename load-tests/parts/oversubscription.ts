import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { significant, spread, table, whole } from '../bench/markdown.js';
import type { Bench, Section } from '../bench/section.js';
import { pairwiseRatios, summarise } from '../bench/statistics.js';
import { lineChart } from '../../src/evaluation/line-chart.js';
import { takeTurns } from '../bench/turns.js';
import { Histogram } from '../load/histogram.js';
import type { ProcessData } from '../oversubscription/process.js';
import type { Turn, TurnResult } from '../oversubscription/thread.js';
import { usageOf } from '../servers/process-tree.js';

const BATCH = 32;
const TURN_S = 1;
const KINDS = ['threads', 'processes'] as const;

/** So many threads in one process, or processes with one thread. */
interface Setup {
  readonly kind: (typeof KINDS)[number];
  readonly count: number;
  /** 0: what ONNX Runtime takes by itself. */
  readonly intraOpThreads: 0 | 1;
}

interface Outcome {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** For every 1,000 comments; NaN where the system does not tell. */
  readonly switches: number;
}

/** Inference threads that each bring a pool of ONNX Runtime's own, against threads that bring none. */
export async function oversubscription(bench: Bench): Promise<Section> {
  const counts = [...new Set([1, bench.cpus, bench.cpus * 2, bench.cpus * 4])];
  const setups = KINDS.flatMap((kind) =>
    counts.flatMap((count) =>
      ([0, 1] as const).map((intraOpThreads): Setup => ({ kind, count, intraOpThreads })),
    ),
  );
  bench.say(`oversubscription: starting ${setups.length} setups`);
  const groups: ChildProcess[][] = [];
  try {
    for (const setup of setups) groups.push(await start(bench, setup));
    const rounds = bench.rounds(3);
    bench.say(`oversubscription: ${rounds} rounds`);
    const turn = (seconds: number): Turn => ({ batches: bench.groups(BATCH), seconds });
    const play = (seconds: number) => groups.map((group) => () => playTurn(group, turn(seconds)));
    await takeTurns(play(TURN_S / 2), 1);
    const outcomes = await takeTurns(play(TURN_S), rounds);
    return section(counts, setups, outcomes, rounds);
  } finally {
    for (const child of groups.flat()) child.disconnect();
  }
}

async function start(bench: Bench, { kind, count, intraOpThreads }: Setup): Promise<ChildProcess[]> {
  const [processes, threads] = kind === 'processes' ? [count, 1] : [1, count];
  const data: ProcessData = { modelDir: bench.modelDir, threads, intraOpThreads };
  const file = join(packageRoot, 'dist', 'load-tests', 'oversubscription', 'process.js');
  return Promise.all(
    Array.from({ length: processes }, async () => {
      const child = fork(file);
      child.send(data);
      await once(child, 'message');
      return child;
    }),
  );
}

async function playTurn(group: readonly ChildProcess[], turn: Turn): Promise<Outcome> {
  const before = switchesOf(group);
  const results = await Promise.all(
    group.map(async (child) => {
      child.send(turn);
      const [answer] = (await once(child, 'message')) as [TurnResult[]];
      return answer;
    }),
  );
  const after = switchesOf(group);
  const latencies = new Histogram();
  let comments = 0;
  for (const result of results.flat()) {
    latencies.add(new Histogram(result.latencies));
    comments += result.comments;
  }
  return {
    perSecond: comments / turn.seconds,
    p99Ms: latencies.quantile(0.99),
    switches: ((after - before) / comments) * 1000,
  };
}

function switchesOf(group: readonly ChildProcess[]): number {
  const each = group.map((child) => {
    const usage = usageOf(child.pid!);
    return usage === undefined ? NaN : usage.voluntarySwitches + usage.involuntarySwitches;
  });
  return each.reduce((sum, value) => sum + value, 0);
}

function section(
  counts: readonly number[],
  setups: readonly Setup[],
  outcomes: readonly (readonly Outcome[])[],
  rounds: number,
): Section {
  const values = (kind: Setup['kind'], count: number, intraOpThreads: 0 | 1, key: keyof Outcome) => {
    const index = setups.findIndex(
      (setup) => setup.kind === kind && setup.count === count && setup.intraOpThreads === intraOpThreads,
    );
    return outcomes[index]!.map((outcome) => outcome[key]);
  };
  const rows = KINDS.flatMap((kind) =>
    counts.map((count) => {
      const pair = (key: keyof Outcome, format: (value: number) => string) =>
        ([1, 0] as const)
          .map((intra) => format(summarise(values(kind, count, intra, key)).median))
          .join(' · ');
      const ratio = pairwiseRatios(values(kind, count, 1, 'perSecond'), values(kind, count, 0, 'perSecond'));
      return [
        `${count} ${count === 1 ? kind.replace(/e?s$/, '') : kind}`,
        pair('perSecond', whole),
        spread(summarise(ratio)),
        pair('p99Ms', significant),
        pair('switches', whole),
      ];
    }),
  );
  const panel = (title: string, key: keyof Outcome) => ({
    title,
    series: KINDS.flatMap((kind) =>
      ([1, 0] as const).map((intra) => ({
        name: `${kind}, ${intra === 1 ? 'one each' : "ONNX Runtime's default"}`,
        points: counts.map((count): [number, number] => [
          count,
          summarise(values(kind, count, intra, key)).median,
        ]),
      })),
    ),
  });
  return {
    title: 'The oversubscription trap',
    body: [
      `Inference threads that always have a batch of ${BATCH} waiting (the code of the server's threads, without HTTP): in each pair of
figures, sessions of one intra-op thread first, sessions with ONNX Runtime's default second. ${rounds} rounds.`,
      table(
        [
          '',
          'comments a second',
          'one over default',
          'p99 of a batch, ms',
          'context switches per 1,000 comments',
        ],
        rows,
      ),
      '![Throughput, p99 and context switches by threads and processes](plots/oversubscription.svg)',
    ].join('\n\n'),
    checks: counts.includes(2)
      ? [
          {
            what: 'two inference threads over one, without HTTP',
            value: summarise(
              pairwiseRatios(values('threads', 2, 1, 'perSecond'), values('threads', 1, 1, 'perSecond')),
            ).median,
            target: 1.85,
            better: 'higher',
          },
        ]
      : [],
    plots: {
      oversubscription: lineChart({
        x: { label: 'threads, or processes of one', ticks: counts, log: true },
        panels: [
          panel('comments a second', 'perSecond'),
          panel('p99 of a batch, ms', 'p99Ms'),
          panel('switches per 1,000 comments', 'switches'),
        ],
      }),
    },
    figures: setups.map((setup, index) => ({ ...setup, outcomes: outcomes[index] })),
  };
}
