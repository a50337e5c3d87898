#!/usr/bin/env node
import { Command } from 'commander';
import { registerClassify } from './commands/classify.js';
import { registerEvaluate } from './commands/evaluate.js';
import { registerCompletion } from './commands/completion.js';
import { registerModel } from './commands/model.js';
import { registerEncode } from './commands/encode.js';
import { registerReload } from './commands/reload.js';
import { registerServe } from './commands/serve.js';
import { registerTokenize } from './commands/tokenize.js';
import { EXIT } from './commands/exit-codes.js';
import { ConfigError } from './config.js';
import { packageVersion } from './package-root.js';
import { CommandError } from './records/record.js';

const program = new Command('rutox')
  .description('Moderation of Russian comments: toxicity scores from a small model, on plain CPUs')
  .version(packageVersion())
  // Inherited by the commands below.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.done : EXIT.usage));
registerServe(program);
registerReload(program);
registerTokenize(program);
registerEncode(program);
registerClassify(program);
registerEvaluate(program);
registerModel(program);
registerCompletion(program);

try {
  await program.parseAsync();
} catch (error) {
  // One line for the operator; Node's own messages go on with a stack of requires.
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  console.error(`rutox: ${line}`);
  process.exitCode = error instanceof ConfigError || error instanceof CommandError ? EXIT.usage : EXIT.failed;
}
