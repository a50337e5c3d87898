import type { Express, Request, Response } from 'express';
import { RutoxError } from '../errors.js';
import type { Api } from './api.js';
import type { Guard } from './authenticate.js';
import { sendNothing } from './respond.js';

export type Handler = (request: Request, response: Response) => void | Promise<void>;

const fixedPaths = new WeakMap<Express, Map<string, Handler>>();

/** The handlers of all paths without parameters that were registered with this app. */
export function fixedPathsOf(app: Express): Map<string, Handler> {
  let paths = fixedPaths.get(app);
  if (paths === undefined) fixedPaths.set(app, (paths = new Map()));
  return paths;
}

/**
 * Registers what a path answers, by method: HEAD follows GET, OPTIONS lists the methods, any other is
 * refused with 405. The path is written as in the OpenAPI document (`/v1/models/{version}`). A guard is asked
 * before any handler. Errors are told in the shape of `api`, without one as problem documents.
 */
export function resource(
  app: Express,
  path: string,
  handlers: { GET?: Handler; POST?: Handler },
  guard?: Guard,
  api?: Api,
): void {
  const answered = new Map<string, Handler>(Object.entries(handlers));
  if (handlers.GET !== undefined) answered.set('HEAD', handlers.GET);
  const allow = [...answered.keys(), 'OPTIONS'];

  const answer: Handler = (request, response) => {
    const { context } = response.locals;
    context.route = path;
    context.api = api;
    const handler = answered.get(request.method);
    if (handler !== undefined) {
      guard?.(request, response);
      return handler(request, response);
    }
    if (request.method !== 'OPTIONS') {
      throw new RutoxError('method_not_allowed', `This path answers ${allow.join(', ')}.`, { allow });
    }
    return sendNothing(response, { Allow: allow.join(', ') });
  };
  app.route(toExpressPath(path)).all(answer);
  if (!path.includes('{')) fixedPathsOf(app).set(path, answer);
}

/** `{name}` is a parameter; what Express would read as one of its own signs (`:` above all) is taken literally. */
function toExpressPath(path: string): string {
  return path.replace(/[:*?+!()[\]\\]/g, String.raw`\$&`).replace(/\{(\w+)\}/g, ':$1');
}
