import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { DelimitedScanner, type Header } from './delimited.js';
import { decoderOf, detectEncoding, type Encoding } from './encoding.js';
import { LineScanner } from './lines.js';
import { CommandError, type Block, type Format, type InputRecord, type Scanner } from './record.js';

export interface RecordsOptions {
  readonly format?: Format | undefined;
  /** By the start of the file when not given. */
  readonly encoding?: Encoding | undefined;
  /** Columns (CSV, TSV) or fields (JSON lines) that are wanted; the first is the text. */
  readonly columns: (format: Format) => readonly string[];
  /** Fires when no more should be read; a record that is not whole then is left out. */
  readonly signal?: AbortSignal | undefined;
}

/** A file of comments. */
export interface Records {
  /** For messages. */
  readonly name: string;
  readonly format: Format;
  readonly encoding: Encoding;
  /** Of a CSV or TSV. */
  readonly header: Header | undefined;
  /** Names of the wanted columns. */
  readonly columns: readonly string[];
  /** The byte order mark that it starts with, one character a byte. */
  readonly mark: string;
  /** Bytes, if it is known. */
  readonly size: number | undefined;
  readonly isStdin: boolean;
  /** Its records, as many at once as one read brought. */
  blocks(): AsyncGenerator<InputRecord[]>;
  /** Bytes whose records were handed on. */
  consumed(): number;
  /** Whether it was left before its end. */
  isStopped(): boolean;
  close(): void;
}

/** Bytes read at once: enough to tell the encoding by, little against the memory of a process. */
const READ_BYTES = 1 << 18;
const MARK = '\xEF\xBB\xBF';

/**
 * Opens a file (standard input when absent or `-`) and reads its start: encoding, byte order mark, header.
 * @throws CommandError when it cannot be read as what it should be
 */
export async function openRecords(file: string | undefined, options: RecordsOptions): Promise<Records> {
  const isStdin = file === undefined || file === '-';
  const name = isStdin ? 'standard input' : file;
  const format = options.format ?? formatOf(file);
  if (format === undefined) {
    throw new CommandError(`${name}: say its format: --format csv, tsv, jsonl or lines`);
  }
  const stream = isStdin ? process.stdin : createReadStream(file, { highWaterMark: READ_BYTES });
  const source = new Source(stream, name, options.signal);
  await source.fill();
  const mark = source.bytes.subarray(0, MARK.length).toString('latin1') === MARK ? MARK : '';
  if (/^(?:\xFF\xFE|\xFE\xFF)/.test(source.bytes.toString('latin1', 0, 2))) {
    stream.destroy();
    throw new CommandError(`${name}: is UTF-16; save it as UTF-8`);
  }
  const encoding = options.encoding ?? (mark === '' ? detectEncoding(source.bytes) : 'utf-8');
  const columns = options.columns(format);
  const scannerOptions = { decode: decoderOf(encoding), columns };
  let header: Header | undefined;
  let scanner: Scanner;
  if (format === 'csv' || format === 'tsv') {
    // Excel writes ; between the fields where the comma is the decimal sign.
    const delimited = new DelimitedScanner(format === 'csv' ? [',', ';'] : ['\t'], scannerOptions);
    delimited.start(mark.length);
    header = await readHeader(delimited, source, name);
    scanner = delimited;
  } else {
    scanner = new LineScanner(format, scannerOptions);
    scanner.start(mark.length);
  }
  return {
    name,
    format,
    encoding,
    header,
    columns,
    mark,
    size: isStdin ? undefined : statSync(file).size,
    isStdin,
    blocks: () => blocksOf(source, scanner),
    consumed: () => source.dropped + scanner.position,
    isStopped: () => source.isStopped,
    close: () => stream.destroy(),
  };
}

function formatOf(file = ''): Format | undefined {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  const known: Record<string, Format> = {
    csv: 'csv',
    tsv: 'tsv',
    jsonl: 'jsonl',
    ndjson: 'jsonl',
    txt: 'lines',
  };
  return Object.hasOwn(known, ending) ? known[ending] : undefined;
}

/** The bytes that were read and not yet used. */
class Source {
  bytes: Buffer = Buffer.alloc(0);
  chars = '';
  dropped = 0;
  ended = false;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #stopped: Promise<void>;
  readonly #signal: AbortSignal | undefined;

  constructor(
    readonly stream: Readable,
    readonly name: string,
    signal: AbortSignal | undefined,
  ) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#signal = signal;
    this.#stopped = new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
  }

  get isStopped(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Reads on; what was asked to stop reads nothing more. */
  async fill(): Promise<void> {
    const chunk = this.#chunks.next();
    // After a stop nobody waits for it.
    chunk.catch(() => {});
    try {
      const read = this.isStopped ? undefined : await Promise.race([chunk, this.#stopped]);
      if (read === undefined || read.done === true) this.ended = true;
      else this.#add(read.value);
    } catch (error) {
      throw fileError(this.name, error);
    }
  }

  /** What is there; of a file that is left early, the last record is not taken for whole. */
  block(): Block {
    const { bytes, chars, ended, isStopped } = this;
    return { bytes, chars, isLast: ended && !isStopped };
  }

  drop(count: number): void {
    this.dropped += count;
    this.bytes = this.bytes.subarray(count);
    this.chars = this.chars.slice(count);
  }

  #add(chunk: Buffer): void {
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    this.chars = this.bytes.toString('latin1');
  }
}

async function readHeader(
  scanner: DelimitedScanner,
  source: Source,
  name: string,
): Promise<Header | undefined> {
  try {
    for (;;) {
      const header = scanner.readHeader(source.block());
      if (header !== undefined || source.isStopped) return header;
      await source.fill();
    }
  } catch (error) {
    source.stream.destroy();
    if (!(error instanceof CommandError) || error.message.startsWith(name)) throw error;
    throw new CommandError(`${name}: ${error.message}`);
  }
}

async function* blocksOf(source: Source, scanner: Scanner): AsyncGenerator<InputRecord[]> {
  for (;;) {
    const records: InputRecord[] = [];
    const block = source.block();
    for (let record; (record = scanner.next(block)) !== undefined;) records.push(record);
    if (records.length > 0) yield records;
    if (source.ended) return;
    source.drop(scanner.position);
    scanner.start(0);
    await source.fill();
  }
}

/** What the operating system says about a file, as a line for the caller. */
export function fileError(name: string, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be used';
  const known: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EISDIR: 'is a directory',
    EACCES: 'permission denied',
    ENOSPC: 'no space left',
  };
  return new CommandError(`${name}: ${known[code] ?? code}`, { cause: error });
}
