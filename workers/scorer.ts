import { ModelError, parseModelJson, type ModelFile } from '../src/model/files.js';
import type { Model } from '../src/model/verify.js';
import { Encoder } from '../src/text/encode.js';
import { parseVocabulary } from '../src/text/vocabulary.js';
import { windows } from '../src/text/windows.js';

export interface Scores {
  /** One for each text, in their order. */
  readonly scores: readonly number[];
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

/** The whole path from texts to probabilities, in the thread that calls it. */
export interface Scorer {
  readonly encoder: Encoder;
  score(texts: readonly string[]): Promise<Scores>;
}

/**
 * Opens the vocabulary and the ONNX file of a model. The server leaves `intraOpThreads` at its default of one;
 * `npm run bench` shows what others do.
 * @throws ModelError, or what ONNX Runtime says of a model it cannot load
 */
export async function openScorer(
  { manifest, vocabulary, onnx }: Model,
  intraOpThreads?: number,
): Promise<Scorer> {
  const { window_tokens: size, window_overlap: overlap } = manifest.text;
  const encoder = openEncoder(vocabulary);
  // Imported here so that a library that cannot be loaded is a failure to report like any other.
  const { openSession } = await import('./session.js');
  const session = await openSession(onnx.bytes, intraOpThreads);

  return {
    encoder,
    async score(texts) {
      const started = performance.now();
      const cut = texts.map((comment) => windows(encoder.encode(comment), size, overlap));
      const encoded = performance.now();
      const probabilities = await session.run(cut.flat());
      let next = 0;
      // The worst window speaks for the whole text: an insult in its last sentence counts.
      const scores = cut.map(({ length }) => Math.max(0, ...probabilities.subarray(next, (next += length))));
      return { scores, tokenizeMs: encoded - started, inferenceMs: performance.now() - encoded };
    },
  };
}

function openEncoder(vocabulary: ModelFile): Encoder {
  const json = parseModelJson(vocabulary);
  try {
    return new Encoder(parseVocabulary(json));
  } catch (error) {
    throw new ModelError(`${vocabulary.path}: ${(error as Error).message}`);
  }
}
