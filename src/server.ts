import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openApiKeys } from './api-keys.js';
import type { Config } from './config.js';
import { drain } from './drain.js';
import { openFeedback } from './feedback.js';
import type { BatchReport } from './inference/batcher.js';
import { systemClock } from './inference/clock.js';
import { openEngine } from './inference/engine.js';
import { createRateLimiter, type RateLimiter } from './inference/rate-limit.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { servedSha256 } from './model/manifest.js';
import { verifyModel } from './model/verify.js';
import type { Tracing } from './tracing.js';

export interface RunningServer {
  readonly port: number;
  /** Version of the model that is served. */
  readonly model: string;
  /** How much each caller may ask, if there is a limit. */
  readonly rateLimiter: RateLimiter | undefined;
  /** Answers what has been accepted, accepts nothing new, and ends the threads. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What `GET /metrics` answers. */
  readonly exposeMetrics: () => Promise<string>;
  /** Traces of requests, where they are switched on. */
  readonly tracing: Tracing | undefined;
  /** The server can no longer do its work and should be stopped; says why. */
  readonly onBroken: (reason: string) => void;
}

/** How long a stopping server keeps idle connections for a request that is already on its way. */
const LINGER_MS = 1000;

/**
 * Starts one server process: verifies the model, waits until every thread has reproduced the golden
 * scores, and only then listens.
 * @throws Error with one clear line when something of that fails; nothing is left running then
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, logger, metrics, exposeMetrics, tracing, onBroken } = options;
  const feedback = config.feedbackFile === undefined ? undefined : await openFeedback(config.feedbackFile);
  const apiKeys = config.apiKeysFile === undefined ? undefined : openApiKeys(config.apiKeysFile, logger);
  const model = await verifyModel(config.modelDir);
  const { manifest } = model;
  metrics.modelInfo(manifest.version, servedSha256(manifest));
  const opening = openEngine({
    model,
    threads: config.threads,
    maxBatchCost: config.maxBatchCost,
    maxQueue: config.maxQueue,
    maxTexts: config.maxTexts,
    timeoutMs: config.requestTimeoutMs,
    metrics,
    onBatch: (report) => recordBatch(metrics, report),
    onFailure: (err) => logger.error({ err }, 'a batch failed'),
    onThreadReplaced() {
      metrics.workerRestart('thread_ended');
      logger.error({}, 'an inference thread ended and was replaced');
    },
    onBroken,
  });
  // Not at the top: Express and the rest load while the threads do.
  const [engine, { createApp }, { createHttpServer }] = await Promise.all([
    opening,
    import('./http/app.js'),
    import('./http/http-server.js'),
  ]);
  metrics.setQueueDepthSource(() => engine.depth());

  const { rateLimit, maxTexts } = config;
  const rateLimiter =
    rateLimit === false
      ? undefined
      : // So that a request of the largest size can pass, whatever the rate.
        createRateLimiter({ rate: rateLimit, burst: Math.max(rateLimit, maxTexts), clock: systemClock });
  let draining = false;
  const app = createApp({
    moderator: engine.moderator,
    metrics,
    logger,
    config,
    isDraining: () => draining,
    exposeMetrics,
    apiKeys,
    rateLimiter,
    feedback,
    tracing,
  });
  const { maxConnections, requestTimeoutMs: answerTimeoutMs } = config;
  const server = createHttpServer(app, { maxConnections, answerTimeoutMs, metrics, logger });
  const port = await listen(server, config).catch(async (error: unknown) => {
    apiKeys?.close();
    await engine.close();
    throw error;
  });

  return {
    port,
    model: manifest.version,
    rateLimiter,
    async stop() {
      draining = true;
      apiKeys?.close();
      const lingerMs = Math.min(LINGER_MS, config.shutdownGraceMs / 4);
      await drain(server, lingerMs, () => metrics.requestsInFlight() > 0);
      // Only now: a thread that ends while it scores would take the process with it.
      await engine.close();
    },
  };
}

async function listen(server: Server, { host, port }: Config): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'the port is in use' : code;
    throw new Error(`cannot listen on ${host}, port ${port}: ${reason}`, { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

function recordBatch(metrics: Metrics, { size, queueMs, tokenizeMs, inferenceMs }: BatchReport): void {
  metrics.batch({
    size,
    queueWaitSeconds: queueMs.map((ms) => ms / 1000),
    tokenizeSeconds: tokenizeMs / 1000,
    inferenceSeconds: inferenceMs / 1000,
  });
}
