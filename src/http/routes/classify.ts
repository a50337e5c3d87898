import type { Express, Response } from 'express';
import type { ExplainedModeration, Moderation } from '../../inference/moderator.js';
import { readJson } from '../body.js';
import { resource, type Handler } from '../resource.js';
import { sendJson } from '../respond.js';
import {
  batchRequestSchema,
  classifyRequestSchema,
  explainRequestSchema,
  type BatchRequest,
  type BatchResponse,
  type ClassifyRequest,
  type ClassifyResponse,
  type ExplainRequest,
  type ExplainResponse,
  type Limits,
} from '../schemas.js';
import type { Scoring } from '../scoring.js';
import { serverTiming } from '../server-timing.js';
import { compile } from '../validate.js';

interface Dependencies {
  readonly scoring: Scoring;
  readonly config: Limits & { readonly maxBodyBytes: number };
}

export function classifyRoutes(app: Express, { scoring, config }: Dependencies): void {
  const parseSingle = compile<ClassifyRequest>(classifyRequestSchema(config));
  const parseExplain = compile<ExplainRequest>(explainRequestSchema(config));
  const parseBatch = compile<BatchRequest>(batchRequestSchema(config));

  const single: Handler = async (request, response) => {
    const { text, explain, ...options } = parseSingle(await readJson(request, config.maxBodyBytes));
    if (explain === true)
      return sendExplained(response, await scoring.explain(request, response, text, options));
    const moderation = await scoring.score(request, response, [text], options);
    sendJson(response, 200, verdictOf(moderation), serverTiming(moderation.timings));
  };
  resource(app, '/v1/classify', { POST: single }, scoring.guard(1));

  // In doubt a request is taken for a larger one: a list of one text could still pass where one of two cannot.
  const several = scoring.guard(Math.min(2, config.maxTexts));

  const explain: Handler = async (request, response) => {
    const { text, ...options } = parseExplain(await readJson(request, config.maxBodyBytes));
    sendExplained(response, await scoring.explain(request, response, text, options));
  };
  resource(app, '/v1/explain', { POST: explain }, several);

  const batch: Handler = async (request, response) => {
    const { texts, ...options } = parseBatch(await readJson(request, config.maxBodyBytes));
    const { verdicts, threshold, model, timings } = await scoring.score(request, response, texts, options);
    const results = verdicts.map(({ isToxic, score }) => ({ is_toxic: isToxic, toxic_score: score }));
    const body: BatchResponse = { results, threshold, model };
    sendJson(response, 200, body, serverTiming(timings));
  };
  resource(app, '/v1/classify/batch', { POST: batch }, several);
}

function sendExplained(response: Response, moderation: ExplainedModeration): void {
  const body: ExplainResponse = { ...verdictOf(moderation), spans: [...moderation.spans] };
  sendJson(response, 200, body, serverTiming(moderation.timings));
}

function verdictOf({ verdicts, threshold, model }: Moderation): ClassifyResponse {
  const { isToxic, score } = verdicts[0]!;
  return { is_toxic: isToxic, toxic_score: score, threshold, model };
}
