import type { Express } from 'express';
import type { Readiness as ReadinessSource } from '../request-context.js';
import { resource } from '../resource.js';
import { sendJson } from '../respond.js';
import type { Liveness, Readiness } from '../schemas.js';

/** For orchestrators: restart what is not alive, send nothing to what is not ready. */
export function healthRoutes(app: Express, readiness: ReadinessSource): void {
  resource(app, '/livez', {
    GET: (_request, response) => sendJson<Liveness>(response, 200, { status: 'alive' }),
  });

  resource(app, '/readyz', {
    GET(_request, response) {
      const { status } = state(readiness);
      sendJson<Readiness>(response, status === 'ready' ? 200 : 503, { status });
    },
  });
}

function state(readiness: ReadinessSource): Readiness {
  if (readiness.isDraining()) return { status: 'draining' };
  return { status: readiness.isReady() ? 'ready' : 'starting' };
}
