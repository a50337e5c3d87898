import type { Express } from 'express';
import { readJson } from '../body.js';
import { resource, type Handler } from '../resource.js';
import { sendJson } from '../respond.js';
import {
  batchRequestSchema,
  classifyRequestSchema,
  type BatchRequest,
  type BatchResponse,
  type ClassifyRequest,
  type ClassifyResponse,
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
  const parseBatch = compile<BatchRequest>(batchRequestSchema(config));

  const single: Handler = async (request, response) => {
    const { text, ...options } = parseSingle(await readJson(request, config.maxBodyBytes));
    const moderation = await scoring.score(request, response, [text], options);
    const { isToxic, score } = moderation.verdicts[0]!;
    const { threshold, model } = moderation;
    const body: ClassifyResponse = { is_toxic: isToxic, toxic_score: score, threshold, model };
    sendJson(response, 200, body, serverTiming(moderation.timings));
  };
  resource(app, '/v1/classify', { POST: single }, scoring.guard(1));

  const batch: Handler = async (request, response) => {
    const { texts, ...options } = parseBatch(await readJson(request, config.maxBodyBytes));
    const { verdicts, threshold, model, timings } = await scoring.score(request, response, texts, options);
    const results = verdicts.map(({ isToxic, score }) => ({ is_toxic: isToxic, toxic_score: score }));
    const body: BatchResponse = { results, threshold, model };
    sendJson(response, 200, body, serverTiming(timings));
  };
  // A list of one text could still pass where one of two cannot; in doubt it is taken for the longer one.
  resource(app, '/v1/classify/batch', { POST: batch }, scoring.guard(Math.min(2, config.maxTexts)));
}
