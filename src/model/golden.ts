import { ModelError, parseModelJson, type ModelFile } from './files.js';

/** What a model directory must reproduce here: the units of each text, token by token, and its score. */
export interface GoldenSubject {
  readonly units: (text: string) => readonly (readonly number[])[];
  readonly scores: (texts: readonly string[]) => Promise<readonly number[]>;
}

interface GoldenCase {
  readonly text: string;
  readonly units: readonly (readonly number[])[];
  readonly score: number;
}

/**
 * Proves that this machine, text pipeline and ONNX Runtime give what the training gave.
 * @throws ModelError on the first difference
 */
export async function reproduceGolden(
  golden: ModelFile,
  tolerance: number,
  subject: GoldenSubject,
): Promise<void> {
  const { path } = golden;
  const cases = parseCases(path, parseModelJson(golden));
  const scores = await subject.scores(cases.map(({ text }) => text));
  cases.forEach(({ text, units, score }, index) => {
    if (JSON.stringify(subject.units(text)) !== JSON.stringify(units)) {
      throw new ModelError(`${path}: case ${index} is encoded in another way than in training`);
    }
    // A score that is no number must not pass either.
    if (!(Math.abs(scores[index]! - score) <= tolerance)) {
      throw new ModelError(
        `${path}: case ${index} scores ${scores[index]}, not ${score} (tolerance ${tolerance})`,
      );
    }
  });
}

/** By hand and not by a schema: every thread reads this file, and loading ajv takes longer than loading the model. */
function parseCases(file: string, json: unknown): readonly GoldenCase[] {
  const { format, cases } = (json ?? {}) as { format?: unknown; cases?: unknown };
  if (format !== 1) throw new ModelError(`${file}: format ${String(format)} is not known, only 1`);
  if (!Array.isArray(cases) || cases.length === 0)
    throw new ModelError(`${file}: cases is not a filled list`);
  cases.forEach((each: Partial<GoldenCase> | null, index) => {
    const { text, units, score } = each ?? {};
    if (typeof text !== 'string' || !Array.isArray(units) || typeof score !== 'number') {
      throw new ModelError(`${file}: case ${index} needs a text, units and a score`);
    }
  });
  return cases as GoldenCase[];
}
