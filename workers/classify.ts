import { threadId, workerData } from 'node:worker_threads';
import type { ClassifyHandler, WorkerData } from '../src/inference/messages.js';
import { reproduceGolden } from '../src/model/golden.js';
import { openScorer, type Scorer } from './scorer.js';

/**
 * What piscina loads in each thread. It never rejects: piscina would go on without the thread and leave
 * tasks unanswered, so a thread that cannot load says so to every task.
 */
export default load(workerData as WorkerData).then(answerWith, refuseWith);

async function load({ model }: WorkerData): Promise<Scorer> {
  const scorer = await openScorer(model);
  await reproduceGolden(model.golden, model.manifest.golden_tolerance, {
    units: (comment) => {
      const { units, starts } = scorer.encoder.encode(comment);
      return Array.from({ length: starts.length - 1 }, (_, token) => [
        ...units.subarray(starts[token], starts[token + 1]),
      ]);
    },
    scores: async (texts) => (await scorer.score(texts)).scores,
  });
  return scorer;
}

function answerWith(scorer: Scorer): ClassifyHandler {
  return async ({ texts }) => {
    try {
      return { ok: true, ...(await scorer.score(texts)), thread: threadId };
    } catch (error) {
      return { ok: false, message: withoutText(error), broken: false, thread: threadId };
    }
  };
}

function refuseWith(error: Error): ClassifyHandler {
  return async () => ({ ok: false, message: error.message, broken: true, thread: threadId });
}

/** The message of an error met while handling comments may quote them; its kind and place do not. */
function withoutText(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const place = error.stack?.replace(error.message, '').match(/[\w.-]+:\d+:\d+/)?.[0];
  return `${error.name} at ${place ?? 'an unknown place'}`;
}
