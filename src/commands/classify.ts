import { realpath } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { OfflineEngine } from '../inference/offline-engine.js';
import type { PolicyName } from '../model/manifest.js';
import { openRecords, type Records } from '../records/open-records.js';
import { CommandError, type InputRecord } from '../records/record.js';
import { rowFormatOf, type RowFormat } from '../records/rows.js';
import { EXIT, exitCodesHelp } from './exit-codes.js';
import { listenForInterruption } from './interruption.js';
import { ClosedPipe, openOutput, type Output } from './output.js';
import { openProgress, type Progress } from './progress.js';
import { batchesOf, scoreBatches, type ScoredBatch } from './score-records.js';
import {
  fractionFrom,
  nonEmpty,
  openEngine,
  withScoringOptions,
  type ScoringOptions,
} from './scoring-options.js';
import { WrittenRows, type WrittenCounts } from './written-rows.js';

interface ClassifyOptions extends ScoringOptions {
  readonly column: string;
  readonly field: string;
  readonly threshold?: number;
  readonly policy?: PolicyName;
  readonly output?: string;
  readonly resume?: boolean;
  readonly explain?: boolean;
}

/** `rutox classify`. */
export function registerClassify(program: Command): void {
  const command = program
    .command('classify')
    .description(
      'score the comments of a file: its rows, in their order, with toxic_score and is_toxic added',
    )
    .argument(
      '[file]',
      'CSV or TSV with a header, JSON lines, or lines of text; standard input when absent or -',
    );
  withScoringOptions(command)
    .option('--column <name>', 'column of a CSV or TSV that holds the text', nonEmpty, 'comment')
    .option('--field <name>', 'field of a JSON line that holds the text', nonEmpty, 'text')
    .option(
      '--threshold <number>',
      'toxic is what scores above it, 0 to 1; default: the policy',
      fractionFrom,
    )
    .addOption(
      new Option('--policy <name>', "threshold of the model's; default: the model's own")
        .choices(['premoderate', 'balanced', 'autoban'])
        .conflicts('threshold'),
    )
    .option('--explain', 'also where in a toxic text the parts stand that speak for it; takes much longer')
    .option('--output <file>', 'write there instead of to standard output', nonEmpty)
    .option('--resume', 'go on where an interrupted run into the same --output stopped')
    .option('--json', 'the summary on standard error as one JSON line')
    .addHelpText('after', HELP)
    .action(classify);
}

const HELP = `
A record that cannot be read (fields missing, not JSON, bytes of another encoding) is told on standard
error with its line, and keeps its place in the output: its text whole, without score and verdict.

${exitCodesHelp('done', 'failed', 'usage', 'badRows', 'interrupted')}
Examples:
  rutox classify comments.csv --output scored.csv
  rutox classify comments.csv --output scored.csv --resume
  rutox classify comments.csv --explain --output explained.csv
  rutox classify export.tsv --column message --policy autoban > scored.tsv
  tail -f comments.jsonl | rutox classify --format jsonl --field body
  echo "Спасибо, очень помогло" | rutox classify --format lines
`;

async function classify(file: string | undefined, options: ClassifyOptions): Promise<void> {
  const { output: target, resume } = options;
  if (resume === true && (target === undefined || file === undefined || file === '-')) {
    throw new CommandError('--resume needs an input file and --output');
  }
  if (file !== undefined && target !== undefined) await expectTwoFiles(file, target);
  const interruption = listenForInterruption();
  const records = await openRecords(file, {
    format: options.format,
    encoding: options.encoding,
    columns: (format) => [format === 'jsonl' ? options.field : options.column],
    signal: interruption.signal,
  });
  const format = rowFormatOf(records, options.explain === true);
  const engine = await openEngine(options);
  try {
    const run = new Run(records, format, engine, options);
    await run.all(target, resume === true);
    process.exitCode = interruption.exitCode() ?? (run.counts.bad > 0 ? EXIT.badRows : EXIT.done);
    run.summarise(interruption.exitCode() !== undefined);
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  } finally {
    records.close();
    await engine.close();
    interruption.dispose();
  }
}

/** Writing into the file that is read would lose it. */
async function expectTwoFiles(input: string, output: string): Promise<void> {
  const [from, to] = await Promise.all([input, output].map((path) => realpath(path).catch(() => undefined)));
  if (from !== undefined && from === to)
    throw new CommandError(`${output}: is the input; name another --output`);
}

class Run {
  readonly counts: WrittenCounts = { rows: 0, toxic: 0, bad: 0 };
  readonly #threshold: number;
  readonly #started = performance.now();
  #resumed = 0;

  constructor(
    readonly records: Records,
    readonly format: RowFormat,
    readonly engine: OfflineEngine,
    readonly options: ClassifyOptions,
  ) {
    const { threshold, policy } = options;
    const { policies, default_policy: fallback } = engine.manifest;
    this.#threshold = threshold ?? policies[policy ?? fallback].threshold;
  }

  async all(target: string | undefined, resume: boolean): Promise<void> {
    const written =
      resume && target !== undefined
        ? await WrittenRows.open(target, this.format, this.#threshold)
        : undefined;
    const batches = batchesOf(this.records);
    try {
      const first = written && (await this.#skip(written, batches));
      const hasHead = (written?.position ?? 0) > 0;
      const output = await openOutput(target, written?.position);
      const progress = await openProgress(this.records.size);
      try {
        if (!hasHead) await output.write(Buffer.from(this.format.head, 'latin1'));
        await this.#score(first === undefined ? batches : prepend(first, batches), output, progress);
      } finally {
        progress.stop();
        await output.close();
      }
    } finally {
      await written?.close();
    }
  }

  /** Passes over what was written; returns the first batch that was not. */
  async #skip(
    written: WrittenRows,
    batches: AsyncGenerator<InputRecord[]>,
  ): Promise<InputRecord[] | undefined> {
    if (!(await written.hasHead())) return undefined;
    for (;;) {
      const { value, done } = await batches.next();
      if (done === true) break;
      if (!(await written.has(value))) {
        this.#take(written.counts);
        return value;
      }
    }
    // Of a run that was interrupted again nothing can be said.
    if (!this.#stopped()) await written.expectNoMore();
    this.#take(written.counts);
    return undefined;
  }

  #stopped(): boolean {
    return this.records.isStopped();
  }

  #take(counts: WrittenCounts): void {
    Object.assign(this.counts, counts);
    this.#resumed = counts.rows;
  }

  async #score(batches: AsyncIterable<InputRecord[]>, output: Output, progress: Progress): Promise<void> {
    const isExplained = (score: number) => this.options.explain === true && score > this.#threshold;
    for await (const batch of scoreBatches(batches, this.engine, isExplained)) {
      await output.write(Buffer.from(this.#rows(batch, progress), 'latin1'));
      progress.update(this.records.consumed(), this.counts.rows - this.#resumed);
    }
  }

  #rows({ records, scores, spans }: ScoredBatch, progress: Progress): string {
    const { format, counts } = this;
    let rows = '';
    records.forEach((record, index) => {
      const score = scores[index];
      const { before, after } = format.parts(record);
      counts.rows++;
      if (score === undefined) {
        counts.bad++;
        progress.say(
          `rutox: ${this.records.name}: line ${record.line}: ${record.error ?? 'could not be scored'}`,
        );
        rows += before + format.noVerdict + after;
      } else {
        const isToxic = score > this.#threshold;
        if (isToxic) counts.toxic++;
        rows += before + format.verdict(score, isToxic, spans[index]) + after;
      }
    });
    return rows;
  }

  summarise(interrupted: boolean): void {
    const { rows, toxic, bad } = this.counts;
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = Math.round((rows - this.#resumed) / seconds);
    if (this.options.json === true) {
      const { version } = this.engine.manifest;
      const summary = {
        rows,
        toxic,
        bad,
        resumed: this.#resumed,
        interrupted,
        threshold: this.#threshold,
        model: version,
        encoding: this.records.encoding,
        seconds: Number(seconds.toFixed(3)),
        rows_per_second: rate,
      };
      process.stderr.write(`${JSON.stringify(summary)}\n`);
      return;
    }
    const count = (value: number) => value.toLocaleString('en-US');
    const parts = [
      `${count(rows)} rows`,
      `${count(toxic)} toxic`,
      `${count(bad)} bad`,
      ...(this.#resumed > 0 ? [`${count(this.#resumed)} of them from the run before`] : []),
    ];
    const end = interrupted ? '; interrupted, --resume goes on' : '';
    process.stderr.write(
      `rutox: ${parts.join(', ')}; ${seconds.toFixed(1)} s, ${count(rate)} rows/s${end}\n`,
    );
  }
}

async function* prepend<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
