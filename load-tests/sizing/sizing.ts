import { table, whole } from '../bench/markdown.js';

/** What load-tests/RESULTS.md says of the server's default form on two CPUs. */
export interface Measured {
  /** Comments a second for each CPU: the lower quartile, the load generator's share of the CPUs included. */
  readonly singlePerCpu: number;
  readonly batchPerCpu: number;
  readonly processMb: number;
}

/** Of the capacity, in ordinary operation: the target of the autoscaler. */
export const TARGET = 0.6;
/** The busiest hour of a day over its mean. */
const PEAK = 3;
const POD_CPUS = 2;
const POD_GIB = 1;
/** One may be missing: a node that fails, a pod that is replaced. */
const SPARE = 1;
const COMMENTS_A_DAY = [1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** @throws Error when RESULTS.md has not the rows that are looked for */
export function readResults(text: string): Measured {
  const [, single, batch] = find(
    text,
    /^\| 2 · 2 × 1 +\| +[\d,]+ \(([\d,]+) to [\d,]+\) \| +[\d.]+ \| +[\d,]+ \(([\d,]+) to/m,
  );
  const [, memory] = find(text, /^\| 2 × 1 +\| +[\d,]+ \([^)]+\) \| +[\d,]+ \([\d,]+ to ([\d,]+)\)/m);
  return {
    singlePerCpu: toNumber(single) / POD_CPUS,
    batchPerCpu: toNumber(batch) / POD_CPUS,
    processMb: toNumber(memory),
  };
}

/** Pods of two CPUs for a number of comments a second at the peak. */
export function pods(commentsASecond: number, perCpu: number): number {
  return Math.ceil(commentsASecond / (perCpu * POD_CPUS * TARGET)) + SPARE;
}

/** The generated part of docs/sizing.md. */
export function sizingTables(measured: Measured): string {
  const { singlePerCpu, batchPerCpu, processMb } = measured;
  const given = [
    ['single comments a second for each CPU, HTTP included', whole(singlePerCpu)],
    ['comments a second for each CPU in requests of 128', whole(batchPerCpu)],
    ['MB resident in a server process after load, at most', whole(processMb)],
    ['of its capacity a pod is to use', `${TARGET * 100} %`],
    ['single comments a second for a pod of two CPUs, at that', whole(singlePerCpu * POD_CPUS * TARGET)],
    ['in requests of 128', whole(batchPerCpu * POD_CPUS * TARGET)],
  ];
  const rows = COMMENTS_A_DAY.map((day) => {
    const peak = (day / 86_400) * PEAK;
    const single = pods(peak, singlePerCpu);
    return [day, peak, single, single * POD_CPUS, single * POD_GIB, pods(peak, batchPerCpu)].map(whole);
  });
  return [
    table(['from RESULTS.md', ''], given),
    table(
      [
        'comments a day',
        'a second at the peak',
        'pods',
        'CPUs',
        'GiB',
        'pods, if they come in requests of 128',
      ],
      rows,
    ),
  ].join('\n\n');
}

function find(text: string, pattern: RegExp): RegExpExecArray {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`load-tests/RESULTS.md: no row ${pattern.source}`);
  return found;
}

function toNumber(text = ''): number {
  return Number(text.replaceAll(',', ''));
}
