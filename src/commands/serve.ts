import type { Command } from 'commander';
import { describeSettings, disableTelemetry, loadConfig } from '../config.js';
import { RutoxError } from '../errors.js';
import { createLogger, type Logger } from '../logger.js';

/** `rutox serve`. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the HTTP API until SIGTERM or SIGINT')
    .addHelpText('after', () => `\n${describeSettings()}`)
    .action(serve);
}

async function serve(): Promise<void> {
  const config = loadConfig();
  disableTelemetry();
  const logger = createLogger(config.logLevel);
  const stop = stopRequests(logger, config.shutdownGraceMs);

  // Not at the top: no other command should wait for Express and the rest to load.
  const { startServer } = await import('../server.js');
  const server = await startServer({
    config,
    logger,
    onBroken: (reason) =>
      stop.fail(new RutoxError('internal', reason), 'an inference thread cannot be replaced'),
  });
  const { host, threads } = config;
  logger.info({ host, port: server.port, threads, model: server.model }, 'ready');
  process.exitCode = await stop.requested;
  await server.stop();
  logger.info({}, 'stopped');
}

interface StopRequests {
  /** The exit code, once somebody wants the process to stop. */
  readonly requested: Promise<number>;
  /** Asks for a stop because of an error. */
  fail(error: unknown, message: string): void;
}

/**
 * SIGTERM and SIGINT ask for a stop; so does an error that nobody caught, for what it left behind is
 * unknown. A stop that takes longer than the grace time, and a second signal, end the process at once.
 */
function stopRequests(logger: Logger, graceMs: number): StopRequests {
  let request!: (exitCode: number) => void;
  const requested = new Promise<number>((resolve) => {
    request = resolve;
  });
  const begin = (exitCode: number) => {
    setTimeout(() => {
      logger.fatal({}, 'the grace time is over: ended with requests unanswered');
      endAtOnce();
    }, graceMs).unref();
    request(exitCode);
  };
  const fail = (err: unknown, message: string) => {
    logger.fatal({ err }, message);
    begin(1);
  };
  let signalled = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (signalled) endAtOnce();
      signalled = true;
      logger.info({ signal }, 'stopping');
      begin(0);
    });
  }
  process.on('uncaughtException', (error) => fail(error, 'an error that nobody caught'));
  return { requested, fail };
}

/** Without the handlers of an orderly exit, which abort with a core dump while a thread is inside the model. */
function endAtOnce(): never {
  process.kill(process.pid, 'SIGKILL');
  // Reached in a container where this process is number 1: the kernel spares it its own SIGKILL.
  process.exit(1);
}
