import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import type { Manifest } from '../model/manifest.js';
import { EXIT, exitCodesHelp } from './exit-codes.js';
import { openEngine } from './scoring-options.js';

interface ModelOptions {
  readonly json?: boolean;
}

const FOLDER = 'model directory; default: RUTOX_MODEL_DIR, else the one that rutox brings';

/** `rutox model verify` and `rutox model info`. */
export function registerModel(program: Command): void {
  const model = program.command('model').description('look into a model directory');
  model
    .command('verify')
    .description('check every file against its hash, and that this machine reproduces the golden scores')
    .argument('[folder]', FOLDER)
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      `
${exitCodesHelp('done', 'failed', 'usage')}
Examples:
  rutox model verify
  rutox model verify models/ours --json
`,
    )
    .action(verify);
  model
    .command('info')
    .description('what a model was trained on and is worth, by its manifest; checks no hashes')
    .argument('[folder]', FOLDER)
    .option('--json', 'the manifest as JSON')
    .addHelpText(
      'after',
      `
${exitCodesHelp('done', 'failed', 'usage')}
Examples:
  rutox model info
  rutox model info models/ours --json
`,
    )
    .action(info);
}

async function verify(folder: string | undefined, { json }: ModelOptions): Promise<void> {
  const directory = directoryOf(folder);
  try {
    // A thread takes up its work only after it has reproduced the golden scores.
    const engine = await openEngine({ model: directory, threads: 1 });
    await engine.close();
    const { version, files } = engine.manifest;
    const count = Object.keys(files).length;
    console.log(
      json === true
        ? JSON.stringify({ ok: true, version, files: count })
        : `${directory}: version ${version}, ${count} files as listed, golden scores reproduced`,
    );
  } catch (error) {
    if (json !== true) throw error;
    console.log(JSON.stringify({ ok: false, error: (error as Error).message.split('\n', 1)[0] }));
    process.exitCode = EXIT.failed;
  }
}

async function info(folder: string | undefined, { json }: ModelOptions): Promise<void> {
  const directory = directoryOf(folder);
  const { readManifest } = await import('../model/manifest.js');
  const manifest = await readManifest(directory);
  process.stdout.write(
    json === true ? `${JSON.stringify(manifest, null, 2)}\n` : describe(directory, manifest),
  );
}

function directoryOf(folder: string | undefined): string {
  return folder === undefined ? loadConfig().modelDir : resolve(folder);
}

function describe(directory: string, manifest: Manifest): string {
  const {
    version,
    created,
    git_commit: commit,
    model,
    files,
    dataset,
    policies,
    default_policy: chosen,
  } = manifest;
  const served = model[model.served];
  const lines = [
    ['folder', directory],
    ['version', version],
    ['created', `${created}, commit ${commit}`],
    ['served', `${served}, ${files[served]!.bytes.toLocaleString('en-US')} bytes`],
    ['sha256', files[served]!.sha256],
    ['dataset', `${dataset.name}, ${dataset.rows.total.toLocaleString('en-US')} comments`],
    ...Object.entries(policies).map(([name, { threshold, precision, recall }]) => [
      name,
      `threshold ${threshold}, precision ${precision}, recall ${recall}${name === chosen ? ' (default)' : ''}`,
    ]),
    ...Object.entries(manifest.metrics[model.served]).map(([name, value]) => [name, String(value)]),
  ];
  const width = Math.max(...lines.map(([name]) => name!.length));
  return lines.map(([name, value]) => `${name!.padEnd(width)}  ${value}\n`).join('');
}
