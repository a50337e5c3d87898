import { parseModelJson } from '../../src/model/files.js';
import type { Model } from '../../src/model/verify.js';
import { Encoder } from '../../src/text/encode.js';
import { parseVocabulary } from '../../src/text/vocabulary.js';
import { openScorer } from '../../workers/scorer.js';
import type { Batch, Contender } from './contender.js';

export interface Engine {
  /** What a thread of the server does with a batch: texts in, scores out. */
  readonly wholePath: Contender;
  /** Normalising, tokenising and encoding alone. */
  readonly textPipeline: Contender;
  /**
   * The same with an encoder that meets every word for the first time. The other one remembers the words,
   * which flatters it here, for the comments come round again and again.
   */
  readonly newWords: Contender;
}

/** Opens the production code over a model. */
export async function openEngine(model: Model): Promise<Engine> {
  const vocabulary = parseVocabulary(parseModelJson(model.vocabulary));
  const scorer = await openScorer(model);
  return {
    wholePath: {
      name: 'rutox, texts to scores',
      prepare: (batches) => async () => {
        for (const batch of batches) await scorer.score(batch);
      },
    },
    textPipeline: {
      name: 'of that, the text pipeline',
      prepare: (batches) => async () => encodeAll(scorer.encoder, batches),
    },
    newWords: {
      name: 'the text pipeline, every word new',
      prepare: (batches) => {
        const fresh = new Encoder(vocabulary);
        return async () => encodeAll(fresh, batches);
      },
    },
  };
}

function encodeAll(encoder: Encoder, batches: readonly Batch[]): void {
  for (const batch of batches) for (const text of batch) encoder.encode(text);
}
