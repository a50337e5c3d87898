import type { Express } from 'express';
import type { Metrics } from '../../metrics.js';
import { resource } from '../resource.js';
import { send } from '../respond.js';

/** For Prometheus. */
export function metricsRoutes(app: Express, metrics: Metrics): void {
  resource(app, '/metrics', {
    async GET(_request, response) {
      const { contentType, body } = await metrics.expose();
      send(response, 200, contentType, body);
    },
  });
}
