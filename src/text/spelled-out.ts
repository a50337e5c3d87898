import { CYRILLIC, KIND, LATIN, LETTER, WORD } from './characters.js';
import type { Units } from './units.js';

const BLANK = 0x20;
const STAR = 0x2a;
/** Signs that may stand between the letters of a spelled-out word. No comma: `а, б, в` is a list. */
const SEPARATORS = codesOf('.-_*/|~+=·•:^\'"#');
/** With these, three letters are enough: `х.у.й`, `л-о-х`. */
const COMMON = codesOf('.-_');
const MOST_SIGNS = 3;

const VOWELS = codesOf('аеиоуыэюя');
/** One-letter words of Russian, and the prepositions among them, of which no two can follow each other. */
const ONE_LETTER_WORDS = codesOf('аивксоуяжб');
const PREPOSITIONS = codesOf('вксоу');
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
    const { codes } = this.text;
    let letters = 1;
    let last = from;
    let sign = 0;
    let wide = false;
    for (;;) {
      const next = this.nextLetter(last + 1, sign);
      if (next < 0) break;
      if (letters === 1)
        sign = codes[last + 1] === BLANK && next === last + 2 ? BLANK : this.signBefore(next);
      wide ||= sign !== BLANK && (codes[last + 1] === BLANK || codes[next - 1] === BLANK);
      letters += 1;
      last = next;
    }
    this.seen = last + 1;
    const isWord =
      sign === BLANK
        ? this.isSpacedWord(from, last, letters)
        : this.isSignedWord(from, last, letters, sign, wide);
    return isWord ? last + 1 : -1;
  }

  /** The next single letter after the gap at `from`; `sign` is what earlier gaps were made of, 0 for none yet. */
  private nextLetter(from: number, sign: number): number {
    const { codes } = this.text;
    let at = from;
    if (codes[at] === BLANK) at += 1;
    const signStart = at;
    const found = codes[at] ?? 0;
    if (SEPARATORS.has(found)) {
      while (codes[at] === found && at - signStart < MOST_SIGNS) at += 1;
      if (codes[at] === BLANK) at += 1;
    }
    if (at === from) return -1;
    const separator = at - from === 1 && codes[from] === BLANK ? BLANK : found;
    if (sign !== 0 && separator !== sign) return -1;
    return this.isSingleLetter(at) ? at : -1;
  }

  private isSingleLetter(at: number): boolean {
    const { codes } = this.text;
    return (
      at < this.text.length &&
      kind(codes[at]) > 0 &&
      (kind(codes[at]) & LETTER) !== 0 &&
      (kind(codes[at + 1]) & WORD) === 0
    );
  }

  private signBefore(letter: number): number {
    const before = this.text.codes[letter - 1] ?? 0;
    return before === BLANK ? (this.text.codes[letter - 2] ?? 0) : before;
  }

  private isSignedWord(from: number, last: number, letters: number, sign: number, wide: boolean): boolean {
    if (letters > 3) return true;
    if (letters < 3 || wide) return false;
    if (sign === STAR) return this.isClosedSyllable(from);
    // `к.т.н.`, `Ф.С.Б.`: three letters with a dot after the last one are an abbreviation.
    return COMMON.has(sign) && this.text.codes[last + 1] !== sign;
  }

  /** `л*о*х`, but not `п*з*а`, where the stars hide letters. */
  private isClosedSyllable(from: number): boolean {
    const [a, b, c] = [0, 2, 4].map((step) => VOWELS.has(this.text.codes[from + step] ?? 0));
    return !a && b === true && !c;
  }

  /** Tells `д у р а к` and `с у к а` from `а я и в`, `и т д` and `а и б`. */
  private isSpacedWord(from: number, last: number, letters: number): boolean {
    if (letters < 3) return false;
    const { codes } = this.text;
    let notWords = 0;
    let clashes = 0;
    let latin = 0;
    for (let at = from; at <= last; at += 2) {
      const code = codes[at] ?? 0;
      if ((kind(code) & LATIN) !== 0) latin += 1;
      if ((kind(code) & CYRILLIC) !== 0 && !ONE_LETTER_WORDS.has(code)) notWords += 1;
      if (at === last) break;
      if (PREPOSITIONS.has(code) && PREPOSITIONS.has(codes[at + 2] ?? 0)) clashes += 1;
      if (letters < 5 && ABBREVIATIONS.has(String.fromCharCode(code, codes[at + 2] ?? 0))) return false;
    }
    return notWords > 1 || clashes > 0 || (latin > 0 && letters > 3);
  }
}

function kind(code: number | undefined): number {
  return KIND[code ?? 0] ?? 0;
}

function codesOf(letters: string): Set<number> {
  return new Set(Array.from(letters, (letter) => letter.charCodeAt(0)));
}
