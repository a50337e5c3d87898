import cluster from 'node:cluster';
import { linkToPrimary } from './cluster/primary-link.js';
import type { Config } from './config.js';
import { RutoxError } from './errors.js';
import type { Logger } from './logger.js';
import { createMetrics } from './metrics.js';
import { startServer, type ServerOptions } from './server.js';
import { stopRequests, type StopRequests } from './stop-requests.js';

export interface ServerRun {
  readonly config: Config;
  readonly logger: Logger;
}

/**
 * Runs one server process, alone or under a primary, until it is asked to stop. Resolves with the exit code.
 * @throws Error or ConfigError in one line when it cannot start; under a primary it tells that instead
 */
export async function runServer({ config, logger }: ServerRun): Promise<number> {
  const stop = stopRequests(logger, config.shutdownGraceMs);
  const metrics = createMetrics();
  const onBroken = (reason: string) =>
    stop.fail(new RutoxError('internal', reason), 'an inference thread cannot be replaced');
  // Not at the top: nothing of OpenTelemetry is loaded where it is off.
  const tracing = config.tracing ? (await import('./tracing.js')).openTracing() : undefined;
  const options = { config, logger, metrics, tracing, onBroken };

  if (cluster.isWorker) return await runUnderPrimary(options, stop);
  process.on('SIGHUP', () => logger.warn({}, 'cannot reload with RUTOX_PROCESSES=1: restart instead'));
  const server = await startServer({ ...options, exposeMetrics: () => metrics.expose() });
  const { host, threads } = config;
  logger.info({ host, port: server.port, processes: 1, threads, model: server.model }, 'ready');
  const exitCode = await stop.requested;
  await server.stop();
  await tracing?.close();
  logger.info({}, 'stopped');
  return exitCode;
}

async function runUnderPrimary(
  options: Omit<ServerOptions, 'exposeMetrics'>,
  stop: StopRequests,
): Promise<number> {
  // Of the primary's: a terminal sends it to all processes of a group.
  process.on('SIGHUP', () => {});
  const link = linkToPrimary({
    onDrain: () => stop.begin(0),
    onOrphaned: () => stop.fail(new RutoxError('internal', 'the primary is gone'), 'left alone: stopping'),
    snapshot: () => options.metrics.snapshot(),
  });
  let server;
  try {
    server = await startServer({ ...options, exposeMetrics: () => link.exposeMetrics() });
  } catch (error) {
    await link.failed(error);
    return 1;
  }
  if (server.rateLimiter !== undefined) link.share(server.rateLimiter);
  link.ready({ port: server.port, model: server.model });
  const exitCode = await stop.requested;
  await server.stop();
  await options.tracing?.close();
  await link.close();
  return exitCode;
}
