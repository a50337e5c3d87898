import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, loadavg, release, type } from 'node:os';
import { usableCpus } from '../../src/cpus.js';

/** What a figure means little without. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** Processes that wanted a CPU in the minute before, on average: other work makes figures worse. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'an unknown CPU',
    cpus: usableCpus(),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    onnxruntime: versionOf('onnxruntime-node'),
    loadBefore: loadavg()[0] ?? NaN,
  };
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
