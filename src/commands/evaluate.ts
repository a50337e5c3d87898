import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Evaluation } from '../evaluation/report.js';
import type { Sample } from '../evaluation/sample.js';
import type { OfflineEngine } from '../inference/offline-engine.js';
import { fileError, openRecords, type Records } from '../records/open-records.js';
import { CommandError, type InputRecord } from '../records/record.js';
import { EXIT, exitCodesHelp } from './exit-codes.js';
import { listenForInterruption } from './interruption.js';
import { openProgress } from './progress.js';
import { batchesOf, scoreBatches } from './score-records.js';
import { nonEmpty, openEngine, withScoringOptions, type ScoringOptions } from './scoring-options.js';

interface EvaluateOptions extends ScoringOptions {
  readonly textColumn: string;
  readonly labelColumn: string;
  readonly html?: string;
}

/** `rutox evaluate`. */
export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('measure a model on labelled comments: quality, calibration and thresholds')
    .argument('[file]', 'CSV or TSV with a header, or JSON lines; standard input when absent or -');
  withScoringOptions(command, ['csv', 'tsv', 'jsonl'])
    .option('--text-column <name>', 'column or field that holds the text', nonEmpty, 'comment')
    .option('--label-column <name>', 'column or field that holds the label', nonEmpty, 'toxic')
    .option('--html <file>', 'also write a page with tables and curves', nonEmpty)
    .option('--json', 'the report as JSON instead of tables')
    .addHelpText('after', HELP)
    .action(evaluateFile);
}

const HELP = `
A label is 0, 1, true, false, harmless or toxic. Records without text or label are told on standard
error with their line and left out. The report holds no comment.

${exitCodesHelp('done', 'failed', 'usage', 'badRows', 'interrupted')}
Examples:
  rutox evaluate labelled.csv
  rutox evaluate labelled.csv --json > report.json
  rutox evaluate ours.tsv --text-column message --label-column verdict --html report.html
`;

async function evaluateFile(file: string | undefined, options: EvaluateOptions): Promise<void> {
  const interruption = listenForInterruption();
  const records = await openRecords(file, {
    format: options.format,
    encoding: options.encoding,
    columns: () => [options.textColumn, options.labelColumn],
    signal: interruption.signal,
  });
  const engine = await openEngine(options);
  try {
    const { sample, bad } = await scoreAll(records, engine);
    const stopped = interruption.exitCode();
    if (stopped === undefined) await write(records, engine, sample, bad, options);
    else process.stderr.write('rutox: interrupted; no report of a part of the file\n');
    process.exitCode = stopped ?? (bad > 0 ? EXIT.badRows : EXIT.done);
  } finally {
    records.close();
    await engine.close();
    interruption.dispose();
  }
}

async function scoreAll(records: Records, engine: OfflineEngine): Promise<{ sample: Sample; bad: number }> {
  const scores: number[] = [];
  const labels: boolean[] = [];
  let bad = 0;
  const progress = await openProgress(records.size);
  const report = ({ line, error }: InputRecord, fallback: string) => {
    bad++;
    progress.say(`rutox: ${records.name}: line ${line}: ${error ?? fallback}`);
  };
  try {
    for await (const batch of scoreBatches(batchesOf(records), engine)) {
      batch.records.forEach((record, index) => {
        const score = batch.scores[index];
        const label = record.error === undefined ? labelOf(record.values[1]!) : undefined;
        if (score === undefined) report(record, 'could not be scored');
        else if (label === undefined)
          report(record, 'the label is none of 0, 1, true, false, harmless, toxic');
        else {
          scores.push(score);
          labels.push(label);
        }
      });
      progress.update(records.consumed(), scores.length + bad);
    }
  } finally {
    progress.stop();
  }
  return { sample: { scores, labels }, bad };
}

function labelOf(value: string): boolean | undefined {
  if (/^\s*(?:1(?:\.0*)?|true|toxic)\s*$/i.test(value)) return true;
  return /^\s*(?:0(?:\.0*)?|false|harmless)\s*$/i.test(value) ? false : undefined;
}

async function write(
  { name }: Records,
  { manifest }: OfflineEngine,
  sample: Sample,
  bad: number,
  { json, html }: EvaluateOptions,
): Promise<void> {
  const { version, policies, default_policy: defaultPolicy } = manifest;
  if (sample.scores.length === 0) throw new CommandError(`${name}: no labelled comments`);
  const [{ evaluate }, { asText, tablesOf }, { servedSha256 }] = await Promise.all([
    import('../evaluation/report.js'),
    import('../evaluation/tables.js'),
    import('../model/manifest.js'),
  ]);
  const evaluation = evaluate(sample, policies, defaultPolicy);
  const model = { version, sha256: servedSha256(manifest) };
  if (html !== undefined)
    await writePage(html, evaluation, { file: name, model: `${version}, ${model.sha256}` });
  process.stdout.write(
    json === true
      ? `${JSON.stringify(snakeCase({ file: name, bad, model, ...evaluation.report }))}\n`
      : `${name}: ${sample.scores.length.toLocaleString('en-US')} comments, ${bad} left out; model ${version}\n\n` +
          asText(tablesOf(evaluation.report)),
  );
}

async function writePage(file: string, evaluation: Evaluation, facts: Record<string, string>): Promise<void> {
  const { htmlReport } = await import('../evaluation/html.js');
  await writeFile(file, htmlReport(evaluation, facts)).catch((error: unknown) => {
    throw fileError(file, error);
  });
}

/** The names of the manifest and of the HTTP API. */
function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [
    name.replaceAll(/[A-Z]|95/g, (sign) => `_${sign.toLowerCase()}`),
    snakeCase(each),
  ]);
  return Object.fromEntries(entries) as unknown;
}
