import { CYRILLIC, DIGIT, KIND, SPACE, WORD } from './characters.js';
import { fold } from './fold.js';
import { LinkFinder } from './links.js';
import { SpelledOutFinder } from './spelled-out.js';
import { grown, LARGEST_KEPT, Units } from './units.js';
import { WordReader } from './word-reader.js';
import { WordWriter } from './words.js';

const BLANK = 0x20;
const EXCLAMATION = 0x21;
const DOLLAR = 0x24;
const COMMA = 0x2c;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;
const UNDERSCORE = 0x5f;

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
  private readonly reader = new WordReader(this.folded, this.word);
  private readonly writer = new WordWriter(this.word, this);

  /** Reads `original`; what an earlier call left in `out` and `tokens` is overwritten. */
  scan(original: string): void {
    const { folded } = this;
    this.original = original;
    this.out.clear();
    this.tokenCount = 0;
    if (this.tokens.length > LARGEST_KEPT) this.tokens = new Int32Array(512);
    fold(original, folded);
    this.links.reset();
    this.spelledOut.reset();
    for (let at = 0; at < folded.length;) {
      const code = folded.codes[at] ?? 0;
      const kind = KIND[code] ?? 0;
      if (kind === SPACE) at = this.space(at);
      else if ((kind & WORD) !== 0) at = this.wordOrLink(at, code, kind);
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

  /** Spaces of any kind and number are one blank between tokens. */
  private space(from: number): number {
    const { folded, out } = this;
    let at = from + 1;
    while (at < folded.length && KIND[folded.codes[at] ?? 0] === SPACE) at += 1;
    if (out.length > 0 && at < folded.length) {
      out.push(BLANK, folded.starts[from] ?? 0, folded.ends[at - 1] ?? 0);
    }
    return at;
  }

  private wordOrLink(from: number, code: number, kind: number): number {
    const link = code < 0x80 ? this.links.linkAt(from) : undefined;
    if (link !== undefined) return this.special(`<${link.kind}>`, from, link.end);
    if (kind === DIGIT) {
      const end = this.numberEnd(from);
      if (end > 0) return this.special('<number>', from, end);
    } else if (((KIND[this.folded.codes[from + 1] ?? 0] ?? 0) & WORD) === 0) {
      const end = this.spelledOut.endAt(from);
      if (end > 0) {
        this.reader.readSpelledOut(from, end);
        this.writer.write();
        return end;
      }
    }
    return this.aWord(from);
  }

  private special(name: string, from: number, to: number): number {
    this.addSpecial(name, this.folded.starts[from] ?? 0, this.folded.ends[to - 1] ?? 0);
    return to;
  }

  /** Where a number ends (`5`, `3,14`, `12:30`, `1.5.2020`), or -1 if the digits go on as a word (`10й`). */
  private numberEnd(from: number): number {
    const { codes } = this.folded;
    let at = from + 1;
    let parts = 1;
    for (;;) {
      while (KIND[codes[at] ?? 0] === DIGIT) at += 1;
      const code = codes[at] ?? 0;
      if ((code !== COMMA && code !== DOT && code !== COLON) || KIND[codes[at + 1] ?? 0] !== DIGIT) break;
      parts += 1;
      at += 2;
    }
    const goesOn = parts === 1 && ((KIND[codes[at] ?? 0] ?? 0) & WORD) !== 0;
    return goesOn ? -1 : at;
  }

  private aWord(from: number): number {
    const clean = this.reader.cleanEnd(from);
    if (clean > 0) {
      const at = this.out.length;
      this.out.append(this.folded, from, clean);
      this.addToken(at, this.out.length);
      return clean;
    }
    const end = this.reader.read(from);
    this.writer.write();
    return end;
  }

  private sign(from: number, code: number): number {
    const { folded, out } = this;
    const { codes } = folded;
    if (code === AT) {
      const mention = this.links.mentionAt(from);
      if (mention !== undefined) return this.special('<mention>', from, mention.end);
    }
    if (code === DOLLAR && !this.isWordAt(from - 1) && KIND[codes[from + 1] ?? 0] === CYRILLIC) {
      return this.aWord(from);
    }
    if (code >= 0xd800 && code < 0xdc00) {
      out.append(folded, from, from + 2);
      this.addToken(out.length - 2, out.length);
      return from + 2;
    }
    return this.run(from, code);
  }

  /** One token for a run of signs: `!`, `!!` for any longer run, `?!` for both mixed. */
  private run(from: number, code: number): number {
    const { folded, out } = this;
    const { codes, starts, ends } = folded;
    const isAsking = code === EXCLAMATION || code === QUESTION;
    let end = from + 1;
    let mixed = false;
    for (; end < folded.length; end += 1) {
      const next = codes[end] ?? 0;
      if (next === code) continue;
      if (!isAsking || (next !== EXCLAMATION && next !== QUESTION)) break;
      mixed = true;
    }
    out.push(mixed ? QUESTION : code, starts[from] ?? 0, ends[from] ?? 0);
    if (end - from > 1) out.push(mixed ? EXCLAMATION : code, starts[from + 1] ?? 0, ends[end - 1] ?? 0);
    if (end - from > 1) this.addToken(out.length - 2, out.length);
    else if (!this.joinsWords(from, code)) this.addToken(out.length - 1, out.length);
    return end;
  }

  /** A hyphen or underscore between the parts of a word is no token. */
  private joinsWords(at: number, code: number): boolean {
    return (code === HYPHEN || code === UNDERSCORE) && this.isWordAt(at - 1) && this.isWordAt(at + 1);
  }

  private isWordAt(at: number): boolean {
    return ((KIND[this.folded.codes[at] ?? 0] ?? 0) & WORD) !== 0;
  }
}
