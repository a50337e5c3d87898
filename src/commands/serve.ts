import cluster from 'node:cluster';
import type { Command } from 'commander';
import {
  describeSettings,
  disableTelemetry,
  exportOpenTelemetry,
  loadConfig,
  readEnvironment,
} from '../config.js';
import { exitCodesHelp } from './exit-codes.js';
import { createLogger } from '../logger.js';

interface Options {
  readonly envFile?: string;
}

const HELP = `${exitCodesHelp('stopped', 'failed', 'usage')}
Examples:
  rutox serve
  PORT=9000 RUTOX_PROCESSES=2 rutox serve
  rutox serve --env-file rutox.env
`;

/** `rutox serve`. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the HTTP API until SIGTERM or SIGINT; SIGHUP reloads the model and the settings')
    .option('--env-file <file>', 'settings as NAME=value, read again at every reload; the environment wins')
    .addHelpText('after', () => `\n${describeSettings()}\n${HELP}`)
    .action(serve);
}

/** Serves until it is asked to stop. A server process has the settings of the primary's file in its environment. */
export async function serve({ envFile }: Options = {}): Promise<void> {
  const env = readEnvironment(envFile);
  const config = loadConfig(env);
  disableTelemetry();
  const logger = createLogger(config.logLevel);
  // Not at the top: no other command should wait for Express and the rest to load, nor the primary.
  if (cluster.isPrimary && config.processes > 1) {
    const { runPrimary } = await import('../cluster/primary.js');
    process.exitCode = await runPrimary({ config, env, logger, envFile });
  } else {
    exportOpenTelemetry(env);
    const { runServer } = await import('../run-server.js');
    process.exitCode = await runServer({ config, logger });
  }
}
