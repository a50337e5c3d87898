import cors from 'cors';
import type { RequestHandler } from 'express';
import { HEADER_LENGTH } from './oip/request.js';

/** Lets the pages of these origins (`*`: of any) read the answers. Keys travel in a header: cookies play no part. */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    // No `allowedHeaders`: whatever a page asks for is allowed. Clients bring headers of their own (OpenAI's a dozen,
    // `x-stainless-…`), and one that the server does not know does nothing.
    exposedHeaders: [HEADER_LENGTH, 'Retry-After', 'Server-Timing', 'X-Request-Id'],
    maxAge: 600,
    // resource.ts answers OPTIONS, as it does without an origin.
    preflightContinue: true,
  });
}
