import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';

/** Every command of docs/command-line.md, in its order, in one folder. */

jest.setTimeout(120_000);

const document = readFileSync(join(packageRoot, 'docs', 'command-line.md'), 'utf8');
/** Each block of commands, with the output that is printed below the block. */
const blocks = [...document.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map(
  ([, commands, output]) => ({ commands: commands!, output }),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-docs-'));
  copyFileSync(join(packageRoot, 'data', 'sample.csv'), join(folder, 'comments.csv'));
  const main = join(packageRoot, 'dist', 'src', 'main.js');
  writeFileSync(join(folder, 'rutox'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('docs/command-line.md', () => {
  it('has commands', () => expect(blocks.length).toBeGreaterThan(8));

  it.each(blocks)('$commands', ({ commands, output }) => {
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect({ status, stderr: stderr.replaceAll(/^rutox: .* rows\/s\n/gm, '') }).toEqual({
      status: 0,
      stderr: '',
    });
    const shape = (text: string) => text.replaceAll(/[\d.,]+/g, '#');
    if (output !== undefined) expect(shape(stdout + stderr)).toBe(shape(output));
  });
});
