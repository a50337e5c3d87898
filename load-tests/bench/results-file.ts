import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Machine } from './machine.js';
import { significant, table, whole } from './markdown.js';
import { isMet, type Section } from './section.js';

/** Everything that one run found out. */
export interface Report {
  readonly machine: Machine;
  readonly model: { readonly version: string; readonly file: string; readonly bytes: number };
  readonly data: { readonly name: string; readonly comments: number; readonly meanCharacters: number };
  readonly sections: readonly Section[];
}

/** The report as Markdown, for the terminal and for RESULTS.md. */
export function render({ machine, model, data, sections }: Report): string {
  const checks = sections.flatMap((section) => section.checks);
  const rows = checks.map((check) => [
    check.what,
    significant(check.value),
    `${check.better === 'higher' ? '≥' : '≤'} ${check.target}`,
    isMet(check) ? 'met' : 'not met',
  ]);
  return [
    `${machine.cpu}, ${machine.cpus} CPUs, ${machine.system}; Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}; load before the run ${machine.loadBefore.toFixed(1)}.`,
    `Model ${model.version} (${model.file}, ${whole(model.bytes)} bytes); ${whole(data.comments)} distinct comments of ${data.name}, ${whole(data.meanCharacters)} characters on average.`,
    '## Targets',
    table(['', 'measured', 'target', ''], rows),
    ...sections.flatMap(({ title, body }) => [`## ${title}`, body]),
  ].join('\n\n');
}

/** load-tests/RESULTS.md: figures and how they were taken. */
export function resultsFile(report: Report): string {
  return `# Results

Written by \`npm run bench -- --write\`; every figure below comes from that one run. Figures are medians over rounds in which
the sides take turns, with quartiles in brackets; ratios are taken round by round, so that other work on the machine
slows both sides of a pair. Servers are real processes, and load generator and servers share the CPUs. Comments
come in a random order with a fixed seed.

${render(report)}
`;
}

const FILE = join(packageRoot, 'load-tests', 'RESULTS.md');
const FAULTS = '## Faults\n';

/** Writes one part of load-tests/RESULTS.md and keeps the other: what `npm run bench` found, then what `npm run faults` did. */
export async function replacePart(part: 'bench' | 'faults', text: string): Promise<void> {
  const [bench = '', faults] = (await readFile(FILE, 'utf8')).split(FAULTS);
  const parts = part === 'bench' ? [text, faults] : [bench, text];
  const kept = parts.filter((each) => each !== undefined).map((each) => each.trim());
  await writeFile(FILE, `${kept.join(`\n\n${FAULTS}\n`)}\n`);
}
