import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { disableTelemetry, loadConfig } from '../config.js';
import { usableCpus } from '../cpus.js';
import type { OfflineEngine } from '../inference/offline-engine.js';
import { ENCODINGS, type Encoding } from '../records/encoding.js';
import { FORMATS, type Format } from '../records/record.js';

/** What the commands that score a whole file have in common. */
export interface ScoringOptions {
  readonly format?: Format;
  readonly encoding?: Encoding;
  readonly model?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const MAX_THREADS = 256;

export function withScoringOptions(command: Command, formats: readonly Format[] = FORMATS): Command {
  return command
    .addOption(new Option('--format <format>', 'default: by the ending of the file').choices(formats))
    .addOption(
      new Option('--encoding <encoding>', 'default: told by the start of the file').choices(ENCODINGS),
    )
    .option('--model <folder>', 'model directory; default: RUTOX_MODEL_DIR, else the one that rutox brings')
    .option('--threads <number>', 'inference threads; default: the CPUs that may be used', threadsFrom);
}

/** Opens the model with its threads. */
export async function openEngine({ model, threads }: ScoringOptions): Promise<OfflineEngine> {
  const modelDir = model === undefined ? loadConfig().modelDir : resolve(model);
  // Before any other thread starts.
  disableTelemetry();
  const { openOfflineEngine } = await import('../inference/offline-engine.js');
  return openOfflineEngine(modelDir, threads ?? usableCpus());
}

function threadsFrom(text: string): number {
  const threads = Number(text);
  if (!/^\d+$/.test(text) || threads < 1 || threads > MAX_THREADS) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${MAX_THREADS}.`);
  }
  return threads;
}

export function fractionFrom(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('must be a number from 0 to 1.');
  }
  return value;
}

export function nonEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('must not be empty.');
  return value;
}
