import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';

export type RecordFormat = 'csv' | 'jsonl';

/** How the command line says where texts come from and where the result goes. */
export interface RecordOptions {
  readonly format?: RecordFormat;
  readonly column: string;
  readonly field: string;
  readonly output?: string;
}

/** Something the caller can put right; the message is one line and never holds comment text. */
export class CommandError extends Error {}

/** Lines are handed on in pieces of about this many characters. */
const CHUNK_CHARS = 1 << 16;
const LONGEST_NAME = 40;

/** Adds the argument and the options that every command over a file of comments has. */
export function withRecordOptions(command: Command): Command {
  return command
    .argument('[file]', 'CSV with a header or JSON lines; standard input when absent or -')
    .addOption(
      new Option('--format <format>', 'default: by the ending of the file').choices(['csv', 'jsonl']),
    )
    .option('--column <name>', 'column of a CSV that holds the text', nonEmpty, 'comment')
    .option('--field <name>', 'field of a JSON line that holds the text', nonEmpty, 'text')
    .option('--output <file>', 'write there instead of to standard output', nonEmpty);
}

function nonEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('must not be empty.');
  return value;
}

/**
 * Reads texts, writes one line for each in the same order, in constant memory. What the caller can put
 * right becomes one line on standard error and exit code 2; a closed pipe ends the work quietly.
 */
export async function convertRecords(
  file: string | undefined,
  options: RecordOptions,
  toLine: (text: string) => string,
): Promise<void> {
  try {
    await writeLines(readTexts(file, options), toLine, options.output);
  } catch (error) {
    reportError(error);
  }
}

/** Prints an error the caller can put right and sets exit code 2; throws any other on. */
export function reportError(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`rutox: ${error.message}\n`);
  process.exitCode = 2;
}

/** What the operating system says about a file, as a line for the caller. */
function fileError(name: string, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be used';
  const reason = { ENOENT: 'no such file or directory', EISDIR: 'is a directory' }[code] ?? code;
  return new CommandError(`${name}: ${reason}`, { cause: error });
}

/** The texts of a CSV or JSON lines file, one by one. */
export async function* readTexts(file: string | undefined, options: RecordOptions): AsyncGenerator<string> {
  const isStdin = file === undefined || file === '-';
  const name = isStdin ? 'standard input' : file;
  const format = options.format ?? formatOf(file);
  if (format === undefined) throw new CommandError(`${name}: say its format, --format csv or --format jsonl`);
  // Not at the top: the server, which has these commands too, starts sooner without.
  const csv = format === 'csv' ? await import('csv-parse') : undefined;
  const input = isStdin ? process.stdin : createReadStream(file);
  try {
    if (csv !== undefined) yield* readCsv(csv, input, name, options.column);
    else yield* readJsonLines(input, name, options.field);
  } finally {
    input.destroy();
  }
}

function formatOf(file = ''): RecordFormat | undefined {
  if (/\.csv$/i.test(file)) return 'csv';
  return /\.(?:jsonl|ndjson)$/i.test(file) ? 'jsonl' : undefined;
}

async function* readCsv(
  { CsvError, parse }: typeof import('csv-parse'),
  input: Readable,
  name: string,
  column: string,
): AsyncGenerator<string> {
  const parser = parse({ bom: true, skip_empty_lines: true });
  // `pipe` hands no errors on: a failed read must reach whoever waits for rows.
  input.once('error', (error) => parser.destroy(fileError(name, error)));
  input.pipe(parser);
  let index = -1;
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (index >= 0) {
        yield row[index] ?? '';
        continue;
      }
      index = row.indexOf(column);
      if (index < 0)
        throw new CommandError(`${name}: no column "${column}"; its columns: ${columnNames(row)}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser's own message may quote the row.
    const reason = error.code.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();
    throw new CommandError(`${name}: malformed CSV at line ${parser.info.lines}: ${reason}`);
  }
  if (index < 0) throw new CommandError(`${name}: no header line`);
}

/** Names of columns for a message. Without a header the first row is a comment, which must not be shown. */
function columnNames(row: readonly string[]): string {
  return row
    .map((column) => (column.length > LONGEST_NAME ? '(a long one)' : column.replace(/\s+/g, ' ')))
    .join(', ');
}

async function* readJsonLines(input: Readable, name: string, field: string): AsyncGenerator<string> {
  let number = 0;
  for await (const line of readLines(input, name)) {
    number += 1;
    if (line.trim() !== '') yield fieldOf(line, field, `${name}: line ${number}`);
  }
}

/** The lines of a stream. `readline` is not used: it reads ahead without bound and hands no errors on. */
async function* readLines(input: Readable, name: string): AsyncGenerator<string> {
  let rest = '';
  input.setEncoding('utf8');
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw fileError(name, error);
  }
  yield rest;
}

function fieldOf(line: string, field: string, where: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    throw new CommandError(`${where} is not JSON`);
  }
  const text =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  if (typeof text !== 'string') throw new CommandError(`${where} has no text in the field "${field}"`);
  return text;
}

async function writeLines(
  texts: AsyncIterable<string>,
  toLine: (text: string) => string,
  output: string | undefined,
): Promise<void> {
  const lines = chunks(texts, toLine);
  // Whatever is wrong with the input from its start on must not cost an older output.
  const first = await lines.next();
  const target = output === undefined ? process.stdout : createWriteStream(output);
  try {
    const all = Readable.from(first.done === true ? [] : prepend(first.value, lines));
    await pipeline(all, target, { end: output !== undefined });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    // Whoever reads our output has seen enough.
    if ('code' in error && error.code === 'EPIPE') return;
    throw fileError(output ?? 'standard output', error);
  }
}

async function* prepend(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function* chunks(
  texts: AsyncIterable<string>,
  toLine: (text: string) => string,
): AsyncGenerator<string> {
  let chunk = '';
  for await (const text of texts) {
    chunk += `${toLine(text)}\n`;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
