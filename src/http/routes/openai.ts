import type { Express } from 'express';
import { readJson } from '../body.js';
import { openAiApi } from '../openai/api.js';
import { moderationReader, moderationResponse } from '../openai/messages.js';
import { resource, type Handler } from '../resource.js';
import { sendJson } from '../respond.js';
import type { Limits } from '../schemas.js';
import type { Scoring } from '../scoring.js';
import { serverTiming } from '../server-timing.js';

interface Dependencies {
  readonly scoring: Scoring;
  readonly config: Limits & { readonly maxBodyBytes: number };
}

/** OpenAI's moderation API. */
export function openAiRoutes(app: Express, { scoring, config }: Dependencies): void {
  const read = moderationReader(config);

  const moderate: Handler = async (request, response) => {
    const input = read(await readJson(request, config.maxBodyBytes));
    const moderation = await scoring.score(request, response, input.texts, {});
    sendJson(response, 200, moderationResponse(moderation, input), serverTiming(moderation.timings));
  };
  resource(app, '/v1/moderations', { POST: moderate }, scoring.guard(1), openAiApi);
}
