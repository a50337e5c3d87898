/** The word that stands for a token which is neither known nor made of letters. */
export const UNKNOWN_WORD = '<unk>';

/** The encoder holds a number for each bucket. */
const MOST_BUCKETS = 2 ** 24;

/** Settings of the character n-grams: lengths `min` to `max`, hashed to `buckets` numbers. */
export interface NgramSettings {
  readonly min: number;
  readonly max: number;
  readonly buckets: number;
  /**
   * The buckets that have an embedding row, ascending; absent: all have one. Few n-grams are common enough
   * to be learnt: hashing into many buckets and keeping those few costs less than letting all collide.
   */
  readonly kept?: readonly number[];
}

/**
 * What the rows of the embedding stand for: row 0 is padding, row `1 + i` is `words[i]`, row
 * `1 + words.length + k` is the k-th n-gram bucket that has a row.
 */
export interface Vocabulary {
  readonly format: 1;
  readonly words: readonly string[];
  readonly ngrams: NgramSettings;
}

/**
 * Checks what was read from `vocab.json`.
 *
 * @throws Error with one line that says what is wrong
 */
export function parseVocabulary(json: unknown): Vocabulary {
  if (!isRecord(json)) throw new Error('vocabulary: not an object');
  if (json['format'] !== 1)
    throw new Error(`vocabulary: format ${String(json['format'])} is not known, only 1`);
  const words = parseWords(json['words']);
  return { format: 1, words, ngrams: parseNgrams(json['ngrams']) };
}

function parseWords(words: unknown): string[] {
  if (!Array.isArray(words)) throw new Error('vocabulary: words is not a list');
  const seen = new Set<string>();
  words.forEach((word: unknown, index) => {
    if (typeof word !== 'string' || word === '') throw new Error(`vocabulary: words[${index}] is not a word`);
    if (seen.has(word)) throw new Error(`vocabulary: words[${index}] stands there twice`);
    seen.add(word);
  });
  if (!seen.has(UNKNOWN_WORD)) throw new Error(`vocabulary: words lacks ${UNKNOWN_WORD}`);
  return [...seen];
}

function parseNgrams(ngrams: unknown): NgramSettings {
  if (!isRecord(ngrams)) throw new Error('vocabulary: ngrams is not an object');
  const [min, max, buckets] = ['min', 'max', 'buckets'].map((name) => {
    const value = ngrams[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw new Error(`vocabulary: ngrams.${name} is not a whole number above 0`);
    }
    return value;
  }) as [number, number, number];
  if (min > max) throw new Error('vocabulary: ngrams.min is larger than ngrams.max');
  if (buckets > MOST_BUCKETS) throw new Error(`vocabulary: ngrams.buckets is over ${MOST_BUCKETS}`);
  const kept = ngrams['kept'];
  if (kept === undefined) return { min, max, buckets };
  return { min, max, buckets, kept: parseKept(kept, buckets) };
}

function parseKept(kept: unknown, buckets: number): number[] {
  if (!Array.isArray(kept)) throw new Error('vocabulary: ngrams.kept is not a list');
  let last = -1;
  kept.forEach((bucket, index) => {
    if (!Number.isSafeInteger(bucket) || bucket <= last || bucket >= buckets) {
      throw new Error(`vocabulary: ngrams.kept[${index}] is not a bucket above the one before it`);
    }
    last = bucket;
  });
  return kept;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
