import {
  CommandError,
  CR,
  endingOf,
  LF,
  MAX_RECORD_BYTES,
  NOT_UTF8,
  type InputRecord,
  type Scanner,
  type ScannerOptions,
} from './record.js';

const QUOTE = 34;
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
 * Over bytes, for both encodings have these signs where ASCII has them: what is not asked for is never decoded.
 */
export class DelimitedScanner implements Scanner {
  position = 0;
  header: Header | undefined;
  readonly #options: ScannerOptions;
  readonly #delimiters: readonly string[];
  #delimiter = 0;
  #indices: readonly number[] = [];
  #line = 1;

  // Of the record at hand.
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #fields = 0;
  #end = 0;
  #lineBreaks = 0;
  #fault = '';

  /** @param delimiters the first that finds the wanted columns in the header is the delimiter of the file */
  constructor(delimiters: readonly string[], options: ScannerOptions) {
    this.#delimiters = delimiters;
    this.#options = options;
  }

  /**
   * Reads the header; undefined when these bytes do not hold all of it.
   * @throws CommandError when it lacks a column
   */
  readHeader(bytes: Buffer, isLast: boolean): Header | undefined {
    this.#skipBlankLines(bytes);
    if (this.position >= bytes.length) {
      if (isLast) throw new CommandError('no header line');
      return undefined;
    }
    let first: readonly string[] | undefined;
    for (const delimiter of this.#delimiters) {
      this.#delimiter = delimiter.charCodeAt(0);
      const outcome = this.#scan(bytes, isLast);
      if (outcome === 'partial') return undefined;
      if (outcome === 'broken') throw new CommandError(`line ${this.#line}: ${this.#fault}`);
      const names = Array.from({ length: this.#fields }, (_, index) => this.#value(bytes, index) ?? '');
      first ??= names;
      this.#indices = this.#options.columns.map((column) => names.indexOf(column));
      if (this.#indices.includes(-1)) continue;
      const { raw, ending } = this.#taken(bytes, []);
      return (this.header = { raw, ending, names, delimiter });
    }
    const missing = this.#options.columns.find((column) => !first!.includes(column));
    throw new CommandError(`no column "${missing}"; its columns: ${columnNames(first!)}`);
  }

  next(bytes: Buffer, isLast: boolean): InputRecord | undefined {
    this.#skipBlankLines(bytes);
    if (this.position >= bytes.length) return undefined;
    const outcome = this.#scan(bytes, isLast);
    if (outcome === 'partial') return undefined;
    if (outcome === 'broken') return this.#brokenLine(bytes);
    const expected = this.header!.names.length;
    if (this.#fields !== expected) {
      return this.#taken(bytes, [], `${this.#fields} fields where the header has ${expected}`);
    }
    const values: string[] = [];
    for (const index of this.#indices) {
      const value = this.#value(bytes, index);
      if (value === undefined) return this.#taken(bytes, [], NOT_UTF8);
      values.push(value);
    }
    return this.#taken(bytes, values);
  }

  /** Finds the fields of the record at `position`. */
  #scan(bytes: Buffer, isLast: boolean): Outcome {
    const { length } = bytes;
    const delimiter = this.#delimiter;
    let at = this.position;
    this.#fields = 0;
    this.#lineBreaks = 0;
    for (;;) {
      this.#starts[this.#fields] = at;
      if (bytes[at] === QUOTE) {
        at++;
        for (;;) {
          const byte = bytes[at];
          if (byte === QUOTE) {
            if (bytes[at + 1] !== QUOTE) break;
            at++;
          } else if (byte === LF) this.#lineBreaks++;
          else if (byte === undefined) return this.#unfinished(bytes, isLast, 'a quote is not closed');
          at++;
        }
        at++;
        // What follows decides whether the quote is closed or doubled.
        if (at + 1 >= length && !isLast) return this.#unfinished(bytes, isLast, '');
        if (at < length && bytes[at] !== delimiter && endingOf(bytes, at) === '') {
          this.#fault = 'a quote is closed in the middle of a field';
          return 'broken';
        }
        this.#end = at;
        if (bytes[at] === CR) at++;
      } else {
        while (at < length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
        if (at >= length && !isLast) return this.#unfinished(bytes, isLast, 'too long');
        this.#end =
          bytes[at] === LF && at > this.#starts[this.#fields]! && bytes[at - 1] === CR ? at - 1 : at;
      }
      this.#ends[this.#fields] = this.#end;
      this.#fields++;
      if (at >= length || bytes[at] === LF) return 'whole';
      at++;
    }
  }

  #unfinished(bytes: Buffer, isLast: boolean, fault: string): Outcome {
    if (!isLast && bytes.length - this.position <= MAX_RECORD_BYTES) return 'partial';
    this.#fault = fault;
    return 'broken';
  }

  #value(bytes: Buffer, index: number): string | undefined {
    const start = this.#starts[index]!;
    const end = this.#ends[index]!;
    const { decode } = this.#options;
    return bytes[start] === QUOTE
      ? decode(bytes, start + 1, end - 1)?.replaceAll('""', '"')
      : decode(bytes, start, end);
  }

  #taken(bytes: Buffer, values: readonly string[], error?: string): InputRecord {
    const raw = bytes.toString('latin1', this.position, this.#end);
    const ending = endingOf(bytes, this.#end);
    const line = this.#line;
    this.position = this.#end + ending.length;
    this.#line += this.#lineBreaks + 1;
    return error === undefined ? { line, raw, ending, values } : { line, raw, ending, values, error };
  }

  /** The first line of a record that breaks the rules. */
  #brokenLine(bytes: Buffer): InputRecord {
    const lineEnd = bytes.indexOf(LF, this.position);
    const end = lineEnd < 0 ? bytes.length : lineEnd;
    this.#end = lineEnd > this.position && bytes[end - 1] === CR ? end - 1 : end;
    this.#lineBreaks = 0;
    return this.#taken(bytes, [], this.#fault);
  }

  #skipBlankLines(bytes: Buffer): void {
    for (let ending; (ending = endingOf(bytes, this.position)) !== ''; this.#line++)
      this.position += ending.length;
  }
}

/** Names of columns for a message. Without a header the first row is a comment, which must not be shown. */
function columnNames(row: readonly string[]): string {
  return row
    .map((column) => (column.length > LONGEST_NAME ? '(a long one)' : column.replace(/\s+/g, ' ')))
    .join(', ');
}
