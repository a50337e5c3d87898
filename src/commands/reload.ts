import type { Command } from 'commander';
import { exitCodesHelp } from './exit-codes.js';
import { ConfigError, loadConfig, readEnvironment } from '../config.js';

/** `rutox reload`. */
export function registerReload(program: Command): void {
  program
    .command('reload')
    .description(
      'make the server on this machine take its model directory and settings as they are now; waits until it has, and fails if it could not',
    )
    .option('--env-file <file>', 'the file that the server was started with')
    .addHelpText(
      'after',
      `
${exitCodesHelp('done', 'failed', 'usage')}
Examples:
  rutox reload
  rutox reload --env-file rutox.env
`,
    )
    .action(reload);
}

async function reload({ envFile }: { envFile?: string }): Promise<void> {
  const { controlSocket } = loadConfig(readEnvironment(envFile));
  if (controlSocket === undefined) {
    throw new ConfigError('RUTOX_CONTROL_SOCKET: is off, or PORT is 0; say which server to reload');
  }
  const { requestReload } = await import('../cluster/control-socket.js');
  await requestReload(controlSocket);
  console.log('reloaded');
}
