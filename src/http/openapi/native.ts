import type { Manifest } from '../../model/manifest.js';
import { batchExamples, classifyExamples, explainExamples } from '../examples.js';
import { toCard } from '../routes/models.js';
import * as schemas from '../schemas.js';
import { commonHeaders, errors, exchange, json, operation, OPTIONAL_KEY, type OpenApiPart } from './parts.js';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** The native API, and what orchestrators and monitoring ask. */
export function nativePart(manifest: Manifest, limits: schemas.Limits): OpenApiPart {
  const card = toCard(manifest);
  return {
    tags: [
      { name: 'moderation', description: 'Scores and verdicts.' },
      { name: 'models', description: 'What is served and how good it is.' },
      { name: 'operations', description: 'For orchestrators and monitoring.' },
    ],
    paths: {
      '/v1/classify': {
        post: {
          ...operation('moderation', 'classify', 'Score one comment'),
          ...exchange('ClassifyRequest', 'ClassifyResponse', classifyExamples(manifest)),
        },
      },
      '/v1/explain': {
        post: {
          ...operation('moderation', 'explain', 'Score one comment and tell what speaks for its score'),
          ...exchange('ExplainRequest', 'ExplainResponse', explainExamples(manifest)),
        },
      },
      '/v1/classify/batch': {
        post: {
          ...operation('moderation', 'classifyBatch', 'Score many comments'),
          ...exchange('BatchRequest', 'BatchResponse', batchExamples(manifest)),
        },
      },
      '/v1/models': {
        get: {
          ...operation('models', 'listModels', 'Model cards of everything served'),
          security: OPTIONAL_KEY,
          responses: {
            200: json('The models.', 'ModelList', { models: [card] }),
            ...errors(['unauthorized']),
          },
        },
      },
      '/v1/models/{version}': {
        get: {
          ...operation('models', 'getModel', 'Model card: metrics, thresholds, hashes'),
          parameters: [
            {
              name: 'version',
              in: 'path',
              required: true,
              schema: { type: 'string' },
              example: card.version,
            },
          ],
          security: OPTIONAL_KEY,
          responses: { 200: json('The model.', 'ModelCard', card), ...errors(['unauthorized', 'not_found']) },
        },
      },
      '/livez': {
        get: {
          ...operation('operations', 'live', 'Is the process alive?'),
          responses: { 200: json('It is.', 'Liveness', { status: 'alive' }) },
        },
      },
      '/readyz': {
        get: {
          ...operation('operations', 'ready', 'Does it take requests?'),
          responses: {
            200: json(
              'Every thread reproduced the golden scores and no shutdown is under way.',
              'Readiness',
              {
                status: 'ready',
              },
            ),
            503: json('No longer: it is being stopped.', 'Readiness', { status: 'draining' }),
          },
        },
      },
      '/metrics': {
        get: {
          ...operation('operations', 'metrics', 'Metrics for Prometheus'),
          responses: {
            200: {
              description: 'The metrics.',
              headers: commonHeaders,
              content: { [PROMETHEUS_TEXT]: { schema: { type: 'string' } } },
            },
            ...errors(['internal']),
          },
        },
      },
      '/openapi.json': {
        get: {
          ...operation('operations', 'openapi', 'This document'),
          responses: {
            200: {
              description: 'The document.',
              headers: commonHeaders,
              content: { 'application/json': { schema: { type: 'object' } } },
            },
          },
        },
      },
    },
    schemas: {
      ClassifyRequest: schemas.classifyRequestSchema(limits),
      ClassifyResponse: schemas.classifyResponseSchema,
      ExplainRequest: schemas.explainRequestSchema(limits),
      ExplainResponse: schemas.explainResponseSchema,
      BatchRequest: schemas.batchRequestSchema(limits),
      BatchResponse: schemas.batchResponseSchema,
      ModelList: schemas.modelListSchema,
      ModelCard: schemas.modelCardSchema,
      Liveness: schemas.livenessSchema,
      Readiness: schemas.readinessSchema,
      Problem: schemas.problemSchema,
    },
  };
}
