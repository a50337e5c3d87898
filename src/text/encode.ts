import { KIND, LETTER } from './characters.js';
import { Scanner } from './scanner.js';
import { TokenTable } from './token-table.js';
import { grown, LARGEST_KEPT } from './units.js';
import { UNKNOWN_WORD, type NgramSettings, type Vocabulary } from './vocabulary.js';

/** A text as the model reads it: token i is the bag of embedding rows `units[starts[i]]` up to `units[starts[i + 1]]`. */
export interface Encoded {
  readonly units: Int32Array;
  /** One entry more than there are tokens; the first is 0. */
  readonly starts: Int32Array;
}

/**
 * Which tokens get n-grams: `unknown` (serving) those that are not in the vocabulary; `all` (training)
 * also the known words, behind their own row, so that the n-grams learn from them.
 */
export type Subwords = 'unknown' | 'all';

/** Most n-grams of a word: as many as a token of the longest kind has trigrams, so that they cover it. */
const MOST_NGRAMS = 32;
const { imul } = Math;
/** Tokens whose rows are remembered; all are forgotten when it is full, so that no input can grow it. */
const MOST_REMEMBERED = 65_536;
/** Numbers in a chunk of memory that texts share: some dozens of comments fill it. */
const CHUNK = 16_384;

/**
 * Turns texts into embedding rows. Known words have a row each; any other word is the sum of its hashed
 * character n-grams, as in fastText (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information").
 */
export class Encoder {
  private readonly scanner = new Scanner();
  private readonly rowOf = new Map<string, number>();
  private readonly unknownRow: number;
  /** Embedding row of each n-gram bucket, 0 where it has none. */
  private readonly bucketRows: Int32Array;
  /** Filled as tokens come, one for each way to encode. */
  private readonly tables: Record<Subwords, TokenTable> = {
    unknown: new TokenTable(),
    all: new TokenTable(),
  };
  private units = new Int32Array(4096);
  /** What texts are encoded into: two arrays for each text would keep the garbage collector busy. */
  private chunk = new Int32Array(CHUNK);
  private taken = 0;

  constructor(private readonly vocabulary: Vocabulary) {
    vocabulary.words.forEach((word, index) => this.rowOf.set(word, 1 + index));
    const unknownRow = this.rowOf.get(UNKNOWN_WORD);
    if (unknownRow === undefined) throw new Error(`vocabulary: words lacks ${UNKNOWN_WORD}`);
    this.unknownRow = unknownRow;
    const { buckets, kept } = vocabulary.ngrams;
    const firstRow = 1 + vocabulary.words.length;
    this.bucketRows = new Int32Array(buckets);
    if (kept === undefined) this.bucketRows.forEach((_, bucket, rows) => (rows[bucket] = firstRow + bucket));
    else kept.forEach((bucket, index) => (this.bucketRows[bucket] = firstRow + index));
  }

  /** The rows of each token of `text`; a text without tokens gives none. Never throws. */
  encode(text: string, options: { subwords?: Subwords } = {}): Encoded {
    const subwords = options.subwords ?? 'unknown';
    const { scanner } = this;
    const table = this.tables[subwords];
    scanner.scan(text);
    const { codes } = scanner.out;
    const { tokens, tokenCount } = scanner;
    const starts = this.take(tokenCount + 1);
    starts[0] = 0;
    let length = 0;
    for (let i = 0; i < tokenCount; i += 1) {
      const entry = this.entryOf(table, subwords, codes, tokens[2 * i] ?? 0, tokens[2 * i + 1] ?? 0);
      const end = table.rowStarts[entry + 1] ?? 0;
      if (this.units.length < length + MOST_NGRAMS + 1) this.units = grown(this.units, this.units.length * 2);
      for (let row = table.rowStarts[entry] ?? 0; row < end; row += 1) {
        this.units[length] = table.rows[row] ?? 0;
        length += 1;
      }
      starts[i + 1] = length;
    }
    const units = this.take(length);
    for (let at = 0; at < length; at += 1) units[at] = this.units[at] ?? 0;
    if (this.units.length > LARGEST_KEPT) this.units = new Int32Array(4096);
    return { units, starts };
  }

  /** The rows of one token as `tokenize` gives it. */
  tokenUnits(token: string, subwords: Subwords = 'unknown'): number[] {
    const row = this.rowOf.get(token);
    if (row !== undefined && (subwords === 'unknown' || !isWord(token))) return [row];
    if (!isWord(token)) return [this.unknownRow];
    const units = ngramRows(token, this.vocabulary.ngrams, this.bucketRows);
    if (row !== undefined) units.unshift(row);
    return units.length > 0 ? units : [this.unknownRow];
  }

  /** A part of the chunk that nobody has yet. */
  private take(length: number): Int32Array {
    if (length > CHUNK / 4) return new Int32Array(length);
    if (this.taken + length > CHUNK) {
      this.chunk = new Int32Array(CHUNK);
      this.taken = 0;
    }
    return this.chunk.subarray(this.taken, (this.taken += length));
  }

  private entryOf(
    table: TokenTable,
    subwords: Subwords,
    codes: Uint16Array,
    from: number,
    to: number,
  ): number {
    const hash = table.hash(codes, from, to);
    const entry = table.find(codes, from, to, hash);
    if (entry >= 0) return entry;
    if (table.size >= MOST_REMEMBERED) table.clear();
    const token = String.fromCharCode(...codes.subarray(from, to));
    return table.add(codes, from, to, hash, this.tokenUnits(token, subwords));
  }
}

/** Has it a letter, and is it not one of the special tokens (`<url>`)? */
function isWord(token: string): boolean {
  if (token.startsWith('<')) return false;
  for (let at = 0; at < token.length; at += 1) {
    if (((KIND[token.charCodeAt(at)] ?? 0) & LETTER) !== 0) return true;
  }
  return false;
}

/**
 * Rows of the n-grams of `<word>` that have one, short ones first so that the first few cover the whole
 * word; the whole bracketed word is none.
 */
function ngramRows(word: string, settings: NgramSettings, bucketRows: Int32Array): number[] {
  const bracketed = `<${word}>`;
  const rows: number[] = [];
  for (let size = settings.min; size <= settings.max && size < bracketed.length; size += 1) {
    for (let from = 0; from + size <= bracketed.length; from += 1) {
      const row = bucketRows[fnv1a(bracketed, from, from + size) % settings.buckets] ?? 0;
      if (row > 0) rows.push(row);
      if (rows.length === MOST_NGRAMS) return rows;
    }
  }
  return rows;
}

/** FNV-1a, 32 bit, over the UTF-16 units of `text` from `from` to `to`. */
function fnv1a(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
