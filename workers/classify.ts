import { join } from 'node:path';
import { threadId, workerData } from 'node:worker_threads';
import type { ClassifyHandler, ClassifySuccess, WorkerData } from '../src/inference/messages.js';
import { ModelError, readModelJson, VOCABULARY_FILE } from '../src/model/files.js';
import { reproduceGolden } from '../src/model/golden.js';
import { Encoder } from '../src/text/encode.js';
import { parseVocabulary } from '../src/text/vocabulary.js';
import { windows } from '../src/text/windows.js';

type Classify = (texts: readonly string[]) => Promise<ClassifySuccess>;

/**
 * What piscina loads in each thread. It never rejects: piscina would go on without the thread and leave
 * tasks unanswered, so a thread that cannot load says so to every task.
 */
export default load(workerData as WorkerData).then(answerWith, refuseWith);

async function load({ modelDir, manifest }: WorkerData): Promise<Classify> {
  const { model, text, golden_tolerance: tolerance } = manifest;
  const { window_tokens: size, window_overlap: overlap } = text;
  const encoder = await openEncoder(join(modelDir, VOCABULARY_FILE));
  // Imported here so that a library that cannot be loaded is a failure to report like any other.
  const { openSession } = await import('./session.js');
  const session = await openSession(join(modelDir, model[model.served]));

  const classify: Classify = async (texts) => {
    const started = performance.now();
    const cut = texts.map((text) => windows(encoder.encode(text), size, overlap));
    const encoded = performance.now();
    const probabilities = await session.run(cut.flat());
    let next = 0;
    // The worst window speaks for the whole text: an insult in its last sentence counts.
    const scores = cut.map(({ length }) => Math.max(0, ...probabilities.subarray(next, (next += length))));
    return { ok: true, scores, tokenizeMs: encoded - started, inferenceMs: performance.now() - encoded };
  };

  await reproduceGolden(modelDir, tolerance, {
    units: (comment) => {
      const { units, starts } = encoder.encode(comment);
      return Array.from({ length: starts.length - 1 }, (_, token) => [
        ...units.subarray(starts[token], starts[token + 1]),
      ]);
    },
    scores: async (texts) => (await classify(texts)).scores,
  });
  return classify;
}

async function openEncoder(file: string): Promise<Encoder> {
  const json = await readModelJson(file);
  try {
    return new Encoder(parseVocabulary(json));
  } catch (error) {
    throw new ModelError(`${file}: ${(error as Error).message}`);
  }
}

function answerWith(classify: Classify): ClassifyHandler {
  return async ({ texts }) => {
    try {
      return { ...(await classify(texts)), thread: threadId };
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
