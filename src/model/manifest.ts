import { join } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { FromSchema } from 'json-schema-to-ts';
import { GOLDEN_FILE, MANIFEST_FILE, ModelError, readModelJson, VOCABULARY_FILE } from './files.js';

const fraction = { type: 'number', minimum: 0, maximum: 1 } as const;
const count = { type: 'integer', minimum: 0 } as const;
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
/** A name, never a path: nothing outside the directory is read. */
const fileName = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' } as const;
const metrics = { type: 'object', additionalProperties: { type: 'number' } } as const;
const policy = {
  type: 'object',
  required: ['threshold', 'precision', 'recall'],
  properties: { threshold: fraction, precision: fraction, recall: fraction },
} as const;

const schema = {
  type: 'object',
  required: [
    'format',
    'version',
    'created',
    'git_commit',
    'labels',
    'model',
    'text',
    'dataset',
    'default_policy',
    'policies',
    'metrics',
    'golden_tolerance',
    'files',
  ],
  properties: {
    format: { const: 1 },
    version: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)*$' },
    created: { type: 'string', minLength: 1 },
    git_commit: { type: 'string', minLength: 1 },
    labels: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    model: {
      type: 'object',
      required: ['fp32', 'int8', 'served'],
      properties: { fp32: fileName, int8: fileName, served: { enum: ['fp32', 'int8'] } },
    },
    text: {
      type: 'object',
      required: ['window_tokens', 'window_overlap', 'ngrams'],
      properties: {
        window_tokens: { type: 'integer', minimum: 3 },
        window_overlap: count,
        /**
         * Texts of more than `above_tokens` are read again in short windows, whose log-odds lose `discount`;
         * version 1.0 has none.
         */
        close_reading: {
          type: 'object',
          required: ['above_tokens', 'window_tokens', 'window_overlap', 'discount'],
          properties: {
            above_tokens: count,
            window_tokens: { type: 'integer', minimum: 3 },
            window_overlap: count,
            discount: { type: 'number', minimum: 0 },
          },
        },
        ngrams: {
          type: 'object',
          required: ['min', 'max', 'buckets'],
          properties: { min: count, max: count, buckets: count },
        },
      },
    },
    dataset: {
      type: 'object',
      required: ['name', 'sha256', 'rows'],
      properties: {
        name: { type: 'string' },
        sha256,
        rows: {
          type: 'object',
          required: ['total', 'train', 'validation', 'test'],
          properties: { total: count, train: count, validation: count, test: count },
        },
      },
    },
    default_policy: { enum: ['premoderate', 'balanced', 'autoban'] },
    policies: {
      type: 'object',
      required: ['premoderate', 'balanced', 'autoban'],
      properties: { premoderate: policy, balanced: policy, autoban: policy },
      additionalProperties: false,
    },
    /** Precision and recall by threshold, on validation data; version 1.0 has none. */
    curve: { type: 'array', items: policy },
    metrics: { type: 'object', required: ['fp32', 'int8'], properties: { fp32: metrics, int8: metrics } },
    golden_tolerance: fraction,
    files: {
      type: 'object',
      propertyNames: fileName,
      additionalProperties: {
        type: 'object',
        required: ['sha256', 'bytes'],
        properties: { sha256, bytes: count },
      },
    },
  },
} as const;

/** `manifest.json`: what one model version is, was trained on and is worth. */
export type Manifest = FromSchema<typeof schema>;

/** An operating point measured on validation data. */
export type PolicyName = Manifest['default_policy'];

/** `FromSchema` holds that the schema is one; to check that at run time would take as long as loading the model. */
const validate = new Ajv2020({ strictTypes: false, validateSchema: false, meta: false }).compile<Manifest>(
  schema,
);

/**
 * Reads the manifest and checks it against its schema; not the files that it lists.
 * @throws ModelError
 */
export async function readManifest(modelDir: string): Promise<Manifest> {
  const file = join(modelDir, MANIFEST_FILE);
  const json = await readModelJson(file);
  if (!validate(json)) throw new ModelError(`${file}: ${explain(validate.errors?.[0])}`);
  const fault = disagreement(json);
  if (fault !== undefined) throw new ModelError(`${file}: ${fault}`);
  return json;
}

/** The name of the ONNX file that is served. */
export function servedFile(manifest: Manifest): string {
  return manifest.model[manifest.model.served];
}

/** sha256 of the ONNX file that is served: tells two models of one version apart. */
export function servedSha256(manifest: Manifest): string {
  return manifest.files[servedFile(manifest)]!.sha256;
}

function disagreement(manifest: Manifest): string | undefined {
  const { text, model, files } = manifest;
  for (const name of [model.fp32, model.int8, VOCABULARY_FILE, GOLDEN_FILE]) {
    if (!Object.hasOwn(files, name)) return `files: ${name} is missing`;
  }
  return (
    overlapping('text', text) ?? (text.close_reading && overlapping('text.close_reading', text.close_reading))
  );
}

function overlapping(
  where: string,
  { window_tokens: size, window_overlap: overlap }: { window_tokens: number; window_overlap: number },
): string | undefined {
  if (overlap < size) return undefined;
  return `${where}.window_overlap (${overlap}) must be below ${where}.window_tokens (${size})`;
}

/** Ajv's first error as a sentence: `policies.balanced.threshold must be <= 1`. */
function explain(error: ErrorObject | undefined): string {
  if (error === undefined) return 'is wrong';
  const { instancePath, propertyName, keyword, params, message } = error;
  const path = instancePath.slice(1).replaceAll('/', '.') || 'the manifest';
  const where = propertyName === undefined ? path : `${path}: the name ${JSON.stringify(propertyName)}`;
  const allowed =
    keyword === 'enum' ? params['allowedValues'] : keyword === 'const' ? params['allowedValue'] : undefined;
  return `${where} ${message}${allowed === undefined ? '' : `: ${[allowed].flat().join(', ')}`}`;
}
