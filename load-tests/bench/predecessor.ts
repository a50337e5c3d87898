import { InferenceSession, Tensor } from 'onnxruntime-node';
import { tokenize } from '../../src/text/tokenize.js';
import type { Contender } from './contender.js';

/** Every text is cut or padded to this many words. */
const TOKENS = 128;
const WORDS = 20_000;

/**
 * The network rutox grew from, in the same runtime. Making word numbers of the texts and tensors of those
 * is not timed, in its favour. See make_predecessor.py for the file.
 */
export async function openPredecessor(modelFile: string): Promise<Contender> {
  const session = await InferenceSession.create(modelFile, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const numbers = new Map<string, bigint>();
  const numberOf = (word: string) => {
    // 0 pads, 1 stands for unknown words.
    const number = numbers.get(word) ?? BigInt(2 + (numbers.size % (WORDS - 2)));
    numbers.set(word, number);
    return number;
  };
  return {
    name: "the predecessor's CNN, padded to 128",
    prepare: (batches) => {
      const tensors = batches.map((batch) => {
        const ids = new BigInt64Array(batch.length * TOKENS);
        batch.forEach((text, row) => {
          const words = tokenize(text).slice(0, TOKENS);
          ids.set(
            words.map((word) => numberOf(word.text)),
            row * TOKENS,
          );
        });
        return new Tensor('int64', ids, [batch.length, TOKENS]);
      });
      return async () => {
        for (const ids of tensors) await session.run({ ids });
      };
    },
  };
}
