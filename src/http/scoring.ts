import type { Request, Response } from 'express';
import type {
  ExplainedModeration,
  Moderation,
  ModerationOptions,
  Moderator,
} from '../inference/moderator.js';
import type { RateLimiter } from '../inference/rate-limit.js';
import type { Guard } from './authenticate.js';
import { callerOf } from './caller.js';

/** What all the paths that score texts have in common. */
export interface Scoring {
  /** Asked before the body is read: refuses whom no body with so many texts could help (no key, over the limit, no room). */
  guard(texts: number): Guard;
  /** Asked before the body is read, where nothing is scored: refuses who has no key, or nothing left of its limit. */
  readonly guardCaller: Guard;
  /** Takes from what the caller may have, for what is not scored but costs something too. */
  spend(request: Request, response: Response, texts: number): void;
  /** Counts the texts, holds the caller to its limit, and asks the moderator. */
  score(
    request: Request,
    response: Response,
    texts: readonly string[],
    options: Options,
  ): Promise<Moderation>;
  /** The same for one text and its reasons, which count as several texts. */
  explain(request: Request, response: Response, text: string, options: Options): Promise<ExplainedModeration>;
}

type Options = Omit<ModerationOptions, 'signal'>;

export function createScoring({
  moderator,
  keyGuard,
  rateLimiter,
}: {
  readonly moderator: Moderator;
  readonly keyGuard: Guard | undefined;
  readonly rateLimiter: RateLimiter | undefined;
}): Scoring {
  const guardCaller: Guard = (request, response) => {
    keyGuard?.(request, response);
    rateLimiter?.check(callerOf(request, response));
  };
  const spend: Scoring['spend'] = (request, response, texts) =>
    rateLimiter?.take(callerOf(request, response), texts);
  function count(request: Request, response: Response, texts: number): void {
    response.locals.context.texts = texts;
    spend(request, response, texts);
  }

  return {
    guardCaller,
    spend,
    guard: (texts) => (request, response) => {
      guardCaller(request, response);
      moderator.check(texts);
    },
    score(request, response, texts, options) {
      count(request, response, texts.length);
      const { signal, trace } = response.locals.context;
      const answer = moderator.moderate(texts.map(wellFormed), { ...options, signal });
      trace?.scoring(answer);
      return answer;
    },
    async explain(request, response, text, options) {
      const explanation = await moderator.planExplanation(wellFormed(text));
      count(request, response, explanation.texts);
      const { signal, trace } = response.locals.context;
      const answer = explanation.moderate({ ...options, signal });
      trace?.scoring(answer);
      return await answer;
    },
  };
}

/** Halves of surrogate pairs that stand alone become U+FFFD, one for one: offsets stay. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
