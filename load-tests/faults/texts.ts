import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { readComments } from '../bench/comments.js';
import { Random } from './random.js';

const LETTERS = 'оеаинтсрвлкмдпуяызбгчйхжшюцщэф'.split('');

/**
 * Gives comments without end that look like those of `data/sample.csv` and are all different: every tenth word
 * or so is one that nobody has written yet.
 */
export async function inventTexts(seed: number): Promise<() => string> {
  const comments = await readComments(join(packageRoot, 'data', 'sample.csv'));
  const words = comments.join(' ').split(/\s+/);
  const random = new Random(seed);
  return () =>
    random
      .pick(comments)
      .split(/\s+/)
      .map((word) => {
        if (random.chance(0.1))
          return word + random.many(1 + random.below(6), () => random.pick(LETTERS)).join('');
        return random.chance(0.2) ? random.pick(words) : word;
      })
      .join(' ');
}
