import type { Machine } from './machine.js';
import type { Measured } from './measure.js';
import { pairwiseRatios, summarise, type Summary } from './statistics.js';

export interface Line {
  readonly name: string;
  readonly batchSize: number;
  readonly usPerComment: Summary;
  readonly commentsPerSecond: number;
  readonly cores: number;
}

/** Everything that one run found out. */
export interface Report {
  readonly machine: Machine;
  readonly model: { readonly version: string; readonly file: string; readonly bytes: number };
  readonly data: { readonly name: string; readonly comments: number; readonly meanCharacters: number };
  readonly rounds: number;
  readonly lines: readonly Line[];
  /** How many times faster the first line is than the second, round by round. */
  readonly ratio: Summary;
}

/** Sums up what a contender needed. */
export function lineOf(name: string, batchSize: number, { usPerComment, cores }: Measured): Line {
  const summary = summarise(usPerComment);
  return {
    name,
    batchSize,
    usPerComment: summary,
    commentsPerSecond: 1e6 / summary.median,
    cores: summarise(cores).median,
  };
}

/** How many times the time of `fast` the time of `slow` is. */
export function ratioOf(slow: Measured, fast: Measured): Summary {
  return summarise(pairwiseRatios(slow.usPerComment, fast.usPerComment));
}

/** The report as Markdown, for the terminal and for RESULTS.md. */
export function render({ machine, model, data, rounds, lines, ratio }: Report): string {
  const rows = lines.map(({ name, batchSize, usPerComment, commentsPerSecond, cores }) => [
    name,
    String(batchSize),
    spread(usPerComment, decimal),
    whole(commentsPerSecond),
    cores.toFixed(2),
  ]);
  const header = ['', 'batch', 'µs a comment (quartiles)', 'comments a second', 'cores used'];
  const best = spread(ratio, (value) => value.toFixed(1));
  return [
    `${machine.cpu}, ${machine.cpus} CPUs, ${machine.system}; Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}; load before the run ${machine.loadBefore.toFixed(1)}.`,
    `Model ${model.version} (${model.file}, ${whole(model.bytes)} bytes); ${whole(data.comments)} distinct comments of ${data.name}, ${whole(data.meanCharacters)} characters on average; ${rounds} rounds.`,
    table(header, rows),
    `**${best} times as fast as the predecessor's CNN**, round by round.`,
  ].join('\n\n');
}

function spread(
  { median, lowerQuartile, upperQuartile }: Summary,
  format: (value: number) => string,
): string {
  return `${format(median)} (${format(lowerQuartile)} to ${format(upperQuartile)})`;
}

function decimal(value: number): string {
  return value < 100 ? value.toFixed(1) : whole(value);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A Markdown table laid out as prettier does it: the first column to the left, numbers to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]!.length)),
  );
  const lineOfCells = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [lineOfCells(header), lineOfCells(rule), ...rows.map(lineOfCells)].join('\n');
}
