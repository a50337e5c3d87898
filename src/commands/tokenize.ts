import type { Command } from 'commander';
import type { Token } from '../text/tokenize.js';
import { exitCodesHelp } from './exit-codes.js';
import { convertRecords, withRecordOptions, type RecordOptions } from './records.js';

interface TokenizeOptions extends RecordOptions {
  readonly offsets?: boolean;
}

/** Adds `rutox tokenize [file]`: one JSON line with the tokens of each text. */
export function registerTokenize(program: Command): void {
  withRecordOptions(program.command('tokenize'))
    .description('split the texts of a file into tokens')
    .option('--offsets', 'also write where each token stands in the text (UTF-16 units)')
    .addHelpText(
      'after',
      `
Shows what disguises are undone: one JSON line for each text, {"tokens": ["привет", "мир"]}.

${exitCodesHelp('done', 'failed', 'usage')}
Examples:
  echo "Прив3т, м.и.р" | rutox tokenize --format lines
  rutox tokenize comments.csv --offsets --output tokens.jsonl
`,
    )
    .action(async (file: string | undefined, options: TokenizeOptions) => {
      // Not at the top: the server, which has this command too, starts sooner without.
      const { tokenize } = await import('../text/tokenize.js');
      await convertRecords(file, options, (text) => line(tokenize(text), options.offsets === true));
    });
}

function line(tokens: readonly Token[], offsets: boolean): string {
  const texts = tokens.map((token) => token.text);
  return JSON.stringify(
    offsets ? { tokens: texts, spans: tokens.map(({ start, end }) => [start, end]) } : { tokens: texts },
  );
}
