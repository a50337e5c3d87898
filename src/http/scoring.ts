import type { Request, Response } from 'express';
import type { Moderation, ModerationOptions, Moderator } from '../inference/moderator.js';
import type { RateLimiter } from '../inference/rate-limit.js';
import type { Guard } from './authenticate.js';
import { callerOf } from './caller.js';

/** What all the paths that score texts have in common. */
export interface Scoring {
  /** Asked before the body is read: refuses whom no body with so many texts could help (no key, over the limit, no room). */
  guard(texts: number): Guard;
  /** Counts the texts, holds the caller to its limit, and asks the moderator. */
  score(
    request: Request,
    response: Response,
    texts: readonly string[],
    options: Omit<ModerationOptions, 'signal'>,
  ): Promise<Moderation>;
}

export function createScoring({
  moderator,
  keyGuard,
  rateLimiter,
}: {
  readonly moderator: Moderator;
  readonly keyGuard: Guard | undefined;
  readonly rateLimiter: RateLimiter | undefined;
}): Scoring {
  return {
    guard: (texts) => (request, response) => {
      keyGuard?.(request, response);
      rateLimiter?.check(callerOf(request, response));
      moderator.check(texts);
    },
    score(request, response, texts, options) {
      const { context } = response.locals;
      context.texts = texts.length;
      rateLimiter?.take(callerOf(request, response), texts.length);
      // Halves of surrogate pairs that stand alone become U+FFFD, one for one: offsets stay.
      const wellFormed = texts.map((text) => text.toWellFormed());
      const answer = moderator.moderate(wellFormed, { ...options, signal: context.signal });
      context.trace?.scoring(answer);
      return answer;
    },
  };
}
