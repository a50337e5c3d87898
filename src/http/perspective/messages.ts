/** The messages of Perspective's two methods, in the camelCase that `normalised` brings them to. */
import type { FromSchema } from 'json-schema-to-ts';

const SCORE_TYPES = ['SCORE_TYPE_UNSPECIFIED', 'PROBABILITY', 'STD_DEV_SCORE', 'PERCENTILE', 'RAW'] as const;

const textEntrySchema = {
  type: 'object',
  description:
    '`text` is the comment; `type` says whether it is plain text (default) or HTML, whose words are then scored.',
  properties: {
    text: { type: 'string' },
    type: { type: 'string', description: '`PLAIN_TEXT` (default), `HTML` or `TEXT_TYPE_UNSPECIFIED`.' },
  },
} as const;

const contextSchema = {
  type: 'object',
  description: 'Accepted and not looked at, as the model scores a comment by itself.',
  properties: {
    entries: { type: 'array', items: textEntrySchema },
    articleAndParentComment: {
      type: 'object',
      properties: { article: textEntrySchema, parentComment: textEntrySchema },
    },
  },
} as const;

const languagesSchema = {
  type: 'array',
  items: { type: 'string' },
  description: 'Returned as they are; whatever is said here, the comment is read as Russian.',
} as const;

const common = {
  comment: textEntrySchema,
  context: contextSchema,
  languages: languagesSchema,
  clientToken: { type: 'string', description: 'Returned as it is.' },
  sessionId: { type: 'string', description: 'Not looked at.' },
  communityId: { type: 'string', description: 'Kept with a suggestion; else not looked at.' },
} as const;

const attributeParametersSchema = {
  type: 'object',
  properties: {
    scoreType: { type: 'string', enum: SCORE_TYPES, description: 'Only `PROBABILITY` can be had.' },
    scoreThreshold: { type: 'number', description: 'Scores below this are left out of the answer.' },
  },
} as const;
export type AttributeParameters = FromSchema<typeof attributeParametersSchema>;

const probabilitySchema = {
  type: 'object',
  required: ['value'],
  properties: {
    value: { type: 'number', minimum: 0, maximum: 1 },
    type: { type: 'string', enum: SCORE_TYPES },
  },
} as const;

const spanSchema = {
  type: 'object',
  required: ['begin', 'end', 'score'],
  properties: {
    begin: {
      type: 'integer',
      minimum: 0,
      description: 'In UTF-16 code units of the comment as it was sent.',
    },
    end: { type: 'integer', minimum: 0, description: 'The first unit that no longer belongs to the span.' },
    score: probabilitySchema,
  },
} as const;
export type Span = FromSchema<typeof spanSchema>;

const attributeScoresSchema = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      summaryScore: probabilitySchema,
      spanScores: { type: 'array', items: spanSchema },
    },
  },
} as const;

/** Body of `comments:analyze`. */
export const analyzeRequestSchema = {
  type: 'object',
  properties: {
    ...common,
    requestedAttributes: {
      type: 'object',
      additionalProperties: attributeParametersSchema,
      description: 'The one attribute that can be had is `TOXICITY`.',
    },
    spanAnnotations: { type: 'boolean', description: 'Scores each sentence too.' },
    doNotStore: { type: 'boolean', description: 'Nothing is ever stored.' },
    dropUnsupportedAttributes: {
      type: 'boolean',
      description: 'Leaves out attributes that cannot be had, in place of the error.',
    },
  },
} as const;
export type AnalyzeRequest = FromSchema<typeof analyzeRequestSchema>;

const detectedSchema = {
  type: 'array',
  items: { const: 'ru' },
  description: 'No language is detected: the model knows one.',
} as const;

/** Answer of `comments:analyze`. */
export const analyzeResponseSchema = {
  type: 'object',
  required: ['attributeScores', 'languages', 'detectedLanguages'],
  properties: {
    attributeScores: attributeScoresSchema,
    languages: { type: 'array', items: { type: 'string' } },
    detectedLanguages: detectedSchema,
    clientToken: { type: 'string' },
  },
} as const;

/** Body of `comments:suggestscore`. */
export const suggestRequestSchema = {
  type: 'object',
  properties: { ...common, attributeScores: attributeScoresSchema },
} as const;
export type SuggestRequest = FromSchema<typeof suggestRequestSchema>;

/** Answer of `comments:suggestscore`. */
export const suggestResponseSchema = {
  type: 'object',
  required: ['detectedLanguages', 'requestedLanguages'],
  properties: {
    clientToken: { type: 'string' },
    detectedLanguages: detectedSchema,
    requestedLanguages: { type: 'array', items: { type: 'string' } },
  },
} as const;

/** An error of either, as Google's clients know it (`google.rpc.Status`). */
export const statusSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'status'],
      properties: {
        code: { type: 'integer', description: 'The HTTP status.' },
        message: { type: 'string' },
        status: { type: 'string', description: 'The name of a `google.rpc.Code`.' },
        details: { type: 'array', items: { type: 'object', required: ['@type'] } },
      },
    },
  },
} as const;

/** How deep the messages go. */
const DEPTH = 5;
const SNAKE_CASE = /^[a-z]+(_[a-z]+)+$/;

/**
 * A body in the one form that the schemas know: the JSON mapping of protocol buffers takes `snake_case` for
 * `camelCase`, and `null` for a field that is not there. Names of attributes are in upper case and stay.
 */
export function normalised(value: unknown, depth = DEPTH): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => normalised(item, depth - 1));
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [camelCase(name), normalised(field, depth - 1)]));
}

function camelCase(name: string): string {
  return SNAKE_CASE.test(name) ? name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) : name;
}
