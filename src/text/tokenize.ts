import { Scanner } from './scanner.js';

/** A token of the normalised text and the part [start, end) of the original, in UTF-16 units, it came from. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const scanner = new Scanner();

/**
 * The tokens of a text, in order: words (the parts of a hyphenated one apart), `<url>`, `<email>`,
 * `<mention>`, `<number>`, runs of one sign (`!`, `!!`, `?!`, `))`) and single symbols such as emoji.
 * Their parts of the original are not empty and do not overlap. Never throws.
 */
export function tokenize(original: string): Token[] {
  scanner.scan(original);
  const { out, tokens, tokenCount } = scanner;
  const text = out.text();
  return Array.from({ length: tokenCount }, (_, i) => {
    const from = tokens[2 * i] ?? 0;
    const to = tokens[2 * i + 1] ?? 0;
    return { text: text.slice(from, to), start: out.starts[from] ?? 0, end: out.ends[to - 1] ?? 0 };
  });
}
