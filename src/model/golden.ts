import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { GOLDEN_FILE, ModelError, readModelJson } from './manifest.js';

const schema = {
  type: 'object',
  required: ['format', 'cases'],
  properties: {
    format: { const: 1 },
    cases: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['text', 'units', 'score'],
        properties: {
          text: { type: 'string' },
          units: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
          score: { type: 'number' },
        },
      },
    },
  },
} as const;

type Golden = FromSchema<typeof schema>;

/** What a model directory must reproduce here: the units of each text, token by token, and its score. */
export interface GoldenSubject {
  readonly units: (text: string) => readonly (readonly number[])[];
  readonly scores: (texts: readonly string[]) => Promise<readonly number[]>;
}

/**
 * Proves that this machine, text pipeline and ONNX Runtime give what the training gave.
 * @throws ModelError on the first difference
 */
export async function reproduceGolden(
  modelDir: string,
  tolerance: number,
  subject: GoldenSubject,
): Promise<void> {
  const file = join(modelDir, GOLDEN_FILE);
  const golden = await readModelJson(file);
  const validate = new Ajv().compile<Golden>(schema);
  if (!validate(golden)) {
    const [error] = validate.errors ?? [];
    throw new ModelError(`${file}: ${error?.instancePath} ${error?.message}`);
  }
  const scores = await subject.scores(golden.cases.map(({ text }) => text));
  golden.cases.forEach(({ text, units, score }, index) => {
    const actual = subject.units(text);
    if (JSON.stringify(actual) !== JSON.stringify(units)) {
      throw new ModelError(`${file}: case ${index} is encoded in another way than in training`);
    }
    // A score that is no number must not pass either.
    if (!(Math.abs(scores[index]! - score) <= tolerance)) {
      throw new ModelError(
        `${file}: case ${index} scores ${scores[index]}, not ${score} (tolerance ${tolerance})`,
      );
    }
  });
}
