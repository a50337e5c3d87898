import { Command } from 'commander';
import { packageVersion } from '../package-root.js';
import { registerClassify } from './classify.js';
import { registerCompletion } from './completion.js';
import { registerEncode } from './encode.js';
import { registerEvaluate } from './evaluate.js';
import { EXIT } from './exit-codes.js';
import { registerModel } from './model.js';
import { registerReload } from './reload.js';
import { registerServe } from './serve.js';
import { registerTokenize } from './tokenize.js';

/** The command line: `rutox` with all its commands. A usage error ends the process. */
export function commandLine(): Command {
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
  return program;
}
