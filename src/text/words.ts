import { CYRILLIC, DIGIT, KIND, LATIN, LETTER } from './characters.js';
import { repairLookalikes } from './lookalikes.js';
import type { Units } from './units.js';

const STAR = 0x2a;

/** Longest token, in UTF-16 units; a longer word goes on in further tokens, so that nothing in it is lost. */
export const LONGEST_TOKEN = 32;

/** Where a word is written: the scanner. */
export interface WordSink {
  readonly out: Units;
  readonly isUpper: (index: number) => boolean;
  addToken(from: number, to: number): void;
  addSpecial(name: string, start: number, end: number): void;
}

/** Writes one word in its normal form: look-alikes turned back, stretched letters shortened, alphabets parted. */
export class WordWriter {
  constructor(
    private readonly word: Units,
    private readonly sink: WordSink,
  ) {}

  write(): void {
    const { word } = this;
    repairLookalikes(word, this.sink.isUpper);
    // `10й`, `дохуяlol`: a Cyrillic part is worth more as a word of its own. Latin with digits (`mp3`) is a name.
    const { codes, length } = word;
    if (!hasCyrillic(word)) {
      this.letters(0, length);
      return;
    }
    for (let from = 0; from < length;) {
      const group = groupOf(codes[from] ?? 0);
      let to = from + 1;
      while (to < length && sameGroup(group, groupOf(codes[to] ?? 0))) to += 1;
      if (group === DIGIT) this.sink.addSpecial('<number>', word.starts[from] ?? 0, word.ends[to - 1] ?? 0);
      else this.letters(from, to);
      from = to;
    }
  }

  private letters(from: number, to: number): void {
    const { word, sink } = this;
    const { out } = sink;
    const { codes, starts, ends } = word;
    const begin = out.length;
    for (let at = from; at < to;) {
      const code = codes[at] ?? 0;
      let end = at + 1;
      while (end < to && codes[end] === code) end += 1;
      let kept = end - at;
      if (kept > 2) kept = Math.min(kept, this.mostRepeats(code, from, to, at, end));
      for (let i = 0; i < kept; i += 1) {
        const isLast = i === kept - 1;
        out.push(code, starts[at + i] ?? 0, ends[isLast ? end - 1 : at + i] ?? 0);
      }
      at = end;
    }
    for (let at = begin; at < out.length; at += LONGEST_TOKEN) {
      sink.addToken(at, Math.min(out.length, at + LONGEST_TOKEN));
    }
  }

  /**
   * How many of a letter repeated three times or more stay. A Cyrillic one is stretched (`дуррррак`), and
   * far more often from one letter than from two; `аллея` with its two is never touched.
   */
  private mostRepeats(code: number, from: number, to: number, start: number, end: number): number {
    const kind = KIND[code] ?? 0;
    if ((kind & LETTER) === 0) return kind === DIGIT ? end - start : 2;
    // `ООО`, `ааа`: a word of one letter is not that one letter (`а`).
    if (end - start === to - from) return 3;
    if ((kind & CYRILLIC) !== 0) return this.isSoviet(from, to, start, end) ? 3 : 1;
    // English doubles letters in earnest (`cool`); Roman numbers repeat up to three times.
    return (kind & LATIN) !== 0 && !this.isRoman(from, to) ? 2 : 3;
  }

  /** `СССР` and its cases. */
  private isSoviet(from: number, to: number, start: number, end: number): boolean {
    return (
      start === from &&
      end - start === 3 &&
      this.word.codes[from] === 0x441 &&
      this.word.codes[end] === 0x440 &&
      to - end < 4
    );
  }

  private isRoman(from: number, to: number): boolean {
    if (to - from > 8) return false;
    for (let at = from; at < to; at += 1) {
      const code = this.word.codes[at];
      if (code !== 0x69 && code !== 0x76 && code !== 0x78) return false;
    }
    return true;
  }
}

function hasCyrillic(word: Units): boolean {
  for (let at = 0; at < word.length; at += 1)
    if (((KIND[word.codes[at] ?? 0] ?? 0) & CYRILLIC) !== 0) return true;
  return false;
}

/** Cyrillic letters, other letters and digits part from each other; a star or an apostrophe (0) goes with its neighbours. */
function groupOf(code: number): number {
  const kind = KIND[code] ?? 0;
  if (code === STAR || kind === 0) return 0;
  if ((kind & CYRILLIC) !== 0) return CYRILLIC;
  return kind === DIGIT ? DIGIT : LATIN;
}

function sameGroup(a: number, b: number): boolean {
  return a === b || (a !== DIGIT && (a === 0 || b === 0));
}
