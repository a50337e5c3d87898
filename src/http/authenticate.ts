import type { Request, Response } from 'express';
import type { ApiKeys } from '../api-keys.js';
import { RutoxError } from '../errors.js';
import { nativeApi } from './api.js';

/** Looks at a request before its body is read; throws when it must not go on. */
export type Guard = (request: Request, response: Response) => void;

/** Lets through who presents a key of the file, and notes its name for log, metrics and rate limit. */
export function keyGuard(apiKeys: Pick<ApiKeys, 'nameOf'>): Guard {
  return (request, response) => {
    const { context } = response.locals;
    const key = (context.api ?? nativeApi).keyOf(request);
    if (key === undefined) {
      throw new RutoxError(
        'unauthorized',
        'Send an API key as "Authorization: Bearer KEY" or as "X-API-Key: KEY".',
      );
    }
    const name = apiKeys.nameOf(key);
    if (name === undefined) throw new RutoxError('unauthorized', 'This server does not know the API key.');
    context.key = name;
  };
}
