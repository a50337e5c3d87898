import { ModelError, parseModelJson, type ModelFile } from '../src/model/files.js';
import type { Model } from '../src/model/verify.js';
import { Encoder } from '../src/text/encode.js';
import { parseVocabulary } from '../src/text/vocabulary.js';
import { createReader } from './reading.js';

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
  const reader = createReader(manifest.text);
  const encoder = openEncoder(vocabulary);
  // Imported here so that a library that cannot be loaded is a failure to report like any other.
  const { openSession } = await import('./session.js');
  const session = await openSession(onnx.bytes, intraOpThreads);

  return {
    encoder,
    async score(texts) {
      const started = performance.now();
      const readings = texts.map((comment) => reader.read(encoder.encode(comment)));
      const encoded = performance.now();
      const probabilities = await session.run(readings.flatMap(({ wide, close }) => [...wide, ...close]));
      let next = 0;
      const scores = readings.map((reading) => {
        const end = next + reading.wide.length + reading.close.length;
        const score = reader.scoreOf(reading, probabilities.subarray(next, end));
        next = end;
        return score;
      });
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
