import type { Encoded } from './encode.js';

/** The tokens [from, to) of a text. */
export interface Window {
  readonly text: Encoded;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a long text into windows of at most `size` tokens, each sharing `overlap` tokens with the one before,
 * so that an insult on a border stands whole in one of them. A text that fits is its own only window; a
 * text without tokens has none. The last window is moved back to be full.
 *
 * @throws RangeError unless 0 <= overlap < size
 */
export function windows(text: Encoded, size: number, overlap: number): Window[] {
  if (!(overlap >= 0 && overlap < size)) throw new RangeError(`windows: overlap ${overlap} of size ${size}`);
  const tokens = text.starts.length - 1;
  if (tokens === 0) return [];
  if (tokens <= size) return [{ text, from: 0, to: tokens }];
  const result: Window[] = [];
  for (let at = 0; ; at += size - overlap) {
    const from = Math.min(at, tokens - size);
    const to = from + size;
    result.push({ text, from, to });
    if (to === tokens) return result;
  }
}
