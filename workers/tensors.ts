import type { Window } from '../src/text/windows.js';

/** Tensors of one run, as plain arrays: `session.ts` gives them to the model. */
export interface BatchTensors {
  readonly batch: number;
  readonly tokens: number;
  /** [batch, tokens]: the row of each token; a mark for one that is a bag of n-grams, 0 for padding. */
  readonly words: Int32Array;
  readonly bags: number;
  readonly bagSize: number;
  /** [bags, bagSize]: the rows of each bag, filled up with 0. */
  readonly ngrams: Int32Array;
  /** [bags, 1]: where in `words` each bag belongs. */
  readonly positions: BigInt64Array;
}

/** Memory for the tensors of one run after the other: arrays made anew for each keep the garbage collector busy. */
export class Room {
  #words = new Int32Array(1024);
  #ngrams = new Int32Array(1024);
  #positions = new BigInt64Array(256);

  /** `length` zeros. */
  words(length: number): Int32Array {
    if (this.#words.length < length) this.#words = new Int32Array(length * 2);
    return this.#words.subarray(0, length).fill(0);
  }

  /** `length` zeros. */
  ngrams(length: number): Int32Array {
    if (this.#ngrams.length < length) this.#ngrams = new Int32Array(length * 2);
    return this.#ngrams.subarray(0, length).fill(0);
  }

  /** `length` zeros. */
  positions(length: number): BigInt64Array {
    if (this.#positions.length < length) this.#positions = new BigInt64Array(length * 2);
    return this.#positions.subarray(0, length).fill(0n);
  }
}

/** Width of the widest convolution. */
const MIN_TOKENS = 3;

/** Stands for a bag of n-grams: the model counts the tokens that are not 0, and puts the bag in its place. */
const BAG_MARK = 1;

/**
 * Most tokens, padding included, in one run: measured, larger runs are slower for each token because what the
 * layers pass on no longer fits the cache, smaller ones because a run costs as much as about 100 tokens.
 */
const MAX_RUN_TOKENS = 768;

/** Padding beyond this costs more than a run of its own for the longer windows. */
const MAX_ADDED_PADDING = 64;

/**
 * Cuts windows into runs of similar length, each within the bound of padded tokens (longest × count), so
 * that little is computed for padding. Returns indices into `windows`.
 */
export function planRuns(windows: readonly Window[]): number[][] {
  const lengths = windows.map(({ from, to }) => paddedLength(to - from));
  const order = [...windows.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  const runs: number[][] = [];
  let run: number[] = [];
  let longest = 0;
  for (const index of order) {
    const length = lengths[index]!;
    const addedPadding = (length - longest) * run.length;
    if (run.length === 0 || addedPadding > MAX_ADDED_PADDING || length * (run.length + 1) > MAX_RUN_TOKENS) {
      run = [];
      runs.push(run);
    }
    run.push(index);
    longest = length;
  }
  return runs;
}

/** Lays out the windows that `run` names, in its order. What it returns lies in `room` and is gone with the next run. */
export function layOut(windows: readonly Window[], run: readonly number[], room: Room): BatchTensors {
  let longest = 0;
  let bags = 0;
  let bagSize = 0;
  for (const index of run) {
    const { text, from, to } = windows[index]!;
    const { starts } = text;
    longest = Math.max(longest, to - from);
    for (let token = from; token < to; token++) {
      const size = starts[token + 1]! - starts[token]!;
      if (size > 1) {
        bags++;
        bagSize = Math.max(bagSize, size);
      }
    }
  }
  const tokens = paddedLength(longest);
  const words = room.words(run.length * tokens);
  const ngrams = room.ngrams(bags * bagSize);
  const positions = room.positions(bags);
  // A BigInt for each position would be an allocation for each; the low halves are plain numbers.
  const positionHalves = new Int32Array(positions.buffer);

  let bag = 0;
  run.forEach((index, row) => {
    const { text, from, to } = windows[index]!;
    const { units, starts } = text;
    for (let token = from; token < to; token++) {
      const start = starts[token]!;
      const end = starts[token + 1]!;
      const position = row * tokens + token - from;
      if (end - start === 1) {
        words[position] = units[start]!;
      } else {
        words[position] = BAG_MARK;
        for (let unit = start, at = bag * bagSize; unit < end; unit++, at++) ngrams[at] = units[unit]!;
        positionHalves[bag * 2] = position;
        bag++;
      }
    }
  });
  return { batch: run.length, tokens, words, bags, bagSize, ngrams, positions };
}

/**
 * At least one token of padding: the maximum over the text then always sees an empty place, and the score
 * does not depend on how long the others of the run are. The export of the notebook does the same (`feeds`).
 */
function paddedLength(tokens: number): number {
  return Math.max(MIN_TOKENS, tokens + 1);
}
