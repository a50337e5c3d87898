import type { Express } from 'express';
import { METRICS_CONTENT_TYPE } from '../../metrics.js';
import { resource } from '../resource.js';
import { send } from '../respond.js';

/** For Prometheus: `expose` gives the metrics of all processes, as text. */
export function metricsRoutes(app: Express, expose: () => Promise<string>): void {
  resource(app, '/metrics', {
    async GET(_request, response) {
      send(response, 200, METRICS_CONTENT_TYPE, await expose());
    },
  });
}
