import { readTexts } from '../../src/commands/records.js';
import { CommandError } from '../../src/records/record.js';

/** Gives the next `size` comments. */
export type CommentSource = (size: number) => string[];

/**
 * The distinct comments of a CSV file with a `comment` column, without blank ones.
 * @throws CommandError when it cannot be read or holds none
 */
export async function readComments(file: string): Promise<string[]> {
  const comments = new Set<string>();
  for await (const text of readTexts(file, { column: 'comment', field: 'text' })) {
    if (text.trim() !== '') comments.add(text);
  }
  if (comments.size === 0) throw new CommandError(`${file}: no comments`);
  return [...comments];
}

/** Goes through all comments again and again, each time in another order; the same orders in every run. */
export function cycle(comments: readonly string[], seed: number): CommentSource {
  const random = mulberry32(seed);
  let order: string[] = [];
  return (size) => {
    while (order.length < size) order.push(...shuffled(comments, random));
    const taken = order.slice(0, size);
    order = order.slice(size);
    return taken;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

/** A small seeded generator of numbers in [0, 1), by Tommy Ettinger. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
