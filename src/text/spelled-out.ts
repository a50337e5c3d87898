import { CYRILLIC, KIND, LATIN, LETTER, WORD } from './characters.js';
import type { Units } from './units.js';

const BLANK = 0x20;
const STAR = 0x2a;
/** Signs that may stand between the letters of a spelled-out word. No comma: `а, б, в` is a list. */
const SEPARATORS = codesOf('.-_*/|~+=·•:^\'"#');
/** With these, three letters are enough: `х.у.й`, `л-о-х`. */
const COMMON = codesOf('.-_');
const MOST_SIGNS = 3;
/** Marks a sign with blanks around it: no UTF-16 unit is that large. */
const WIDE = 1 << 16;

const VOWELS = codesOf('аеиоуыэюя');
/** One-letter words of Russian, and the prepositions among them, of which no two can follow each other. */
const ONE_LETTER_WORDS = codesOf('аивксоуяжб');
const PREPOSITIONS = codesOf('вксоу');
/** Latin letters of Cyrillic shape. */
const LOOKALIKES = codesOf('abcehkmoptxy');
/** Abbreviations that are often written without dots (`т к`, `и т д`). */
const ABBREVIATIONS = new Set(['те', 'тк', 'тд', 'тп', 'тн', 'то', 'тч', 'мб', 'нэ']);

/**
 * Finds words spelled out letter by letter: `д.е.б.и.л`, `д-е-б-и-л`, `д е б и л`.
 * A run that turns out to be no word is remembered, so that the search stays linear.
 */
export class SpelledOutFinder {
  private seen = 0;

  constructor(private readonly text: Units) {}

  reset(): void {
    this.seen = 0;
  }

  /**
   * Where the spelled-out word ends that starts with the single letter at `from`, or -1 if there is none.
   * Its letters are the units of kind letter in between.
   */
  endAt(from: number): number {
    if (from < this.seen) return -1;
    let letters = 1;
    let last = from;
    let separator = 0;
    let isEnd = true;
    for (;;) {
      const gap = this.gapEnd(last + 1);
      const found = gap < 0 ? 0 : this.separatorOf(last + 1, gap);
      if (found === 0 || !this.isSingleLetter(gap)) break;
      if (letters > 1 && found !== separator) {
        // `и д.у.р.а.к`: the last letter of this run may be the first of the next.
        isEnd = false;
        break;
      }
      separator = found;
      letters += 1;
      last = gap;
    }
    this.seen = isEnd ? last + 1 : last;
    return letters > 2 && this.isWord(from, last, letters, separator) ? last + 1 : -1;
  }

  /** Where a gap between two letters ends: a blank, or up to three of one sign, blanks around it or not; else -1. */
  private gapEnd(from: number): number {
    const { codes } = this.text;
    let at = from;
    if (codes[at] === BLANK) at += 1;
    const sign = codes[at] ?? 0;
    if (!SEPARATORS.has(sign)) return at > from ? at : -1;
    const limit = at + MOST_SIGNS;
    while (codes[at] === sign && at < limit) at += 1;
    return codes[at] === BLANK ? at + 1 : at;
  }

  /** What a gap is made of: a blank, a sign, or `WIDE` and the sign if there are blanks around it. */
  private separatorOf(from: number, to: number): number {
    const { codes } = this.text;
    const first = codes[from] ?? 0;
    if (first === BLANK) return to - from === 1 ? BLANK : WIDE | (codes[from + 1] ?? 0);
    return codes[to - 1] === BLANK ? WIDE | first : first;
  }

  private isSingleLetter(at: number): boolean {
    const { codes } = this.text;
    return at < this.text.length && (kind(codes[at]) & LETTER) !== 0 && (kind(codes[at + 1]) & WORD) === 0;
  }

  private isWord(from: number, last: number, letters: number, separator: number): boolean {
    if (separator === BLANK) return this.isSpacedWord(from, last, letters);
    if (letters > 3) return true;
    if (separator === STAR) return this.isClosedSyllable(from);
    const { codes } = this.text;
    // `к.т.н.`, `Ф.С.Б.`: three letters with a dot after the last one are an abbreviation, and so is `и.т.д`.
    if (!COMMON.has(separator) || codes[last + 1] === separator) return false;
    return !ABBREVIATIONS.has(String.fromCharCode(codes[last - 2] ?? 0, codes[last] ?? 0));
  }

  /** `л*о*х`, but not `п*з*а`, where the stars hide letters. */
  private isClosedSyllable(from: number): boolean {
    const [a, b, c] = [0, 2, 4].map((step) => VOWELS.has(this.text.codes[from + step] ?? 0));
    return !a && b === true && !c;
  }

  /** Tells `д у р а к` and `с у к а` from `а я и в`, `и т д` and `а и б`. */
  private isSpacedWord(from: number, last: number, letters: number): boolean {
    const { codes } = this.text;
    let notWords = 0;
    let clashes = 0;
    let latin = 0;
    let foreign = 0;
    for (let at = from; at <= last; at += 2) {
      const code = codes[at] ?? 0;
      if ((kind(code) & LATIN) !== 0) latin += 1;
      if ((kind(code) & LATIN) !== 0 && !LOOKALIKES.has(code)) foreign += 1;
      if ((kind(code) & CYRILLIC) !== 0 && !ONE_LETTER_WORDS.has(code)) notWords += 1;
      if (at === last) break;
      if (PREPOSITIONS.has(code) && PREPOSITIONS.has(codes[at + 2] ?? 0)) clashes += 1;
      if (letters < 5 && ABBREVIATIONS.has(String.fromCharCode(code, codes[at + 2] ?? 0))) return false;
    }
    if (latin === letters) return letters > 3;
    // Latin letters among Cyrillic ones (`x у й`) can only be look-alikes, and are no Russian words.
    if (foreign > 0) return false;
    return clashes > 0 || notWords + latin > (letters < 5 ? 1 : 0);
  }
}

function kind(code: number | undefined): number {
  return KIND[code ?? 0] ?? 0;
}

function codesOf(letters: string): Set<number> {
  return new Set(Array.from(letters, (letter) => letter.charCodeAt(0)));
}
