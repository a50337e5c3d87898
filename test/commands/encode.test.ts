import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Encoder } from '../../src/text/encode.js';
import { runCli } from './run-cli.js';

const vocabulary = {
  format: 1 as const,
  words: ['<unk>', 'ты', '!'],
  ngrams: { min: 3, max: 5, buckets: 100 },
};
let folder: string;
let vocab: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-'));
  vocab = file('vocab.json', JSON.stringify(vocabulary));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function line(text: string, subwords: 'unknown' | 'all'): string {
  const { units, starts } = new Encoder(vocabulary).encode(text, { subwords });
  const bags = Array.from({ length: starts.length - 1 }, (_, i) =>
    Array.from(units.subarray(starts[i], starts[i + 1])),
  );
  return `${JSON.stringify({ units: bags })}\n`;
}

describe('rutox encode', () => {
  it('writes the rows of each token', async () => {
    const csv = file('a.csv', 'comment\nТы дурак!\n""\n');
    expect(await runCli(['encode', csv, '--vocab', vocab])).toEqual({
      code: 0,
      stdout: line('Ты дурак!', 'unknown') + '{"units":[]}\n',
      stderr: '',
    });
  });

  it('writes the n-grams of known words too when asked', async () => {
    const args = ['encode', '--format', 'jsonl', '--vocab', vocab, '--subwords', 'all'];
    expect((await runCli(args, '{"text":"Ты!"}')).stdout).toBe(line('Ты!', 'all'));
  });

  it.each([
    ['none.json', undefined, 'no such file'],
    ['broken.json', '{', 'not JSON'],
    ['wrong.json', '{"format":1,"words":[]}', 'vocabulary: words lacks <unk>'],
  ])('says in one line what is wrong with %s', async (name, content, message) => {
    const path = content === undefined ? join(folder, name) : file(name, content);
    const { code, stderr } = await runCli(['encode', '--vocab', path, '--format', 'csv'], 'comment\n');
    expect({ code, stderr }).toEqual({ code: 2, stderr: `rutox: ${path}: ${message}\n` });
  });
});
