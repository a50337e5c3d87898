import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { disableTelemetry } from '../../src/config.js';
import { usableCpus } from '../../src/cpus.js';
import { servedFile } from '../../src/model/manifest.js';
import { verifyModel } from '../../src/model/verify.js';
import { defaultModelDir, packageRoot } from '../../src/package-root.js';
import { Generators } from '../load/generators.js';
import { engine } from '../parts/engine.js';
import { footprint } from '../parts/footprint.js';
import { http } from '../parts/http.js';
import { load } from '../parts/load.js';
import { oversubscription } from '../parts/oversubscription.js';
import { scaling } from '../parts/scaling.js';
import { cycle, readComments } from './comments.js';
import { describeMachine } from './machine.js';
import { render, replacePart, resultsFile, type Report } from './results-file.js';
import type { Bench, Part, Section } from './section.js';

const PARTS: Readonly<Record<string, Part>> = { engine, http, scaling, oversubscription, load, footprint };

interface Options {
  readonly data: string;
  readonly model: string;
  readonly only: readonly string[];
  readonly rounds?: number;
  readonly json?: true;
  readonly write?: true;
}

const SEED = 1;

/** Enough for no server to remember answers, few enough to build anew for every run. */
const MAX_GROUPS = 2048;
const MAX_COMMENTS = 8192;

const program = new Command('npm run bench --')
  .description('how fast rutox is, beside others in the same run; takes about ten minutes')
  .option('--data <file>', 'CSV with a column "comment"', join(packageRoot, 'data', 'sample.csv'))
  .option('--model <folder>', 'model directory', defaultModelDir)
  .option('--only <parts>', `some of ${Object.keys(PARTS).join(',')}`, parseParts, Object.keys(PARTS))
  .option('--rounds <count>', 'how often each side has its turn; else as many as suit the part', parseCount)
  .option('--json', 'print the figures as JSON')
  .option('--write', 'write load-tests/RESULTS.md and its plots')
  .action(main);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
try {
  await program.parseAsync();
} catch (error) {
  // What is wrong with a file or a model is one line.
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.write && options.only.length < Object.keys(PARTS).length)
    throw new Error('--write needs all parts: the file holds one run');
  const report = await bench(options);
  console.log(options.json ? JSON.stringify(report, null, 2) : render(report));
  if (!options.write) return;
  const folder = join(packageRoot, 'load-tests');
  await replacePart('bench', resultsFile(report));
  await mkdir(join(folder, 'plots'), { recursive: true });
  for (const [name, svg] of report.sections.flatMap(({ plots }) => Object.entries(plots)))
    await writeFile(join(folder, 'plots', `${name}.svg`), svg);
}

async function bench({ data, model: modelDir, only, rounds }: Options): Promise<Report> {
  const machine = describeMachine();
  const comments = await readComments(data);
  const source = cycle(comments, SEED);
  const model = await verifyModel(modelDir);
  const { manifest } = model;
  disableTelemetry();
  const cpus = usableCpus();
  const generators = new Generators(Math.ceil(cpus / 4));
  const context: Bench = {
    comments,
    source,
    modelDir,
    model,
    cpus,
    generators,
    groups: (size) =>
      Array.from({ length: Math.min(MAX_GROUPS, Math.ceil(MAX_COMMENTS / size)) }, () => source(size)),
    rounds: (usual) => rounds ?? usual,
    say: (line) => console.error(line),
  };
  const sections: Section[] = [];
  try {
    for (const name of only) sections.push(await PARTS[name]!(context));
  } finally {
    generators.close();
  }
  const file = servedFile(manifest);
  return {
    machine,
    model: { version: manifest.version, file, bytes: manifest.files[file]!.bytes },
    data: {
      name: basename(data),
      comments: comments.length,
      meanCharacters: comments.reduce((sum, { length }) => sum + length, 0) / comments.length,
    },
    sections,
  };
}

function parseParts(text: string): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`no part "${unknown}".`);
  return names;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('must be a whole number above 0.');
  return count;
}
