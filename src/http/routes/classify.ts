import type { Express, Response } from 'express';
import type { Moderation, Moderator, Timings } from '../../inference/moderator.js';
import type { Guard } from '../authenticate.js';
import { readJson } from '../body.js';
import { clientSignal } from '../request-context.js';
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
import { compile } from '../validate.js';

/** Halves of surrogate pairs that stand alone: no valid text, so they become U+FFFD, one for one (offsets stay). */
const LONE_SURROGATE = /\p{Surrogate}/gu;

interface Dependencies {
  readonly moderator: Moderator;
  readonly config: Limits & { readonly maxBodyBytes: number };
  readonly guard: Guard | undefined;
}

export function classifyRoutes(app: Express, { moderator, config, guard }: Dependencies): void {
  const parseSingle = compile<ClassifyRequest>(classifyRequestSchema(config));
  const parseBatch = compile<BatchRequest>(batchRequestSchema(config));

  const single: Handler = async (request, response) => {
    const { text, ...options } = parseSingle(await readJson(request, config.maxBodyBytes));
    const moderation = await moderate(response, [text], options);
    const { isToxic, score } = moderation.verdicts[0]!;
    const { threshold, model } = moderation;
    const body: ClassifyResponse = { is_toxic: isToxic, toxic_score: score, threshold, model };
    sendJson(response, 200, body, serverTiming(moderation.timings));
  };
  resource(app, '/v1/classify', { POST: single }, guard);

  const batch: Handler = async (request, response) => {
    const { texts, ...options } = parseBatch(await readJson(request, config.maxBodyBytes));
    const { verdicts, threshold, model, timings } = await moderate(response, texts, options);
    const results = verdicts.map(({ isToxic, score }) => ({ is_toxic: isToxic, toxic_score: score }));
    const body: BatchResponse = { results, threshold, model };
    sendJson(response, 200, body, serverTiming(timings));
  };
  resource(app, '/v1/classify/batch', { POST: batch }, guard);

  function moderate(
    response: Response,
    texts: readonly string[],
    options: Pick<ClassifyRequest, 'threshold' | 'policy'>,
  ): Promise<Moderation> {
    response.locals.context.texts = texts.length;
    const wellFormed = texts.map((text) => text.replace(LONE_SURROGATE, '\uFFFD'));
    return moderator.moderate(wellFormed, { ...options, signal: clientSignal(response) });
  }
}

/** Where the time went, in milliseconds; browsers' network panels and load tests read it. */
function serverTiming({ tokenizeMs, queueMs, inferenceMs }: Timings): { 'Server-Timing': string } {
  const duration = (milliseconds: number) => milliseconds.toFixed(3);
  return {
    'Server-Timing': `tokenize;dur=${duration(tokenizeMs)}, queue;dur=${duration(queueMs)}, inference;dur=${duration(inferenceMs)}`,
  };
}
