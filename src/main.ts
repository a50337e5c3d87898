#!/usr/bin/env node
import cluster from 'node:cluster';
import { EXIT } from './commands/exit-codes.js';
import { ConfigError } from './config.js';
import { CommandError } from './records/record.js';

try {
  await run();
} catch (error) {
  // One line for the operator; Node's own messages go on with a stack of requires.
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  console.error(`rutox: ${line}`);
  process.exitCode = error instanceof ConfigError || error instanceof CommandError ? EXIT.usage : EXIT.failed;
}

async function run(): Promise<void> {
  // A server process under a primary reads no command line, and does not load what reads one.
  if (cluster.isWorker) return await (await import('./commands/serve.js')).serve();
  const { commandLine } = await import('./commands/program.js');
  await commandLine().parseAsync();
}
