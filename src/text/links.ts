import { DIGIT, KIND, LATIN, SPACE } from './characters.js';
import type { Units } from './units.js';

const AT = 0x40;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const SLASH = 0x2f;

const SCHEME = /^(?:https?|ftps?|tg|mailto)$/;
/** Endings by which a bare `site.ru` is told from two sentences with a forgotten space. */
const ENDINGS = new Set(
  'ru com net org su ua by kz uk de fr pl eu us info biz edu gov io me tv cc be app dev online site club top pro shop store live'.split(
    ' ',
  ),
);
/** Longest e-mail domain or site name that is looked at; DNS allows 253. */
const LONGEST_HOST = 253;

export type LinkKind = 'url' | 'email' | 'mention';
export interface Link {
  readonly kind: LinkKind;
  readonly end: number;
}

/**
 * Finds links, e-mail addresses and mentions in folded text. Only ASCII is ever taken into one: a link
 * ends at the first Cyrillic letter, so that nothing readable can be hidden in a link.
 *
 * One finder reads one text from left to right; it remembers how far it has looked, which keeps the whole
 * search linear.
 */
export class LinkFinder {
  private seen = 0;

  constructor(private readonly text: Units) {}

  reset(): void {
    this.seen = 0;
  }

  /** The link or e-mail address that starts at the word start `from`. */
  linkAt(from: number): Link | undefined {
    if (from < this.seen) return undefined;
    const { codes, length } = this.text;
    let end = from;
    let hasDot = false;
    for (; end < length && isAddress(codes[end]); end += 1) hasDot ||= codes[end] === DOT;
    this.seen = end;
    if (end === from) return undefined;
    if (codes[end] === AT) return this.email(end);
    if (codes[end] === COLON && codes[end + 1] === SLASH && codes[end + 2] === SLASH) {
      return this.schemed(from, end);
    }
    return hasDot ? this.bareSite(from, end) : undefined;
  }

  /** The mention whose `@` stands at `from`: at least two of Latin letters, digits and `_`. */
  mentionAt(from: number): Link | undefined {
    const { codes, length } = this.text;
    if (from > 0 && (KIND[codes[from - 1] ?? 0] ?? 0) > SPACE) return undefined;
    let end = from + 1;
    while (end < length && isName(codes[end])) end += 1;
    return end - from > 2 ? { kind: 'mention', end } : undefined;
  }

  private schemed(from: number, colon: number): Link | undefined {
    let start = colon;
    while (start > from && isAscii(this.text.codes[start - 1] ?? 0)) start -= 1;
    if (start > from) {
      // `да.https://…`: another look when the scheme itself is reached.
      this.seen = start;
      return undefined;
    }
    const isScheme = colon - from < 9 && SCHEME.test(this.text.text(from, colon));
    return isScheme ? { kind: 'url', end: this.pathEnd(colon + 3) } : undefined;
  }

  private email(at: number): Link | undefined {
    const { codes, length } = this.text;
    const limit = Math.min(length, at + 1 + LONGEST_HOST);
    let end = at + 1;
    let hasDot = false;
    for (; end < limit && (isName(codes[end]) || codes[end] === DOT || codes[end] === HYPHEN); end += 1) {
      hasDot ||= codes[end] === DOT;
    }
    if (!hasDot) return undefined;
    while (end > at && !isName(codes[end - 1])) end -= 1;
    const host = this.text.text(at + 1, end);
    return /\.[a-z]{2,}$/.test(host) ? { kind: 'email', end } : undefined;
  }

  private bareSite(from: number, runEnd: number): Link | undefined {
    const { codes } = this.text;
    let end = runEnd;
    while (end > from && codes[end - 1] === DOT) end -= 1;
    if (end - from > LONGEST_HOST) return undefined;
    const next = KIND[codes[runEnd] ?? 0] ?? 0;
    if (end === runEnd && end < this.text.length && next > SPACE) return undefined;
    const host = this.text.text(from, end);
    const dot = host.lastIndexOf('.');
    if (dot < 1 || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host)) return undefined;
    if (!ENDINGS.has(host.slice(dot + 1)) && !host.startsWith('www.')) return undefined;
    const after = end === runEnd ? codes[end] : 0;
    return {
      kind: 'url',
      end: after === SLASH || after === COLON || after === 0x3f ? this.pathEnd(end) : end,
    };
  }

  /** Where the rest of a link ends: ASCII without spaces and quotes, sentence punctuation at the end left out. */
  private pathEnd(from: number): number {
    const { codes, length } = this.text;
    let end = from;
    while (end < length && isPath(codes[end])) end += 1;
    this.seen = end;
    while (end > from && /[.,:;!?)\]}'*-]/.test(String.fromCharCode(codes[end - 1] ?? 0))) end -= 1;
    return end;
  }
}

function isAscii(code: number): boolean {
  return code < 0x80 && ((KIND[code] ?? 0) & (LATIN | DIGIT)) !== 0;
}

function isName(code: number | undefined): boolean {
  return code !== undefined && (isAscii(code) || code === 0x5f);
}

function isAddress(code: number | undefined): boolean {
  return isName(code) || code === DOT || code === HYPHEN || code === 0x2b || code === 0x25;
}

function isPath(code: number | undefined): boolean {
  return code !== undefined && code > 0x20 && code < 0x7f && code !== 0x22 && code !== 0x3c && code !== 0x3e;
}
