import { Scanner } from './scanner.js';

/** A text in its plainest form. Arrays have one entry for each UTF-16 unit of `text`. */
export interface Normalized {
  readonly text: string;
  /** Where in the original (UTF-16 index) the part begins that the unit came from, and where it ends. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const scanner = new Scanner();

/**
 * Brings a text into the form the model reads: Unicode NFKC, lower case, `ё` → `е`, no invisible
 * characters; `<url>`, `<email>`, `<mention>` and `<number>` in place of those; stretched letters
 * shortened; disguised words (`xуй`, `д.е.б.и.л`) turned back. Never throws; time is linear in the length.
 */
export function normalize(original: string): Normalized {
  scanner.scan(original);
  const { out } = scanner;
  return {
    text: out.text(),
    starts: out.starts.slice(0, out.length),
    ends: out.ends.slice(0, out.length),
  };
}
