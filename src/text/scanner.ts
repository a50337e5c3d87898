import { CYRILLIC, DIGIT, KIND, LETTER, SPACE, WORD } from './characters.js';
import { fold } from './fold.js';
import { LinkFinder } from './links.js';
import { SpelledOutFinder } from './spelled-out.js';
import { grown, Units } from './units.js';
import { isMask, maskLetter } from './masks.js';
import { WordWriter } from './words.js';

const BLANK = 0x20;
const AT = 0x40;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;
const APOSTROPHE = 0x27;
const STAR = 0x2a;
const EXCLAMATION = 0x21;
const QUESTION = 0x3f;
const MOST_STARS = 16;

/**
 * The one implementation behind `normalize`, `tokenize` and `Encoder`: reads a text from left to right and
 * writes its normalised form to `out` and its tokens as pairs [from, to) of `out` to `tokens`.
 * Time and memory are linear in the length of the text, whatever it holds.
 */
export class Scanner {
  readonly out = new Units();
  /** Pairs: token i is `out` from `tokens[2 * i]` to `tokens[2 * i + 1]`. */
  tokens = new Int32Array(512);
  tokenCount = 0;

  private original = '';
  private readonly folded = new Units();
  private readonly word = new Units();
  private readonly links = new LinkFinder(this.folded);
  private readonly spelledOut = new SpelledOutFinder(this.folded);
  private readonly writer = new WordWriter(this.word, this);

  /** Reads `original`; what an earlier call left in `out` and `tokens` is overwritten. */
  scan(original: string): void {
    this.original = original;
    this.out.clear();
    this.tokenCount = 0;
    fold(original, this.folded);
    this.links.reset();
    this.spelledOut.reset();
    const { folded } = this;
    const { length } = folded;
    for (let at = 0; at < length;) {
      const code = folded.codes[at] ?? 0;
      const kind = KIND[code] ?? 0;
      if (kind === SPACE) at = this.space(at);
      else if ((kind & WORD) !== 0) at = this.wordOrLink(at, kind);
      else at = this.sign(at, code);
    }
    this.original = '';
  }

  /** Was this unit of the word an upper-case letter in the original? */
  readonly isUpper = (index: number): boolean => {
    const character = this.original.charAt(this.word.starts[index] ?? 0);
    return character !== character.toLowerCase();
  };

  /**
   * Ends the units [from, to) of `out` as a token. A character that was written as several units (`ﬁ`)
   * belongs to the first token that has one of them, so that tokens never share a part of the original.
   */
  addToken(from: number, to: number): void {
    const { starts, ends } = this.out;
    const at = this.tokenCount * 2;
    const taken = at === 0 ? 0 : (ends[(this.tokens[at - 1] ?? 0) - 1] ?? 0);
    if ((ends[to - 1] ?? 0) <= taken && at > 0) return;
    for (let unit = from; unit < to && (starts[unit] ?? 0) < taken; unit += 1) starts[unit] = taken;
    if (at + 2 > this.tokens.length) this.tokens = grown(this.tokens, this.tokens.length * 2);
    this.tokens[at] = from;
    this.tokens[at + 1] = to;
    this.tokenCount += 1;
  }

  /** Writes a token such as `<url>` in place of the part [start, end) of the original. */
  addSpecial(name: string, start: number, end: number): void {
    const from = this.out.length;
    for (let i = 0; i < name.length; i += 1) this.out.push(name.charCodeAt(i), start, end);
    this.addToken(from, this.out.length);
  }

  private space(from: number): number {
    const { folded, out } = this;
    let at = from + 1;
    while (KIND[folded.codes[at] ?? 0] === SPACE && at < folded.length) at += 1;
    if (out.length > 0 && at < folded.length) {
      out.push(BLANK, folded.starts[from] ?? 0, folded.ends[at - 1] ?? 0);
    }
    return at;
  }

  private wordOrLink(from: number, kind: number): number {
    const { folded } = this;
    const code = folded.codes[from] ?? 0;
    if (code < 0x80) {
      const link = this.links.linkAt(from);
      if (link !== undefined) return this.special(`<${link.kind}>`, from, link.end);
    }
    if (kind === DIGIT) {
      const end = this.numberEnd(from);
      if (end > 0) return this.special('<number>', from, end);
    } else if (((KIND[folded.codes[from + 1] ?? 0] ?? 0) & WORD) === 0) {
      const end = this.spelledOut.endAt(from);
      if (end > 0) return this.spelledWord(from, end);
    }
    return this.plainWord(from);
  }

  private special(name: string, from: number, to: number): number {
    this.addSpecial(name, this.folded.starts[from] ?? 0, this.folded.ends[to - 1] ?? 0);
    return to;
  }

  /** Where a number ends (`5`, `3,14`, `12:30`, `1.5.2020`), or -1 if the digits go on as a word (`10й`). */
  private numberEnd(from: number): number {
    const { codes } = this.folded;
    let at = from + 1;
    for (;;) {
      while (KIND[codes[at] ?? 0] === DIGIT) at += 1;
      const code = codes[at] ?? 0;
      if (code !== 0x2c && code !== 0x2e && code !== 0x3a) break;
      if (KIND[codes[at + 1] ?? 0] !== DIGIT) break;
      at += 2;
    }
    const next = codes[at] ?? 0;
    return ((KIND[next] ?? 0) & WORD) !== 0 && isDigits(this.folded, from, at) ? -1 : at;
  }

  private spelledWord(from: number, end: number): number {
    const { folded, word } = this;
    word.clear();
    for (let at = from; at < end; at += 1) {
      const code = folded.codes[at] ?? 0;
      if (((KIND[code] ?? 0) & LETTER) !== 0) word.push(code, folded.starts[at] ?? 0, folded.ends[at] ?? 0);
    }
    this.writer.write();
    return end;
  }

  private plainWord(from: number): number {
    const { folded, word } = this;
    const { codes, starts, ends } = folded;
    word.clear();
    let at = from;
    let kinds = 0;
    for (;;) {
      const code = codes[at] ?? 0;
      const kind = KIND[code] ?? 0;
      if ((kind & WORD) !== 0) {
        kinds |= kind;
        word.push(code, starts[at] ?? 0, ends[at] ?? 0);
        at += 1;
        continue;
      }
      const next = this.insideWord(at, code, kinds);
      if (next <= at) break;
      at = next;
    }
    this.writer.write(kinds === CYRILLIC && at - from === word.length);
    return at;
  }

  /**
   * A sign after a letter that does not end the word: stars for hidden letters, an apostrophe, a sign in
   * place of a letter. Writes what it stands for and says where to go on; `at` if the word ends here.
   */
  private insideWord(at: number, code: number, kinds: number): number {
    const { folded, word } = this;
    const { codes, starts, ends } = folded;
    if (kinds === 0 && code !== 0x24) return at;
    if (code === STAR) return this.stars(at, kinds);
    const next = KIND[codes[at + 1] ?? 0] ?? 0;
    if ((next & LETTER) === 0) return at;
    if (code === APOSTROPHE) {
      // `don't` keeps it; in a Cyrillic word it is a hard sign at best (`об'явление`) or a disguise.
      if ((kinds & CYRILLIC) === 0) word.push(code, starts[at] ?? 0, ends[at] ?? 0);
      return at + 1;
    }
    if (!isMask(code) || (next & CYRILLIC) === 0 || ((kinds & CYRILLIC) === 0 && word.length > 0)) return at;
    const letter = maskLetter(code, word, codes, at);
    if (letter === 0) return at;
    word.push(letter, starts[at] ?? 0, ends[at] ?? 0);
    return at + 1;
  }

  /** Stars inside a word (`х*й`) or behind its first letters (`х**`, `бл*`) stand for letters, at most two are kept. */
  private stars(at: number, kinds: number): number {
    const { folded, word } = this;
    const { codes, starts, ends } = folded;
    let end = at;
    while (codes[end] === STAR && end - at < MOST_STARS) end += 1;
    const count = end - at;
    const inside = ((KIND[codes[end] ?? 0] ?? 0) & LETTER) !== 0;
    const behind = (kinds & CYRILLIC) !== 0 && codes[end] !== STAR && word.length <= (count > 1 ? 3 : 2);
    const emphasis = codes[at - word.length - 1] === STAR;
    if ((!inside && !behind) || (kinds & LETTER) === 0 || (emphasis && !inside)) return at;
    word.push(STAR, starts[at] ?? 0, ends[at] ?? 0);
    if (count > 1) word.push(STAR, starts[at + 1] ?? 0, ends[end - 1] ?? 0);
    return end;
  }

  private sign(from: number, code: number): number {
    const { folded, out } = this;
    const { codes, starts, ends } = folded;
    if (code === AT) {
      const mention = this.links.mentionAt(from);
      if (mention !== undefined) return this.special('<mention>', from, mention.end);
    }
    const isFirst = ((KIND[codes[from - 1] ?? 0] ?? 0) & WORD) === 0;
    if (code === 0x24 && isFirst && ((KIND[codes[from + 1] ?? 0] ?? 0) & CYRILLIC) !== 0)
      return this.plainWord(from);
    if (code >= 0xd800 && code < 0xdc00) {
      out.push(code, starts[from] ?? 0, ends[from] ?? 0);
      out.push(codes[from + 1] ?? 0, starts[from + 1] ?? 0, ends[from + 1] ?? 0);
      this.addToken(out.length - 2, out.length);
      return from + 2;
    }
    let end = from + 1;
    let mixed = false;
    const asking = code === EXCLAMATION || code === QUESTION;
    for (; end < folded.length; end += 1) {
      const next = codes[end] ?? 0;
      if (next === code) continue;
      if (!asking || (next !== EXCLAMATION && next !== QUESTION)) break;
      mixed = true;
    }
    this.signs(from, end, code, mixed);
    return end;
  }

  /** One token for a run of signs: `!`, `!!` for any longer run, `?!` for both mixed. */
  private signs(from: number, end: number, code: number, mixed: boolean): void {
    const { folded, out } = this;
    const start = folded.starts[from] ?? 0;
    const last = folded.ends[end - 1] ?? 0;
    const at = out.length;
    if (end - from === 1) out.push(code, start, last);
    else {
      const middle = folded.ends[from] ?? 0;
      out.push(mixed ? QUESTION : code, start, middle);
      out.push(mixed ? EXCLAMATION : code, folded.starts[from + 1] ?? 0, last);
    }
    if (end - from === 1 && (code === HYPHEN || code === UNDERSCORE) && this.joins(from)) return;
    this.addToken(at, out.length);
  }

  /** A hyphen between the parts of a word is no token. */
  private joins(at: number): boolean {
    const { codes } = this.folded;
    return ((KIND[codes[at - 1] ?? 0] ?? 0) & WORD) !== 0 && ((KIND[codes[at + 1] ?? 0] ?? 0) & WORD) !== 0;
  }
}

function isDigits(units: Units, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (KIND[units.codes[at] ?? 0] !== DIGIT) return false;
  return true;
}
