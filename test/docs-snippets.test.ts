import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';
import { startServer, type ReadyServer } from './contract/server.js';

/** Every program in these pages is run, and prints what the block below it says. */

jest.setTimeout(60_000);

let server: ReadyServer;
let project: string;
beforeAll(async () => {
  server = await startServer();
  project = mkdtempSync(join(tmpdir(), 'rutox-docs-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(packageRoot, join(project, 'node_modules', 'rutox'));
});
afterAll(async () => {
  await server.stop();
  rmSync(project, { recursive: true });
});

describe.each(['docs/client.md', 'docs/library.md'])('%s', (page) => {
  const text = readFileSync(join(packageRoot, page), 'utf8');
  const programs = [...text.matchAll(/^```js\n(.*?)^```\n\n```text\n(.*?)^```$/gms)].map(
    ([, program, output]) => ({ program: program!, output: output! }),
  );

  it('has programs, and says of each what it prints', () => {
    expect(programs.length).toBeGreaterThan(2);
    expect(text.match(/^```js$/gm)).toHaveLength(programs.length);
  });

  it.each(programs)('prints what it says: $output', async ({ program, output }) => {
    const file = join(project, 'program.mjs');
    writeFileSync(file, program.replaceAll('http://localhost:8000', server.url));
    const env = { PATH: process.env['PATH'] };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: project, env });
    expect([stdout, stderr]).toEqual([output, '']);
  });
});
