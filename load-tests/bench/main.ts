import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { disableTelemetry } from '../../src/config.js';
import { servedFile } from '../../src/model/manifest.js';
import { verifyModel } from '../../src/model/verify.js';
import { packageRoot } from '../../src/package-root.js';
import { cycle, readComments } from './comments.js';
import { openEngine } from './engine.js';
import { describeMachine } from './machine.js';
import { playRounds, warmUp, type Turn } from './measure.js';
import { lineOf, ratioOf, render, type Report } from './report.js';
import { resultsFile } from './results-file.js';

interface Options {
  readonly data: string;
  readonly model: string;
  readonly rounds: number;
  readonly json?: true;
  readonly write?: true;
}

const BATCH_SIZES = [32, 64];
const SEED = 1;

const program = new Command('npm run bench --')
  .description(
    "the whole path from texts to scores on one core, against the predecessor's CNN in the same runtime",
  )
  .option('--data <file>', 'CSV with a column "comment"', join(packageRoot, 'data', 'sample.csv'))
  .option('--model <folder>', 'model directory', join(packageRoot, 'models', 'v1.0'))
  .option('--rounds <count>', 'how often each side has its turn', parseCount, 60)
  .option('--json', 'print the figures as JSON')
  .option('--write', 'write load-tests/RESULTS.md')
  .action(main);

try {
  await program.parseAsync();
} catch (error) {
  // What is wrong with a file or a model is one line.
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const report = await bench(options);
  console.log(options.json ? JSON.stringify(report, null, 2) : render(report));
  if (options.write) await writeFile(join(packageRoot, 'load-tests', 'RESULTS.md'), resultsFile(report));
}

async function bench({ data, model: modelDir, rounds }: Options): Promise<Report> {
  const machine = describeMachine();
  const comments = await readComments(data);
  const source = cycle(comments, SEED);
  const verified = await verifyModel(modelDir);
  const { manifest } = verified;

  disableTelemetry();
  const engine = await openEngine(verified);
  // Imported here because ONNX Runtime must not be loaded before its telemetry is off.
  const { openPredecessor } = await import('./predecessor.js');
  const predecessor = await openPredecessor(join(packageRoot, 'load-tests', 'bench', 'predecessor.onnx'));

  const turns: Turn[] = [];
  for (const contender of [engine.wholePath, predecessor, engine.textPipeline]) {
    console.error(`warming up: ${contender.name}`);
    turns.push(await warmUp(contender, BATCH_SIZES, source));
  }
  // Each comment once: a word is new only the first time.
  turns.push({
    contender: engine.newWords,
    batchSize: comments.length,
    batches: () => [source(comments.length)],
  });

  console.error(`${rounds} rounds`);
  const measured = await playRounds(turns, rounds);
  const file = servedFile(manifest);
  return {
    machine,
    model: { version: manifest.version, file, bytes: manifest.files[file]!.bytes },
    data: {
      name: basename(data),
      comments: comments.length,
      meanCharacters: comments.reduce((sum, { length }) => sum + length, 0) / comments.length,
    },
    rounds,
    lines: turns.map(({ contender, batchSize }, index) =>
      lineOf(contender.name, batchSize, measured[index]!),
    ),
    ratio: ratioOf(measured[1]!, measured[0]!),
  };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('must be a whole number above 0.');
  return count;
}
