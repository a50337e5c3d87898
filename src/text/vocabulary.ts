/** The word that stands for a token which is neither known nor made of letters. */
export const UNKNOWN_WORD = '<unk>';

/** Settings of the hashed character n-grams: lengths `min` to `max`, hashed to `buckets` rows. */
export interface NgramSettings {
  readonly min: number;
  readonly max: number;
  readonly buckets: number;
}

/**
 * What the rows of the embedding stand for: row 0 is padding, row `1 + i` is `words[i]`, row
 * `1 + words.length + b` is n-gram bucket `b`.
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
  for (const [index, word] of words.entries()) {
    if (typeof word !== 'string' || word === '') throw new Error(`vocabulary: words[${index}] is not a word`);
    if (seen.has(word)) throw new Error(`vocabulary: words[${index}] stands there twice`);
    seen.add(word);
  }
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
  if (buckets > 2 ** 31 - 1) throw new Error('vocabulary: ngrams.buckets is too large');
  return { min, max, buckets };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
