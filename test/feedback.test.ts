import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MAX_KEPT, openFeedback } from '../src/feedback.js';
import { packageRoot } from '../src/package-root.js';
import { spawnServer } from './fixtures/server-process.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-feedback-'));
  file = join(folder, 'feedback.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = () =>
  readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n: number }),
  );

test('each suggestion is a line, in their order', async () => {
  const feedback = await openFeedback(file);
  await Promise.all(Array.from({ length: 50 }, (_, n) => feedback.append({ n })));
  expect(lines().map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('a full file is set aside, and the newest are kept', async () => {
  const feedback = await openFeedback(file, 40);
  for (let n = 0; n < 60; n += 1) await feedback.append({ n, text: 'о'.repeat(5) });
  const names = readdirSync(folder);
  expect(names.length).toBeLessThanOrEqual(MAX_KEPT + 1);
  expect(names).toContain('feedback.jsonl');
  expect(Math.max(...lines().map(({ n }) => n))).toBe(59);
});

test('several processes write at once, and nothing is lost or torn', async () => {
  const script = `
    import { openFeedback } from ${JSON.stringify(join(packageRoot, 'dist', 'src', 'feedback.js'))};
    const [, file, from] = process.argv;
    const feedback = await openFeedback(file, 30_000);
    for (let n = 0; n < 300; n += 1) await feedback.append({ n: Number(from) + n, text: 'слово '.repeat(20) });`;
  const run = (from: number) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, file, String(from)]);
  await Promise.all([run(0), run(1000)]);
  const numbers = lines().map(({ n }) => n);
  expect(new Set(numbers).size).toBe(numbers.length);
  // The oldest files are dropped; the newest line of each process is there.
  expect(numbers).toEqual(expect.arrayContaining([299, 1299]));
  expect(readdirSync(folder).length).toBeLessThanOrEqual(MAX_KEPT + 2);
});

test('a file that cannot be written stops the start', async () => {
  mkdirSync(file);
  const { code, stderr } = await spawnServer({ RUTOX_FEEDBACK_FILE: file }).exit;
  expect([code, stderr]).toEqual([1, `rutox: RUTOX_FEEDBACK_FILE=${file}: cannot be written (EISDIR)\n`]);
});

test('a file that can no longer be written is told to who suggests', async () => {
  const feedback = await openFeedback(file);
  rmSync(file);
  mkdirSync(file);
  chmodSync(file, 0o700);
  await expect(feedback.append({ n: 1 })).rejects.toThrow('EISDIR');
  rmSync(file, { recursive: true });
  await feedback.append({ n: 2 });
  expect(lines()).toEqual([{ n: 2 }]);
});
