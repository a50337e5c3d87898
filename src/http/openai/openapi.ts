import type { Manifest } from '../../model/manifest.js';
import type { Example } from '../examples.js';
import { exchange, operation, type ErrorForm, type OpenApiPart } from '../openapi/parts.js';
import type { Limits } from '../schemas.js';
import { openAiApi } from './api.js';
import { toResult } from './messages.js';
import {
  moderationRequestSchema,
  moderationResponseSchema,
  openAiErrorSchema,
  type ModerationRequest,
  type ModerationResponse,
} from './schemas.js';

const form: ErrorForm = {
  api: openAiApi,
  schema: 'OpenAiError',
  examples: {
    invalid_request: {
      detail: 'The body breaks one rule: see errors.',
      violations: [{ pointer: '/input/1', message: 'must be a string' }],
    },
  },
};

/** What OpenAI's moderation API adds to the OpenAPI document. */
export function openAiPart(manifest: Manifest, limits: Limits): OpenApiPart {
  return {
    tags: [
      {
        name: 'openai',
        description:
          "OpenAI's moderation API, for clients that have it. Toxicity of every kind stands under `harassment`; " +
          'nothing else is looked at, which `category_applied_input_types` says. Unknown fields mean nothing.',
      },
    ],
    paths: {
      '/v1/moderations': {
        post: {
          ...operation('openai', 'createModeration', 'Score texts, or the parts of a message'),
          ...exchange('ModerationRequest', 'ModerationResponse', examples(manifest), { form }),
        },
      },
    },
    schemas: {
      ModerationRequest: moderationRequestSchema(limits),
      ModerationResponse: moderationResponseSchema,
      OpenAiError: openAiErrorSchema,
    },
  };
}

function examples(manifest: Manifest): Record<string, Example<ModerationRequest, ModerationResponse>> {
  const { threshold } = manifest.policies[manifest.default_policy];
  const example = (summary: string, request: ModerationRequest, scores: readonly number[]) => ({
    summary,
    request,
    response: {
      id: 'modr-0d9740456c391e43c445bf0f010940c7',
      model: `rutox-${manifest.version}`,
      results: scores.map((score) => toResult({ isToxic: score > threshold, score })),
    },
  });
  return {
    text: example('One text', { input: 'Ты тупой идиот, заткнись', model: 'omni-moderation-latest' }, [0.99]),
    texts: example(
      'Several texts',
      { input: ['Отличный рецепт, приготовил на ужин', 'Иди отсюда, дебил конченый'] },
      [0.01, 0.99],
    ),
    parts: example(
      'The parts of one message',
      {
        input: [
          { type: 'text', text: 'Спасибо за интересную статью!' },
          { type: 'text', text: 'А ты заткнись, идиот' },
        ],
      },
      [0.99],
    ),
  };
}
