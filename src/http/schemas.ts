/**
 * One JSON Schema (2020-12) per message. Each is the only description of its message: ajv validates with
 * it (`validate.ts`), the OpenAPI document shows it (`openapi/`) and the TypeScript type is derived from it.
 */
import type { FromSchema } from 'json-schema-to-ts';

/** The settings that appear in the schemas. */
export interface Limits {
  readonly maxTexts: number;
  readonly maxTextChars: number;
}

/** A text of white space alone is a mistake of the caller; one of emoji or punctuation is not (it scores 0 or little). */
export const NOT_BLANK = '\\S';

const textSchema = (limits: Limits) =>
  ({
    type: 'string',
    pattern: NOT_BLANK,
    maxLength: limits.maxTextChars,
    description:
      'A comment. Its length is counted in Unicode code points (an emoji counts as one or more, a Cyrillic letter as one). ' +
      'At least one character must not be white space. Control characters (NUL too) are allowed and mean nothing; ' +
      'half of a surrogate pair, as left by cutting a string inside an emoji, is read as U+FFFD.',
  }) as const;

const thresholdSchema = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  description: 'A text is toxic when its score is greater than this.',
} as const;

const requestThresholdSchema = {
  ...thresholdSchema,
  description:
    'A text is toxic when its score is greater than this. Wins over `policy`; without both the default policy holds.',
} as const;

const policySchema = {
  type: 'string',
  enum: ['premoderate', 'balanced', 'autoban'],
  description:
    'An operating point measured on validation data: `premoderate` puts recall first, `balanced` has the best F1, ' +
    '`autoban` puts precision first. `GET /v1/models` tells their thresholds.',
} as const;

const isToxicSchema = {
  type: 'boolean',
  description: 'Whether `toxic_score` is greater than `threshold`.',
} as const;

const scoreSchema = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  description: 'The calibrated probability that a reader finds the text toxic.',
} as const;

const modelSchema = { type: 'string', description: 'The version of the model that answered.' } as const;

const explainSchema = {
  type: 'boolean',
  description:
    'Also answer `spans`: what in the text speaks for the verdict. Counts for the rate limit and the queue as up to 65 texts.',
} as const;

const spansSchema = {
  type: 'array',
  description:
    'What speaks for the text being toxic, the heaviest first: words as they were typed, or groups of words where a text ' +
    'has many. They do not overlap. Of a long text, from the worst passage. None where the score is 0.',
  items: {
    type: 'object',
    required: ['begin', 'end', 'contribution'],
    additionalProperties: false,
    properties: {
      begin: {
        type: 'integer',
        minimum: 0,
        description: 'Where it begins in `text`, in UTF-16 code units (as in JavaScript, Java and C#).',
      },
      end: { type: 'integer', minimum: 1, description: 'Where it ends; exclusive.' },
      contribution: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        description: 'Its share of `toxic_score`. Spans below a hundredth of the score are left out.',
      },
    },
  },
} as const;

/** Body of `POST /v1/classify`. */
export const classifyRequestSchema = (limits: Limits) =>
  ({
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: {
      text: textSchema(limits),
      threshold: requestThresholdSchema,
      policy: policySchema,
      explain: explainSchema,
    },
  }) as const;
export type ClassifyRequest = FromSchema<ReturnType<typeof classifyRequestSchema>>;

/** What the page at `/` must know of the server. */
export interface PlaygroundConfig {
  readonly max_texts: number;
  readonly max_text_chars: number;
  readonly max_body_bytes: number;
  /** File names of the model's plots. */
  readonly plots: readonly string[];
}

/** Answer of `POST /v1/classify`. */
export const classifyResponseSchema = {
  type: 'object',
  required: ['is_toxic', 'toxic_score', 'threshold', 'model'],
  additionalProperties: false,
  properties: {
    is_toxic: isToxicSchema,
    toxic_score: scoreSchema,
    threshold: thresholdSchema,
    model: modelSchema,
    spans: spansSchema,
  },
} as const;
export type ClassifyResponse = FromSchema<typeof classifyResponseSchema>;

/** Body of `POST /v1/explain`. */
export const explainRequestSchema = (limits: Limits) =>
  ({
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: { text: textSchema(limits), threshold: requestThresholdSchema, policy: policySchema },
  }) as const;
export type ExplainRequest = FromSchema<ReturnType<typeof explainRequestSchema>>;

/** Answer of `POST /v1/explain`, and of `POST /v1/classify` with `explain`. */
export const explainResponseSchema = {
  ...classifyResponseSchema,
  required: [...classifyResponseSchema.required, 'spans'],
} as const;
export type ExplainResponse = FromSchema<typeof explainResponseSchema>;

/** Body of `POST /v1/classify/batch`. */
export const batchRequestSchema = (limits: Limits) =>
  ({
    type: 'object',
    required: ['texts'],
    additionalProperties: false,
    properties: {
      texts: {
        type: 'array',
        minItems: 1,
        maxItems: limits.maxTexts,
        items: textSchema(limits),
        description: 'The comments; the answer has one result for each, in the same order.',
      },
      threshold: requestThresholdSchema,
      policy: policySchema,
    },
  }) as const;
export type BatchRequest = FromSchema<ReturnType<typeof batchRequestSchema>>;

/** Answer of `POST /v1/classify/batch`. */
export const batchResponseSchema = {
  type: 'object',
  required: ['results', 'threshold', 'model'],
  additionalProperties: false,
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['is_toxic', 'toxic_score'],
        additionalProperties: false,
        properties: { is_toxic: isToxicSchema, toxic_score: scoreSchema },
      },
    },
    threshold: thresholdSchema,
    model: modelSchema,
  },
} as const;
export type BatchResponse = FromSchema<typeof batchResponseSchema>;

const qualitySchema = {
  type: 'object',
  additionalProperties: { type: 'number' },
  description: 'Figures on the held-back test split, such as `macro_f1` and `auc`.',
} as const;

const operatingPointSchema = {
  type: 'object',
  required: ['threshold', 'precision', 'recall'],
  properties: {
    threshold: thresholdSchema,
    precision: { type: 'number', minimum: 0, maximum: 1 },
    recall: { type: 'number', minimum: 0, maximum: 1 },
  },
} as const;

const countSchema = { type: 'integer', minimum: 0 } as const;

/** Answer of `GET /v1/models/{version}`: what callers may want to know of the manifest. */
export const modelCardSchema = {
  type: 'object',
  required: [
    'version',
    'created',
    'git_commit',
    'labels',
    'served',
    'default_policy',
    'policies',
    'metrics',
    'dataset',
    'files',
  ],
  additionalProperties: false,
  properties: {
    version: modelSchema,
    created: { type: 'string', description: 'When it was trained (ISO 8601).' },
    git_commit: { type: 'string', description: 'The commit of rutox that trained it.' },
    labels: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    served: { type: 'string', enum: ['fp32', 'int8'], description: 'Which of the two twins answers.' },
    default_policy: policySchema,
    policies: {
      type: 'object',
      required: ['premoderate', 'balanced', 'autoban'],
      additionalProperties: false,
      properties: {
        premoderate: operatingPointSchema,
        balanced: operatingPointSchema,
        autoban: operatingPointSchema,
      },
    },
    curve: {
      type: 'array',
      items: operatingPointSchema,
      description:
        'Precision and recall by threshold, on validation data, in the order of thresholds; not of every model.',
    },
    metrics: {
      type: 'object',
      required: ['fp32', 'int8'],
      properties: { fp32: qualitySchema, int8: qualitySchema },
    },
    dataset: {
      type: 'object',
      required: ['name', 'sha256', 'rows'],
      properties: {
        name: { type: 'string' },
        sha256: { type: 'string' },
        rows: {
          type: 'object',
          required: ['total', 'train', 'validation', 'test'],
          properties: { total: countSchema, train: countSchema, validation: countSchema, test: countSchema },
        },
      },
    },
    files: {
      type: 'object',
      description: 'Every file of the model directory.',
      additionalProperties: {
        type: 'object',
        required: ['sha256', 'bytes'],
        properties: { sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' }, bytes: countSchema },
      },
    },
  },
} as const;
export type ModelCard = FromSchema<typeof modelCardSchema>;

/** Answer of `GET /v1/models`. */
export const modelListSchema = {
  type: 'object',
  required: ['models'],
  additionalProperties: false,
  properties: { models: { type: 'array', minItems: 1, items: modelCardSchema } },
} as const;
export type ModelList = FromSchema<typeof modelListSchema>;

/** Answer of `GET /livez`. */
export const livenessSchema = {
  type: 'object',
  required: ['status'],
  additionalProperties: false,
  properties: { status: { const: 'alive' } },
} as const;
export type Liveness = FromSchema<typeof livenessSchema>;

/** Answer of `GET /readyz`: `ready` comes with 200, `draining` with 503. */
export const readinessSchema = {
  type: 'object',
  required: ['status'],
  additionalProperties: false,
  properties: {
    status: {
      type: 'string',
      enum: ['ready', 'draining'],
      description:
        '`ready`: every thread has reproduced the golden scores (before that the server does not listen); `draining`: the server is being stopped.',
    },
  },
} as const;
export type Readiness = FromSchema<typeof readinessSchema>;

/** Every error answer: a problem document of RFC 9457. */
export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  additionalProperties: false,
  properties: {
    type: {
      type: 'string',
      pattern: '^urn:rutox:problem:[a-z_]+$',
      description: 'The kind of error; made for programs.',
    },
    title: { type: 'string', description: 'The kind of error in words; always the same for a `type`.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status again.' },
    detail: {
      type: 'string',
      description: 'What is wrong with this request and what to do. Never quotes the request.',
    },
    instance: { type: 'string', description: 'The request id, as in `X-Request-Id` and in the log.' },
    errors: {
      type: 'array',
      minItems: 1,
      description: 'With 422: every rule that the body breaks.',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        additionalProperties: false,
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into the body; empty for the body itself.' },
          detail: { type: 'string', description: 'The rule that is broken there.' },
        },
      },
    },
  },
} as const;
export type Problem = FromSchema<typeof problemSchema>;
