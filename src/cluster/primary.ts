import { loadConfig, readEnvironment, type Config } from '../config.js';
import { systemClock } from '../inference/clock.js';
import type { Logger } from '../logger.js';
import { stopRequests } from '../stop-requests.js';
import { openControlSocket, type ControlAnswer } from './control-socket.js';
import type { MergedMetrics } from './merged-metrics.js';
import type { FromServer } from './messages.js';
import { forkServerProcess, type ServerProcess } from './server-process.js';
import { createSupervisor, type Fork, type Supervisor } from './supervisor.js';

export interface PrimaryOptions {
  readonly config: Config;
  /** The environment that `config` was read from. */
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** File with settings, read again at every reload. */
  readonly envFile: string | undefined;
}

/**
 * Runs a cluster of server processes until SIGTERM or SIGINT; SIGHUP and `rutox reload` replace the
 * processes one by one. Resolves with the exit code.
 * @throws Error or ConfigError in one line when the server processes cannot start
 */
export async function runPrimary({
  config,
  env: firstEnv,
  logger,
  envFile,
}: PrimaryOptions): Promise<number> {
  /** Loaded while the server processes start, which would wait 70 ms for it; nothing is counted before one is ready. */
  let metrics: MergedMetrics | undefined;
  const stop = stopRequests(logger, config.shutdownGraceMs, () => supervisor.kill());
  const supervisor: Supervisor = createSupervisor({
    clock: systemClock,
    random: Math.random,
    onEnded(pid, { code, signal }, delayMs) {
      metrics?.processEnded();
      logger.error(
        { process: pid, ...(code !== null && { code }), ...(signal !== null && { signal }), delayMs },
        'a server process ended and will be replaced',
      );
    },
    onReplaced: (pid) => logger.info({ process: pid }, 'a server process was replaced'),
    onStartFailed: ({ message }, delayMs) =>
      logger.error({ reason: message, delayMs }, 'a server process could not start'),
    onHopeless({ message }) {
      logger.fatal({ reason: message }, 'no server process is left and none can start');
      stop.begin(1);
    },
  });
  const hear = (message: FromServer, from: ServerProcess) => {
    switch (message.type) {
      case 'metrics':
        metrics?.receive(from, message.snapshot);
        break;
      case 'scrape':
        void metrics?.expose().then((body) => from.send({ type: 'scraped', id: message.id, body }));
        break;
      case 'spent':
        for (const process of supervisor.serving()) if (process !== from) process.send(message);
        break;
    }
  };
  const forkWith =
    (env: NodeJS.ProcessEnv, threads: number): Fork =>
    () => {
      // An arena of glibc's for each thread that could have one holds memory that was freed: 8 MB in a process.
      const process = forkServerProcess({ MALLOC_ARENA_MAX: String(threads), ...env }, hear);
      void process.exited.then(() => metrics?.retire(process));
      return process;
    };

  // Before the start is over, or a signal that comes early would end the process.
  process.on('SIGHUP', () => void reload());
  const started = supervisor.start(config.processes, forkWith(firstEnv, config.threads));
  const reload = oneAtATime(started, async (): Promise<ControlAnswer> => {
    logger.info({}, 'reload begins');
    try {
      const env = readEnvironment(envFile);
      const { processes, threads } = loadConfig(env);
      const { model } = await supervisor.reload(processes, forkWith(env, threads));
      metrics?.reloaded('done');
      logger.info({ model, processes }, 'reload done');
      return { ok: true };
    } catch (error) {
      const { message } = error as Error;
      metrics?.reloaded('failed');
      logger.error({ reason: message }, 'reload failed: the old server processes stay');
      return { ok: false, message };
    }
  });

  const { createMergedMetrics } = await import('./merged-metrics.js');
  metrics = createMergedMetrics(() => supervisor.serving());
  const { port, model } = await started;
  const control = await listenForReload(config, logger, reload);
  const { host, processes, threads } = config;
  logger.info({ host, port, processes, threads, model }, 'ready');

  const exitCode = await stop.requested;
  control?.close();
  const inOrder = await supervisor.stop();
  logger.info({}, 'stopped');
  return inOrder ? exitCode : 1;
}

/** Calls while the action is under way, or before `start` is over, share the next run of it. */
function oneAtATime<T>(start: Promise<unknown>, action: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = start.catch(() => {});
  let next: Promise<T> | undefined;
  return () => {
    if (next !== undefined) return next;
    const run = last.then(() => {
      next = undefined;
      return action();
    });
    last = run;
    next = run;
    return run;
  };
}

async function listenForReload(
  { controlSocket }: Config,
  logger: Logger,
  reload: () => Promise<ControlAnswer>,
): Promise<{ close(): void } | undefined> {
  if (controlSocket === undefined) return undefined;
  try {
    return await openControlSocket(controlSocket, reload);
  } catch (error) {
    logger.warn(
      { reason: (error as Error).message },
      'no control socket: SIGHUP reloads, rutox reload cannot (RUTOX_CONTROL_SOCKET)',
    );
    return undefined;
  }
}
