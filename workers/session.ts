import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Window } from '../src/text/windows.js';
import { layOut, planRuns, Room } from './tensors.js';

export interface Session {
  /** One probability for each window, in their order. */
  run(windows: readonly Window[]): Promise<Float32Array>;
}

/** Opens an ONNX model of the interface that the notebook exports. */
export async function openSession(onnx: Uint8Array, intraOpThreads = 1): Promise<Session> {
  // ONNX Runtime takes no shared memory. It makes its own of the copy, which is given back at once below: the
  // garbage collector of a thread with little garbage would not come for it.
  const size = onnx.length;
  const copy = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
  copy.set(onnx);
  const session = await InferenceSession.create(copy, {
    // One thread each: the server has as many of these sessions as CPUs, and more would fight over them.
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Plans memory for each shape it meets and keeps the plan; here nearly every batch is a new shape.
    enableMemPattern: false,
    // Runs are bounded (see planRuns), and with them the arena: its size stays flat.
    enableCpuMemArena: true,
  });
  copy.buffer.resize(0);

  return {
    async run(windows) {
      const probabilities = new Float32Array(windows.length);
      // Of this call alone: another may come before its runs are done.
      const room = new Room();
      for (const run of planRuns(windows)) {
        const { batch, tokens, words, bags, bagSize, ngrams, positions } = layOut(windows, run, room);
        const { toxicity } = await session.run({
          words: new Tensor('int32', words, [batch, tokens]),
          ngrams: new Tensor('int32', ngrams, [bags, bagSize]),
          positions: new Tensor('int64', positions, [bags, 1]),
        });
        const scores = toxicity!.data as Float32Array;
        run.forEach((index, row) => {
          probabilities[index] = scores[row]!;
        });
      }
      return probabilities;
    },
  };
}
