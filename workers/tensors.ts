import type { Encoded } from '../src/text/encode.js';

/** Tensors of one run, as plain arrays: `session.ts` gives them to the model. */
export interface BatchTensors {
  readonly batch: number;
  readonly tokens: number;
  /** [batch, tokens]: the row of each token; 0 for padding and for tokens that are a bag of n-grams. */
  readonly words: Int32Array;
  readonly bags: number;
  readonly bagSize: number;
  /** [bags, bagSize]: the rows of each bag, filled up with 0. */
  readonly ngrams: Int32Array;
  /** [bags, 1]: where in `words` each bag belongs. */
  readonly positions: BigInt64Array;
}

/** Width of the widest convolution: shorter texts are padded. */
const MIN_TOKENS = 3;

/** Tokens, padding included, in one run: beyond this the activations no longer fit the CPU's cache. */
const MAX_PADDED_TOKENS = 512;

/**
 * Cuts windows into runs of similar length, each within the bound of padded tokens (longest × count), so
 * that little is computed for padding. Returns indices into `encoded`.
 */
export function planRuns(encoded: readonly Encoded[]): number[][] {
  const length = (index: number) => encoded[index]!.starts.length - 1;
  const order = [...encoded.keys()]
    .filter((index) => length(index) > 0)
    .sort((a, b) => length(a) - length(b));
  const runs: number[][] = [];
  let run: number[] = [];
  for (const index of order) {
    // Sorted: the newest is the longest.
    if (run.length > 0 && paddedLength(length(index)) * (run.length + 1) > MAX_PADDED_TOKENS) {
      runs.push(run);
      run = [];
    }
    run.push(index);
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** Lays out the windows that `run` names, in its order. */
export function layOut(encoded: readonly Encoded[], run: readonly number[]): BatchTensors {
  let longest = 0;
  let bags = 0;
  let bagSize = 0;
  for (const index of run) {
    const { starts } = encoded[index]!;
    longest = Math.max(longest, starts.length - 1);
    for (let token = 0; token + 1 < starts.length; token++) {
      const size = starts[token + 1]! - starts[token]!;
      if (size > 1) {
        bags++;
        bagSize = Math.max(bagSize, size);
      }
    }
  }
  const tokens = paddedLength(longest);
  const words = new Int32Array(run.length * tokens);
  const ngrams = new Int32Array(bags * bagSize);
  const positions = new BigInt64Array(bags);
  // A BigInt for each position would be an allocation for each; the low halves are plain numbers.
  const positionHalves = new Int32Array(positions.buffer);

  let bag = 0;
  run.forEach((index, row) => {
    const { units, starts } = encoded[index]!;
    for (let token = 0; token + 1 < starts.length; token++) {
      const start = starts[token]!;
      const end = starts[token + 1]!;
      const position = row * tokens + token;
      if (end - start === 1) {
        words[position] = units[start]!;
      } else {
        ngrams.set(units.subarray(start, end), bag * bagSize);
        positionHalves[bag * 2] = position;
        bag++;
      }
    }
  });
  return { batch: run.length, tokens, words, bags, bagSize, ngrams, positions };
}

function paddedLength(tokens: number): number {
  return Math.max(MIN_TOKENS, tokens);
}
