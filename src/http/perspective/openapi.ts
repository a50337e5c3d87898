import type { ErrorKind } from '../../errors.js';
import type { Example } from '../examples.js';
import {
  commonHeaders,
  exchange,
  operation,
  OPTIONAL_KEY,
  reference,
  type ErrorForm,
  type OpenApiPart,
} from '../openapi/parts.js';
import { perspectiveApi } from './api.js';
import * as messages from './messages.js';

const toxic = { value: 0.98, type: 'PROBABILITY' };
const harmless = { value: 0.01, type: 'PROBABILITY' };
const languages = { languages: ['ru'], detectedLanguages: ['ru'] };

const analyzeExamples: Record<string, Example<object, object>> = {
  toxicity: {
    summary: 'A comment',
    request: { comment: { text: 'Ты тупой идиот, заткнись' }, requestedAttributes: { TOXICITY: {} } },
    response: {
      attributeScores: {
        TOXICITY: { spanScores: [{ begin: 0, end: 24, score: toxic }], summaryScore: toxic },
      },
      ...languages,
    },
  },
  sentences: {
    summary: 'HTML, sentence by sentence',
    request: {
      comment: { text: '<p>Спасибо за статью!</p><p>А ты заткнись, идиот.</p>', type: 'HTML' },
      requestedAttributes: { TOXICITY: {}, INSULT: {} },
      dropUnsupportedAttributes: true,
      languages: ['ru'],
      spanAnnotations: true,
      clientToken: 'comment:17',
    },
    response: {
      attributeScores: {
        TOXICITY: {
          spanScores: [
            { begin: 3, end: 21, score: harmless },
            { begin: 28, end: 49, score: toxic },
          ],
          summaryScore: toxic,
        },
      },
      ...languages,
      clientToken: 'comment:17',
    },
  },
};

const suggestExamples: Record<string, Example<object, object>> = {
  suggestion: {
    summary: 'A moderator says that a comment is harmless',
    request: {
      comment: { text: 'Какой же ты всё-таки молодец' },
      attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
      clientToken: 'comment:18',
    },
    response: { clientToken: 'comment:18', detectedLanguages: ['ru'], requestedLanguages: ['ru'] },
  },
};

const form: ErrorForm = { api: perspectiveApi, schema: 'PerspectiveError' };
const security = [...OPTIONAL_KEY, { queryKey: [] }];
const suggestErrors: readonly ErrorKind[] = [
  'malformed_json',
  'unauthorized',
  'body_too_large',
  'unsupported_media_type',
  'invalid_request',
  'rate_limited',
  'unavailable',
];

/** What Perspective's API adds to the OpenAPI document. */
export function perspectivePart(): OpenApiPart {
  return {
    tags: [
      {
        name: 'perspective',
        description:
          'The API of Perspective (Comment Analyzer v1alpha1), for clients that have it. Field names may be in ' +
          '`snake_case` too, unknown fields are not looked at, and any Content-Type will do. A key may also come as ' +
          '`?key=` or `X-Goog-Api-Key`.',
      },
    ],
    paths: {
      '/v1alpha1/comments:analyze': {
        post: {
          ...operation('perspective', 'perspectiveAnalyze', 'Score a comment'),
          ...exchange('PerspectiveAnalyzeRequest', 'PerspectiveAnalyzeResponse', analyzeExamples, {
            form,
            security,
          }),
        },
      },
      '/v1alpha1/comments:suggestscore': {
        post: {
          ...operation('perspective', 'perspectiveSuggestScore', 'Say what a comment should have scored'),
          ...exchange('PerspectiveSuggestRequest', 'PerspectiveSuggestResponse', suggestExamples, {
            kinds: suggestErrors,
            form,
            headers: commonHeaders,
            security,
          }),
        },
      },
      '/$discovery/rest': {
        get: {
          ...operation(
            'perspective',
            'perspectiveDiscovery',
            'What the client libraries of Google build themselves from',
          ),
          responses: {
            200: {
              description: 'The discovery document.',
              headers: commonHeaders,
              content: { 'application/json': { schema: reference('PerspectiveDiscovery') } },
            },
          },
        },
      },
    },
    schemas: {
      PerspectiveAnalyzeRequest: {
        ...messages.analyzeRequestSchema,
        required: ['comment', 'requestedAttributes'],
      },
      PerspectiveAnalyzeResponse: messages.analyzeResponseSchema,
      PerspectiveSuggestRequest: {
        ...messages.suggestRequestSchema,
        required: ['comment', 'attributeScores'],
      },
      PerspectiveSuggestResponse: messages.suggestResponseSchema,
      PerspectiveDiscovery: { type: 'object', required: ['kind', 'rootUrl', 'resources', 'schemas'] },
      PerspectiveError: messages.statusSchema,
    },
  };
}
