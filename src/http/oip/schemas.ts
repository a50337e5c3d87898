/** The messages of the Open Inference Protocol (v2), as far as rutox speaks it; see schemas.ts above. */
import type { FromSchema } from 'json-schema-to-ts';
import type { Limits } from '../schemas.js';
import { MAX_RANK } from './tensors.js';

export const MODEL_NAME = 'toxicity';
export const INPUT_NAME = 'text';
export const OUTPUT_NAME = 'toxicity';

const nameSchema = { type: 'string' } as const;
const versionSchema = { type: 'string', description: 'The version of the model that answers.' } as const;

/** Clients send more than is asked here (`priority`, `sequence_id`, `content_type`); what is not named means nothing. */
const parametersSchema = { type: ['object', 'null'] } as const;

const notImplementedSchema = {
  description: 'Not implemented: answered with 501.',
} as const;

const inputSchema = {
  type: 'object',
  required: ['name', 'datatype', 'shape'],
  properties: {
    name: { type: 'string', enum: [INPUT_NAME] },
    datatype: { type: 'string', enum: ['BYTES'] },
    shape: {
      type: 'array',
      maxItems: MAX_RANK,
      items: { type: 'integer', minimum: 1 },
      description: 'Usually `[n]`; any other shape of n elements does too, and the output has the same.',
    },
    data: {
      type: 'array',
      description:
        'The comments, flat or nested, in row-major order; left out when they follow as binary data.',
    },
    parameters: {
      ...parametersSchema,
      properties: {
        binary_data_size: {
          type: 'integer',
          minimum: 0,
          description:
            'Bytes of binary data after the JSON: for each element its length (uint32, little-endian) and its UTF-8.',
        },
        shared_memory_region: notImplementedSchema,
      },
    },
  },
} as const;

const requestedOutputSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', enum: [OUTPUT_NAME] },
    parameters: {
      ...parametersSchema,
      properties: {
        binary_data: { type: 'boolean', description: 'Whether the output is wanted as binary data.' },
        classification: notImplementedSchema,
        shared_memory_region: notImplementedSchema,
      },
    },
  },
} as const;

/** Body of `POST /v2/models/toxicity/infer`, or the JSON that it begins with. */
export const inferRequestSchema = {
  type: 'object',
  required: ['inputs'],
  properties: {
    id: { type: ['string', 'null'], description: 'Comes back with the answer.' },
    inputs: { type: 'array', minItems: 1, maxItems: 1, items: inputSchema },
    outputs: { type: ['array', 'null'], maxItems: 1, items: requestedOutputSchema },
    parameters: {
      ...parametersSchema,
      properties: {
        binary_data_output: {
          type: 'boolean',
          description: 'Whether outputs that do not say it themselves are wanted as binary data.',
        },
      },
    },
  },
} as const;
export type InferRequest = FromSchema<typeof inferRequestSchema>;

/** What is asked of the texts of a tensor, once they are read. A text without words is scored, not refused. */
export const textsSchema = (limits: Limits) =>
  ({
    type: 'object',
    properties: {
      [INPUT_NAME]: { type: 'array', items: { type: 'string', maxLength: limits.maxTextChars } },
    },
  }) as const;

/** Answer of `POST /v2/models/toxicity/infer`, or the JSON that it begins with. */
export const inferResponseSchema = {
  type: 'object',
  required: ['model_name', 'model_version', 'outputs'],
  additionalProperties: false,
  properties: {
    model_name: nameSchema,
    model_version: versionSchema,
    id: { type: 'string', description: 'The one of the request, if it had one.' },
    outputs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['name', 'shape', 'datatype'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', enum: [OUTPUT_NAME] },
          shape: { type: 'array', items: { type: 'integer' }, description: 'The shape of the input.' },
          datatype: { type: 'string', enum: ['FP32'] },
          data: {
            type: 'array',
            items: { type: 'number', minimum: 0, maximum: 1 },
            description:
              'For each comment the probability that a reader finds it toxic, flat, in row-major order.',
          },
          parameters: {
            type: 'object',
            required: ['binary_data_size'],
            additionalProperties: false,
            properties: { binary_data_size: { type: 'integer' } },
          },
        },
      },
    },
  },
} as const;
export type InferResponse = FromSchema<typeof inferResponseSchema>;

/** Answer of `GET /v2`. */
export const serverMetadataSchema = {
  type: 'object',
  required: ['name', 'version', 'extensions'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    version: { type: 'string' },
    extensions: { type: 'array', items: { type: 'string', enum: ['binary_tensor_data'] } },
  },
} as const;
export type ServerMetadata = FromSchema<typeof serverMetadataSchema>;

const tensorMetadataSchema = {
  type: 'object',
  required: ['name', 'datatype', 'shape'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    datatype: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' }, description: '-1: any number.' },
  },
} as const;

/** Answer of `GET /v2/models/toxicity`. */
export const modelMetadataSchema = {
  type: 'object',
  required: ['name', 'versions', 'platform', 'inputs', 'outputs'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    versions: { type: 'array', items: versionSchema },
    platform: { type: 'string' },
    inputs: { type: 'array', items: tensorMetadataSchema },
    outputs: { type: 'array', items: tensorMetadataSchema },
  },
} as const;
export type ModelMetadata = FromSchema<typeof modelMetadataSchema>;

/** Answer of `GET /v2/health/live`. */
export const serverLiveSchema = {
  type: 'object',
  required: ['live'],
  additionalProperties: false,
  properties: { live: { type: 'boolean' } },
} as const;
export type ServerLive = FromSchema<typeof serverLiveSchema>;

/** Answer of `GET /v2/health/ready`: true comes with 200, false with 503. */
export const serverReadySchema = {
  type: 'object',
  required: ['ready'],
  additionalProperties: false,
  properties: { ready: { type: 'boolean' } },
} as const;
export type ServerReady = FromSchema<typeof serverReadySchema>;

/** Answer of `GET /v2/models/toxicity/ready`: true comes with 200, false with 503. */
export const modelReadySchema = {
  type: 'object',
  required: ['name', 'ready'],
  additionalProperties: false,
  properties: { name: nameSchema, ready: { type: 'boolean' } },
} as const;
export type ModelReady = FromSchema<typeof modelReadySchema>;

/** Every error below `/v2`. */
export const inferenceErrorSchema = {
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: {
    error: { type: 'string', description: 'What is wrong and what to do. Never quotes the request.' },
  },
} as const;
export type InferenceError = FromSchema<typeof inferenceErrorSchema>;
