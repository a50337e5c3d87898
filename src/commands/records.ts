import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { fileError, openRecords } from '../records/open-records.js';
import { CommandError, FORMATS, type Format } from '../records/record.js';
import { nonEmpty } from './scoring-options.js';

/** How the command line says where texts come from and where the result goes. */
export interface RecordOptions {
  readonly format?: Format | undefined;
  readonly column: string;
  readonly field: string;
  readonly output?: string;
}

/** Lines are handed on in pieces of about this many characters. */
const CHUNK_CHARS = 1 << 16;

/** Adds the argument and the options that every command over a file of comments has. */
export function withRecordOptions(command: Command): Command {
  return command
    .argument(
      '[file]',
      'CSV or TSV with a header, JSON lines, or lines of text; standard input when absent or -',
    )
    .addOption(new Option('--format <format>', 'default: by the ending of the file').choices(FORMATS))
    .option('--column <name>', 'column of a CSV or TSV that holds the text', nonEmpty, 'comment')
    .option('--field <name>', 'field of a JSON line that holds the text', nonEmpty, 'text')
    .option('--output <file>', 'write there instead of to standard output', nonEmpty);
}

/**
 * Reads texts, writes one line for each in the same order, in constant memory. A closed pipe ends the work quietly.
 * @throws CommandError what the caller can put right
 */
export async function convertRecords(
  file: string | undefined,
  options: RecordOptions,
  toLine: (text: string) => string,
): Promise<void> {
  await writeLines(readTexts(file, options), toLine, options.output);
}

/**
 * The texts of a file, one by one.
 * @throws CommandError at the first record that cannot be used
 */
export async function* readTexts(file: string | undefined, options: RecordOptions): AsyncGenerator<string> {
  const { format, column, field } = options;
  const columns = (of: Format) => [of === 'jsonl' ? field : column];
  const records = await openRecords(file, { format, columns });
  try {
    for await (const block of records.blocks()) {
      for (const { values, line, error } of block) {
        if (error !== undefined) throw new CommandError(`${records.name}: line ${line}: ${error}`);
        yield values[0]!;
      }
    }
  } finally {
    records.close();
  }
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
