#!/usr/bin/env node
import { EXIT } from './commands/exit-codes.js';
import { commandLine } from './commands/program.js';
import { ConfigError } from './config.js';
import { CommandError } from './records/record.js';

try {
  await commandLine().parseAsync();
} catch (error) {
  // One line for the operator; Node's own messages go on with a stack of requires.
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  console.error(`rutox: ${line}`);
  process.exitCode = error instanceof ConfigError || error instanceof CommandError ? EXIT.usage : EXIT.failed;
}
