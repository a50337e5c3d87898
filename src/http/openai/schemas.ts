/** The messages of OpenAI's moderation API, as far as rutox speaks it; see schemas.ts above. */
import type { FromSchema } from 'json-schema-to-ts';
import type { Limits } from '../schemas.js';

/** The one category that is looked at. */
export const CATEGORY = 'harassment';

/** All categories that clients expect, in OpenAI's order. */
export const CATEGORIES = [
  CATEGORY,
  'harassment/threatening',
  'sexual',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm/intent',
  'self-harm/instructions',
  'self-harm',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** A text without words is scored, not refused. */
const inputTextSchema = (limits: Limits) => ({ type: 'string', maxLength: limits.maxTextChars }) as const;

const textsSchema = (limits: Limits) =>
  ({
    type: 'array',
    minItems: 1,
    maxItems: limits.maxTexts,
    items: inputTextSchema(limits),
    description: 'Texts of their own: one result for each, in the same order.',
  }) as const;

const partsSchema = (limits: Limits) =>
  ({
    type: 'array',
    minItems: 1,
    maxItems: limits.maxTexts,
    items: {
      type: 'object',
      required: ['type', 'text'],
      properties: { type: { type: 'string', enum: ['text'] }, text: inputTextSchema(limits) },
    },
    description:
      'The parts of one message: one result, that of the part with the highest score. ' +
      'A part of type `image_url` is refused, because rutox does not look at images.',
  }) as const;

const requestSchema = <Input>(input: Input) =>
  ({
    type: 'object',
    required: ['input'],
    properties: {
      input,
      model: { type: 'string', description: 'Means nothing: there is one model, and the answer names it.' },
    },
  }) as const;

/** What is asked of the body in each form that `input` may have; `unknown` is for all that is none of them. */
export const moderationRequestForms = (limits: Limits) => ({
  text: requestSchema(inputTextSchema(limits)),
  texts: requestSchema(textsSchema(limits)),
  parts: requestSchema(partsSchema(limits)),
  unknown: requestSchema({ type: ['string', 'array'] } as const),
});

type Forms = ReturnType<typeof moderationRequestForms>;
export type TextRequest = FromSchema<Forms['text']>;
export type TextsRequest = FromSchema<Forms['texts']>;
export type PartsRequest = FromSchema<Forms['parts']>;

/** Body of `POST /v1/moderations`, for the document: a body is held against the form that it has, so that errors are few. */
export const moderationRequestSchema = (limits: Limits) =>
  requestSchema({
    oneOf: [inputTextSchema(limits), textsSchema(limits), partsSchema(limits)],
  } as const);
export type ModerationRequest = TextRequest | TextsRequest | PartsRequest;

const forEachCategory = <Schema>(schema: Schema, description: string) =>
  ({
    type: 'object',
    required: CATEGORIES,
    additionalProperties: false,
    properties: Object.fromEntries(CATEGORIES.map((name) => [name, schema])) as Record<Category, Schema>,
    description,
  }) as const;

/** Answer of `POST /v1/moderations`. */
export const moderationResponseSchema = {
  type: 'object',
  required: ['id', 'model', 'results'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^modr-[0-9a-f]{32}$' },
    model: { type: 'string', description: 'The model that answered: `rutox-` and its version.' },
    results: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['flagged', 'categories', 'category_scores', 'category_applied_input_types'],
        additionalProperties: false,
        properties: {
          flagged: { type: 'boolean', description: 'Whether the text is toxic, by the default policy.' },
          categories: forEachCategory(
            { type: 'boolean' } as const,
            '`harassment` is the verdict of rutox, on toxicity of every kind; the others are always false.',
          ),
          category_scores: forEachCategory(
            { type: 'number', minimum: 0, maximum: 1 } as const,
            '`harassment` is the probability that a reader finds the text toxic; the others are always 0.',
          ),
          category_applied_input_types: forEachCategory(
            { type: 'array', items: { type: 'string', enum: ['text'] } } as const,
            'What was looked at: `["text"]` for `harassment`, nothing for the others.',
          ),
        },
      },
    },
  },
} as const;
export type ModerationResponse = FromSchema<typeof moderationResponseSchema>;
export type ModerationResult = ModerationResponse['results'][number];

/** Every error of `/v1/moderations`. */
export const openAiErrorSchema = {
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      additionalProperties: false,
      properties: {
        message: { type: 'string', description: 'What is wrong and what to do. Never quotes the request.' },
        type: { type: 'string' },
        param: { type: ['string', 'null'], description: 'The field that is wrong.' },
        code: { type: ['string', 'null'], description: 'The kind of error; made for programs.' },
      },
    },
  },
} as const;
export type OpenAiError = FromSchema<typeof openAiErrorSchema>;
