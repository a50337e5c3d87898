import type { Command } from 'commander';
import { tokenize } from '../text/tokenize.js';
import { convertRecords, withRecordOptions, type RecordOptions } from './records.js';

interface TokenizeOptions extends RecordOptions {
  readonly offsets?: boolean;
}

/** Adds `rutox tokenize [file]`: one JSON line with the tokens of each text. */
export function registerTokenize(program: Command): void {
  withRecordOptions(program.command('tokenize'))
    .description('split the texts of a CSV or JSON lines file into tokens')
    .option('--offsets', 'also write where each token stands in the text (UTF-16 units)')
    .action(async (file: string | undefined, options: TokenizeOptions) => {
      await convertRecords(file, options, (text) => tokenizeLine(text, options.offsets === true));
    });
}

function tokenizeLine(text: string, offsets: boolean): string {
  const tokens = tokenize(text);
  const texts = tokens.map((token) => token.text);
  return JSON.stringify(
    offsets ? { tokens: texts, spans: tokens.map(({ start, end }) => [start, end]) } : { tokens: texts },
  );
}
