import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import type { ApiKeys } from '../api-keys.js';
import type { Config } from '../config.js';
import type { Feedback } from '../feedback.js';
import type { Moderator } from '../inference/moderator.js';
import type { RateLimiter } from '../inference/rate-limit.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Tracing } from '../tracing.js';
import { keyGuard } from './authenticate.js';
import { crossOrigin } from './cors.js';
import { errorHandler, notFound } from './error-handler.js';
import { openApiDocument } from './openapi/document.js';
import { requestContext } from './request-context.js';
import { classifyRoutes } from './routes/classify.js';
import { docsRoutes } from './routes/docs.js';
import { healthRoutes } from './routes/health.js';
import { metricsRoutes } from './routes/metrics.js';
import { modelRoutes } from './routes/models.js';
import { oipRoutes } from './routes/oip.js';
import { openAiRoutes } from './routes/openai.js';
import { perspectiveRoutes } from './routes/perspective.js';
import { playgroundRoutes } from './routes/playground.js';
import { createScoring } from './scoring.js';
import { shortcut } from './shortcut.js';

export interface AppDependencies {
  readonly moderator: Moderator;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly config: Pick<
    Config,
    'maxTexts' | 'maxTextChars' | 'maxBodyBytes' | 'trustProxy' | 'corsOrigins' | 'playground' | 'modelDir'
  >;
  /** Whether the server is being stopped. */
  readonly isDraining: () => boolean;
  /** What `GET /metrics` answers: the metrics of all processes. */
  readonly exposeMetrics: () => Promise<string>;
  /** Who may call /v1; without them everybody may. */
  readonly apiKeys?: Pick<ApiKeys, 'nameOf'> | undefined;
  /** How much each caller may ask; without it as much as the server can do. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Keeps suggested scores; without it they are dropped. */
  readonly feedback?: Feedback | undefined;
  /** Traces of requests, where they are switched on. */
  readonly tracing?: Tracing | undefined;
}

/** The Express app, and how a server should give requests to it. */
export interface App {
  readonly express: Express;
  readonly listener: RequestListener;
}

/** The whole HTTP interface, without a socket: `createHttpServer(createApp(…)).listen(…)`. */
export function createApp(deps: AppDependencies): App {
  const {
    moderator,
    metrics,
    logger,
    config,
    isDraining,
    exposeMetrics,
    apiKeys,
    rateLimiter,
    feedback,
    tracing,
  } = deps;
  const guard = apiKeys && keyGuard(apiKeys);
  const scoring = createScoring({ moderator, keyGuard: guard, rateLimiter });
  const app = express();
  app.disable('x-powered-by');
  // Nothing here is worth caching but the assets of /docs, which bring their own.
  app.disable('etag');
  // No path reads a query string, so nothing is parsed.
  app.disable('query parser');
  // One address for each thing.
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.set('trust proxy', config.trustProxy);

  const before = [
    requestContext({ metrics, logger, isDraining, tracing }),
    ...(config.corsOrigins.length > 0 ? [crossOrigin(config.corsOrigins)] : []),
  ];
  app.use(...before);
  // First, because Express tries the paths in this order.
  classifyRoutes(app, { scoring, config });
  openAiRoutes(app, { scoring, config });
  oipRoutes(app, { scoring, config, isDraining, guard, manifest: moderator.manifest });
  perspectiveRoutes(app, { scoring, config, feedback });
  modelRoutes(app, moderator, guard);
  healthRoutes(app, isDraining);
  metricsRoutes(app, exposeMetrics);
  docsRoutes(app, openApiDocument(moderator.manifest, config));
  if (config.playground) playgroundRoutes(app, { config });
  app.use(notFound);
  const onError = errorHandler(logger);
  app.use(onError);
  return { express: app, listener: shortcut(app, before, onError) };
}
