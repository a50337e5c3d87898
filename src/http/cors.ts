import cors from 'cors';
import type { RequestHandler } from 'express';

/** Lets the pages of these origins (`*`: of any) read the answers. Keys travel in a header: cookies play no part. */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['Authorization', 'Content-Encoding', 'Content-Type', 'X-API-Key', 'X-Request-Id'],
    exposedHeaders: ['Retry-After', 'Server-Timing', 'X-Request-Id'],
    maxAge: 600,
    // resource.ts answers OPTIONS, as it does without an origin.
    preflightContinue: true,
  });
}
