import { CYRILLIC, DIGIT, KIND, LATIN, LETTER, SPACE, WORD } from './characters.js';
import { isHiddenRest, isMask, maskLetter } from './masks.js';
import type { Units } from './units.js';
import { LONGEST_TOKEN } from './words.js';

const APOSTROPHE = 0x27;
const STAR = 0x2a;
const DOT = 0x2e;
const DOLLAR = 0x24;
/** Longest run of stars or dots that is read as hidden letters. */
const LONGEST_RUN = 16;

/**
 * Reads words of folded text into `word`: their letters and digits, and what the signs inside them stand
 * for. Every method takes the index where a word begins and says where it ends.
 */
export class WordReader {
  constructor(
    private readonly folded: Units,
    private readonly word: Units,
  ) {}

  /**
   * Where the word ends if there is nothing to do for it, else -1. Nearly every word takes this way; it
   * must give what reading and writing it would.
   */
  cleanEnd(from: number): number {
    const { codes } = this.folded;
    let at = from;
    let before = 0;
    let repeats = 0;
    for (;;) {
      const code = codes[at] ?? 0;
      if (KIND[code] !== CYRILLIC) break;
      repeats = code === before ? repeats + 1 : 0;
      if (repeats === 2) return -1;
      before = code;
      at += 1;
    }
    if (at === from || at - from > LONGEST_TOKEN) return -1;
    const next = codes[at] ?? 0;
    if ((KIND[next] ?? 0) > SPACE || next === STAR || next === APOSTROPHE || isMask(next)) return -1;
    return next === DOT && at - from === 1 ? -1 : at;
  }

  /** Reads the word at `from`, with the signs in it. */
  read(from: number): number {
    const { folded, word } = this;
    const { codes } = folded;
    word.clear();
    let at = from;
    let kinds = 0;
    for (;;) {
      const code = codes[at] ?? 0;
      const kind = KIND[code] ?? 0;
      if ((kind & WORD) !== 0) {
        kinds |= kind;
        word.append(folded, at, at + 1);
        at += 1;
        continue;
      }
      const next = this.inside(at, code, kinds);
      if (next === at) return at;
      at = next;
    }
  }

  /** Reads the letters of the spelled-out word [from, end). */
  readSpelledOut(from: number, end: number): number {
    const { folded, word } = this;
    word.clear();
    for (let at = from; at < end; at += 1) {
      if (((KIND[folded.codes[at] ?? 0] ?? 0) & LETTER) !== 0) word.append(folded, at, at + 1);
    }
    return end;
  }

  /**
   * Reads a sign that does not end the word: stars for hidden letters, an apostrophe, a sign in place of a
   * letter. Says where to go on, `at` if the word ends here.
   */
  private inside(at: number, code: number, kinds: number): number {
    const { folded, word } = this;
    const { codes } = folded;
    if (code === STAR) return this.stars(at, kinds);
    if (code === DOT) return this.dots(at, kinds);
    const next = KIND[codes[at + 1] ?? 0] ?? 0;
    if ((next & LETTER) === 0) return at;
    if (code === APOSTROPHE) {
      // `don't` keeps it; in a Cyrillic word it is a hard sign at best (`об'явление`) or a disguise.
      if ((kinds & CYRILLIC) === 0) word.append(folded, at, at + 1);
      return at + 1;
    }
    // `$` may also begin a word (`$ука`), if only its first letter follows.
    const inCyrillic = (kinds & CYRILLIC) !== 0 || (word.length === 0 && code === DOLLAR);
    if (!inCyrillic || (next & CYRILLIC) === 0 || !isMask(code)) return at;
    const letter = maskLetter(code, word, codes, at);
    if (letter === 0) return at;
    word.push(letter, folded.starts[at] ?? 0, folded.ends[at] ?? 0);
    return at + 1;
  }

  /**
   * Stars inside a word (`х*й`) or behind its first letters (`х**`, `бл*`) stand for letters. Not so behind
   * a word that stars stand before (`**эй**`).
   */
  private stars(at: number, kinds: number): number {
    const { codes } = this.folded;
    const { length } = this.word;
    if ((kinds & LETTER) === 0) return at;
    const end = this.runEnd(at, STAR);
    const inside = ((KIND[codes[end] ?? 0] ?? 0) & LETTER) !== 0;
    const behind =
      (kinds & CYRILLIC) !== 0 &&
      codes[end] !== STAR &&
      length <= (end - at > 1 ? 3 : 2) &&
      codes[at - length - 1] !== STAR;
    return inside || behind ? this.hide(at, end) : at;
  }

  /** Dots in a version (`v1.0`), or, two or more after the first letter, in place of the letters of an obscenity (`п...ц`). */
  private dots(at: number, kinds: number): number {
    const { folded, word } = this;
    const { codes } = folded;
    const isLatin = (kinds & LETTER) === LATIN;
    if (isLatin && KIND[codes[at - 1] ?? 0] === DIGIT && KIND[codes[at + 1] ?? 0] === DIGIT) {
      word.append(folded, at, at + 1);
      return at + 1;
    }
    if (word.length !== 1) return at;
    const end = this.runEnd(at, DOT);
    return end - at > 1 && isHiddenRest(codes, end, word.codes[0] ?? 0) ? this.hide(at, end) : at;
  }

  private runEnd(from: number, code: number): number {
    let end = from;
    while (this.folded.codes[end] === code && end - from < LONGEST_RUN) end += 1;
    return end;
  }

  /** Writes one star for one hidden letter and two for any more. */
  private hide(from: number, end: number): number {
    const { starts, ends } = this.folded;
    this.word.push(STAR, starts[from] ?? 0, ends[from] ?? 0);
    if (end - from > 1) this.word.push(STAR, starts[from + 1] ?? 0, ends[end - 1] ?? 0);
    return end;
  }
}
