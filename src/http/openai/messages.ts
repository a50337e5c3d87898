import { randomUUID } from 'node:crypto';
import { RutoxError } from '../../errors.js';
import type { Moderation, Verdict } from '../../inference/moderator.js';
import type { Limits } from '../schemas.js';
import { compile } from '../validate.js';
import {
  CATEGORIES,
  CATEGORY,
  moderationRequestForms,
  type Category,
  type ModerationResponse,
  type ModerationResult,
  type PartsRequest,
  type TextRequest,
  type TextsRequest,
} from './schemas.js';

/** The texts of a request. */
export interface ModerationInput {
  readonly texts: readonly string[];
  /** Whether they are parts of one message, which has one result. */
  readonly isOneMessage: boolean;
}

/**
 * Makes a reader of request bodies.
 * @throws RutoxError `invalid_request`; also when there is an image, for an answer would vouch for what nobody looked at
 */
export function moderationReader(limits: Limits): (body: unknown) => ModerationInput {
  const forms = moderationRequestForms(limits);
  const parseText = compile<TextRequest>(forms.text);
  const parseTexts = compile<TextsRequest>(forms.texts);
  const parseParts = compile<PartsRequest>(forms.parts);
  const refuse = compile<never>(forms.unknown);

  return (body) => {
    const input = inputOf(body);
    if (typeof input === 'string') return { texts: [parseText(body).input], isOneMessage: true };
    if (!Array.isArray(input)) return refuse(body);
    if (!input.some(isObject)) return { texts: parseTexts(body).input, isOneMessage: false };
    refuseImages(input);
    return { texts: parseParts(body).input.map(({ text }) => text), isOneMessage: true };
  };
}

function inputOf(body: unknown): unknown {
  return isObject(body) ? body['input'] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseImages(parts: readonly unknown[]): void {
  const index = parts.findIndex((part) => isObject(part) && part['type'] === 'image_url');
  if (index < 0) return;
  throw new RutoxError('invalid_request', 'The input has an image.', {
    violations: [
      {
        pointer: `/input/${index}`,
        message: 'is an image: rutox reads text only and looks at no image; send the text without it',
      },
    ],
  });
}

/** The answer: a result for each text, or one for all, in which the worst text speaks for its message. */
export function moderationResponse(
  { verdicts, model }: Moderation,
  { isOneMessage }: ModerationInput,
): ModerationResponse {
  const results = isOneMessage
    ? [verdicts.reduce((worst, each) => (each.score > worst.score ? each : worst))]
    : verdicts;
  return {
    id: `modr-${randomUUID().replaceAll('-', '')}`,
    model: `rutox-${model}`,
    results: results.map(toResult),
  };
}

/** rutox knows one thing about a text. It stands under `harassment`, and the lists say that nothing else was looked at. */
export function toResult({ isToxic, score }: Verdict): ModerationResult {
  return {
    flagged: isToxic,
    categories: { ...NONE.categories, [CATEGORY]: isToxic },
    category_scores: { ...NONE.category_scores, [CATEGORY]: score },
    category_applied_input_types: APPLIED_INPUT_TYPES,
  };
}

const NONE = { categories: forAll(false), category_scores: forAll(0) };
const APPLIED_INPUT_TYPES = { ...forAll<'text'[]>([]), [CATEGORY]: ['text' as const] };

function forAll<T>(value: T): Record<Category, T> {
  return Object.fromEntries(CATEGORIES.map((name) => [name, value])) as Record<Category, T>;
}
