import {
  CommandError,
  MAX_RECORD_BYTES,
  NOT_UTF8,
  type Block,
  type InputRecord,
  type Scanner,
  type ScannerOptions,
} from './record.js';

const LONGEST_NAME = 40;

/** The header of a CSV or TSV file. */
export interface Header {
  readonly raw: string;
  readonly ending: string;
  readonly names: readonly string[];
  readonly delimiter: string;
}

type Outcome = 'whole' | 'partial' | 'broken';

/**
 * CSV and TSV by RFC 4180: quoted fields may hold delimiters, line breaks and doubled quotes. A quote inside
 * an unquoted field is a mere character. A record that breaks the rules is bad up to the end of its first
 * line, and the next line is tried as usual: a quote that is never closed costs one row.
 *
 * In both encodings these signs are where ASCII has them, so what nobody asked for is never decoded.
 */
export class DelimitedScanner implements Scanner {
  header: Header | undefined;
  position = 0;
  private delimiter = '';
  private indices: readonly number[] = [];
  private line = 1;

  // Of the record at hand: bounds of its fields, where it ends, breaks inside its quotes, what is wrong.
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private fields = 0;
  private end = 0;
  private lineBreaks = 0;
  private fault = '';

  // The next sign of each kind in the block, so that none is searched for twice.
  private nextDelimiter = -1;
  private nextBreak = -1;

  /** @param delimiters the first that finds the wanted columns in the header is the delimiter of the file */
  constructor(
    private readonly delimiters: readonly string[],
    private readonly options: ScannerOptions,
  ) {}

  start(position: number): void {
    this.position = position;
    this.nextDelimiter = -1;
    this.nextBreak = -1;
  }

  /**
   * Reads the header; undefined when the block does not hold all of it.
   * @throws CommandError when it lacks a column
   */
  readHeader(block: Block): Header | undefined {
    this.skipBlankLines(block);
    if (this.position >= block.chars.length) {
      if (block.isLast) throw new CommandError('no header line');
      return undefined;
    }
    let first: readonly string[] | undefined;
    for (const delimiter of this.delimiters) {
      this.delimiter = delimiter;
      this.start(this.position);
      const outcome = this.scan(block);
      if (outcome === 'partial') return undefined;
      if (outcome === 'broken') throw new CommandError(`malformed at line ${this.line}: ${this.fault}`);
      const names = Array.from({ length: this.fields }, (_, index) => this.value(block, index) ?? '');
      first ??= names;
      this.indices = this.options.columns.map((column) => names.indexOf(column));
      if (this.indices.includes(-1)) continue;
      const { raw, ending } = this.taken(block, []);
      return (this.header = { raw, ending, names, delimiter });
    }
    const missing = this.options.columns.find((column) => !first!.includes(column));
    throw new CommandError(`no column "${missing}"; its columns: ${columnNames(first!)}`);
  }

  next(block: Block): InputRecord | undefined {
    this.skipBlankLines(block);
    if (this.position >= block.chars.length) return undefined;
    const outcome = this.scan(block);
    if (outcome === 'partial') return undefined;
    if (outcome === 'broken') return this.brokenLine(block);
    const expected = this.header!.names.length;
    if (this.fields !== expected) {
      return this.taken(block, [], `${this.fields} field(s) where the header has ${expected}`);
    }
    const values: string[] = [];
    for (const index of this.indices) {
      const value = this.value(block, index);
      if (value === undefined) return this.taken(block, [], NOT_UTF8);
      values.push(value);
    }
    return this.taken(block, values);
  }

  /** Finds the fields of the record at `position`. */
  private scan(block: Block): Outcome {
    const { chars, isLast } = block;
    const { length } = chars;
    this.fields = 0;
    this.lineBreaks = 0;
    for (let at = this.position; ; at++) {
      const start = at;
      if (chars[at] === '"') {
        at = closingQuote(chars, at + 1);
        if (at < 0) return this.unfinished(block, 'a quote is not closed');
        this.countBreaks(chars, start, at);
        at++;
        // What follows decides whether the quote is closed or doubled.
        if (at + 1 >= length && !isLast) return this.unfinished(block, 'a quote is not closed');
        if (at < length && chars[at] !== this.delimiter && endingAt(chars, at) === '') {
          this.fault = 'a quote is closed in the middle of a field';
          return 'broken';
        }
        this.end = at;
        if (chars[at] === '\r') at++;
      } else {
        at = this.nextSign(chars, at);
        if (at >= length && !isLast) return this.unfinished(block, 'too long');
        this.end = chars[at] === '\n' && at > start && chars[at - 1] === '\r' ? at - 1 : at;
      }
      this.starts[this.fields] = start;
      this.ends[this.fields++] = this.end;
      if (at >= length || chars[at] === '\n') return 'whole';
    }
  }

  /** The next delimiter or line break from `at` on, or the end of the block. */
  private nextSign(chars: string, at: number): number {
    if (this.nextDelimiter < at) this.nextDelimiter = indexOrEnd(chars, this.delimiter, at);
    if (this.nextBreak < at) this.nextBreak = indexOrEnd(chars, '\n', at);
    return Math.min(this.nextDelimiter, this.nextBreak);
  }

  private countBreaks(chars: string, from: number, to: number): void {
    for (let at = from; ; at++) {
      if (this.nextBreak < at) this.nextBreak = indexOrEnd(chars, '\n', at);
      at = this.nextBreak;
      if (at >= to) return;
      this.lineBreaks++;
    }
  }

  private unfinished({ chars, isLast }: Block, fault: string): Outcome {
    if (!isLast && chars.length - this.position <= MAX_RECORD_BYTES) return 'partial';
    this.fault = fault;
    return 'broken';
  }

  private value({ bytes, chars }: Block, index: number): string | undefined {
    const start = this.starts[index]!;
    const end = this.ends[index]!;
    const { decode } = this.options;
    return chars[start] === '"'
      ? decode(bytes, start + 1, end - 1)?.replaceAll('""', '"')
      : decode(bytes, start, end);
  }

  private taken({ chars }: Block, values: readonly string[], error?: string): InputRecord {
    const raw = chars.slice(this.position, this.end);
    const ending = endingAt(chars, this.end);
    const { line } = this;
    this.position = this.end + ending.length;
    this.line += this.lineBreaks + 1;
    return error === undefined ? { line, raw, ending, values } : { line, raw, ending, values, error };
  }

  /** The first line of a record that breaks the rules. */
  private brokenLine(block: Block): InputRecord {
    const { chars } = block;
    const end = indexOrEnd(chars, '\n', this.position);
    this.end = end > this.position && end < chars.length && chars[end - 1] === '\r' ? end - 1 : end;
    this.lineBreaks = 0;
    this.start(this.position);
    return this.taken(block, [], this.fault);
  }

  private skipBlankLines({ chars }: Block): void {
    for (let ending; (ending = endingAt(chars, this.position)) !== ''; this.line++) {
      this.position += ending.length;
    }
  }
}

/** Where the quoted field that began before `at` has its last quote; -1 if not in this block. */
function closingQuote(chars: string, at: number): number {
  for (;;) {
    const quote = chars.indexOf('"', at);
    if (quote < 0 || chars[quote + 1] !== '"') return quote;
    at = quote + 2;
  }
}

function indexOrEnd(chars: string, sign: string, at: number): number {
  const index = chars.indexOf(sign, at);
  return index < 0 ? chars.length : index;
}

/** `\r\n`, `\n` or nothing: what stands between the end of a record and the start of the next. */
function endingAt(chars: string, at: number): string {
  if (chars[at] === '\n') return '\n';
  return chars[at] === '\r' && chars[at + 1] === '\n' ? '\r\n' : '';
}

/** Names of columns for a message. Without a header the first row is a comment, which must not be shown. */
function columnNames(row: readonly string[]): string {
  return row
    .map((column) => (column.length > LONGEST_NAME ? '(a long one)' : column.replace(/\s+/g, ' ')))
    .join(', ');
}
