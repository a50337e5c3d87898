import type { Encoded } from './encode.js';

/**
 * Cuts a long text into windows of at most `size` tokens, each sharing `overlap` tokens with the one before,
 * so that an insult on a border stands whole in one of them. A text that fits is its own only window; a
 * text without tokens has none. The last window is moved back to be full.
 *
 * @throws RangeError unless 0 <= overlap < size
 */
export function windows(encoded: Encoded, size: number, overlap: number): Encoded[] {
  if (!(overlap >= 0 && overlap < size)) throw new RangeError(`windows: overlap ${overlap} of size ${size}`);
  const tokens = encoded.starts.length - 1;
  if (tokens === 0) return [];
  if (tokens <= size) return [encoded];
  const result: Encoded[] = [];
  for (let from = 0; ; from += size - overlap) {
    const start = Math.min(from, tokens - size);
    result.push(slice(encoded, start, start + size));
    if (start + size === tokens) return result;
  }
}

function slice({ units, starts }: Encoded, from: number, to: number): Encoded {
  const offset = starts[from] ?? 0;
  return {
    units: units.subarray(offset, starts[to]),
    starts: starts.slice(from, to + 1).map((start) => start - offset),
  };
}
