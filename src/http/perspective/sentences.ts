export interface Range {
  /** UTF-16 units. */
  readonly begin: number;
  /** The first unit after it. */
  readonly end: number;
}

/** Made when first needed: that takes 20 ms of a start, and few callers ask for spans. */
let segmenter: Intl.Segmenter | undefined;

/**
 * The sentences of a text without the white space around them (Unicode Standard Annex 29). Where there are more than `most`,
 * each range takes in several that stand together.
 */
export function sentences(text: string, most: number): Range[] {
  segmenter ??= new Intl.Segmenter('ru', { granularity: 'sentence' });
  const all: Range[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.trimEnd().length;
    const begin = index + segment.length - segment.trimStart().length;
    if (begin < end) all.push({ begin, end });
  }
  if (all.length <= most) return all;
  const each = Math.ceil(all.length / most);
  return Array.from({ length: Math.ceil(all.length / each) }, (_, at) => ({
    begin: all[at * each]!.begin,
    end: all[Math.min((at + 1) * each, all.length) - 1]!.end,
  }));
}
