import type { Express } from 'express';
import { resource } from '../resource.js';
import { sendJson } from '../respond.js';
import type { Liveness, Readiness } from '../schemas.js';

/** For orchestrators: restart what is not alive, send nothing to what is not ready. */
export function healthRoutes(app: Express, isDraining: () => boolean): void {
  resource(app, '/livez', {
    GET: (_request, response) => sendJson<Liveness>(response, 200, { status: 'alive' }),
  });

  // A server that listens is ready: every thread has reproduced the golden scores before.
  resource(app, '/readyz', {
    GET(_request, response) {
      if (isDraining()) sendJson<Readiness>(response, 503, { status: 'draining' });
      else sendJson<Readiness>(response, 200, { status: 'ready' });
    },
  });
}
