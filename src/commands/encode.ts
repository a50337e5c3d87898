import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { ModelError, readModelJson, VOCABULARY_FILE } from '../model/files.js';
import { packageRoot } from '../package-root.js';
import type { Encoded, Encoder, Subwords } from '../text/encode.js';
import { CommandError } from '../records/record.js';
import { exitCodesHelp } from './exit-codes.js';
import { convertRecords, withRecordOptions, type RecordOptions } from './records.js';

interface EncodeOptions extends RecordOptions {
  readonly vocab: string;
  readonly subwords: Subwords;
}

/** Adds `rutox encode [file]`: one JSON line with the embedding rows of each text's tokens. */
export function registerEncode(program: Command): void {
  withRecordOptions(program.command('encode'))
    .description("turn the texts of a file into the model's input")
    .addOption(
      new Option('--vocab <file>', 'vocabulary of the model').default(
        join(packageRoot, 'models', 'v1.1', VOCABULARY_FILE),
        `models/v1.1/${VOCABULARY_FILE} of rutox`,
      ),
    )
    .addOption(
      new Option('--subwords <which>', 'n-grams of unknown words (serving) or of all (training)')
        .choices(['unknown', 'all'])
        .default('unknown'),
    )
    .addHelpText(
      'after',
      `
For training: one JSON line for each text, {"units": [[12], [40001, 40233]]}, the embedding rows of its tokens.

${exitCodesHelp('done', 'failed', 'usage')}
Examples:
  rutox encode comments.csv --output units.jsonl
  rutox encode comments.csv --subwords all --vocab models/ours/vocab.json
`,
    )
    .action(async (file: string | undefined, options: EncodeOptions) => {
      const encoder = await loadEncoder(options.vocab);
      await convertRecords(file, options, (text) => encodedLine(encoder.encode(text, options)));
    });
}

async function loadEncoder(file: string): Promise<Encoder> {
  // Not at the top: the server, which has this command too, starts sooner without.
  const [{ Encoder }, { parseVocabulary }] = await Promise.all([
    import('../text/encode.js'),
    import('../text/vocabulary.js'),
  ]);
  try {
    return new Encoder(parseVocabulary(await readModelJson(file)));
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(error instanceof ModelError ? message : `${file}: ${message}`, { cause: error });
  }
}

/** `{"units": [[12], [40001, 40233]]}`: the rows of each token. */
function encodedLine({ units, starts }: Encoded): string {
  const bags: string[] = [];
  for (let i = 0; i + 1 < starts.length; i += 1)
    bags.push(`[${units.subarray(starts[i], starts[i + 1]).join(',')}]`);
  return `{"units":[${bags.join(',')}]}`;
}
