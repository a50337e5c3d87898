import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from './run-cli.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('rutox tokenize', () => {
  it('writes a line of tokens for each row of a CSV', async () => {
    const csv = file('a.csv', '\uFEFFid,comment\r\n1,"Привет, мир"\r\n2,""\r\n3,"в две\nстроки"\r\n');
    const { code, stdout, stderr } = await runCli(['tokenize', csv]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('{"tokens":["привет",",","мир"]}\n{"tokens":[]}\n{"tokens":["в","две","строки"]}\n');
  });

  it('reads JSON lines from standard input and says where tokens stand', async () => {
    const input = '\uFEFF{"text":"Ты xуй!!"}\n\n{"id":2,"text":""}\n';
    const { code, stdout } = await runCli(['tokenize', '-', '--format', 'jsonl', '--offsets'], input);
    expect(code).toBe(0);
    expect(stdout).toBe(
      '{"tokens":["ты","хуй","!!"],"spans":[[0,2],[3,6],[6,8]]}\n{"tokens":[],"spans":[]}\n',
    );
  });

  it('takes another column, another field, another format than the ending says, and writes to a file', async () => {
    const output = join(folder, 'out.jsonl');
    const csv = file('b.txt', 'text,label\nда,1\n');
    expect(
      await runCli(['tokenize', csv, '--format', 'csv', '--column', 'text', '--output', output]),
    ).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(output, 'utf8')).toBe('{"tokens":["да"]}\n');
    const jsonl = file('b.jsonl', '{"comment":"нет"}');
    expect((await runCli(['tokenize', jsonl, '--field', 'comment'])).stdout).toBe('{"tokens":["нет"]}\n');
  });

  it('writes nothing for a CSV with a header only', async () => {
    expect(await runCli(['tokenize', '--format', 'csv'], 'comment\n')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('keeps rows in order when there are many', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${'слово '.repeat(i % 7)}конец`);
    const { stdout } = await runCli(['tokenize', '--format', 'csv'], `comment\n${rows.join('\n')}\n`);
    const counts = stdout.trimEnd().split('\n');
    expect(counts.map((line) => (JSON.parse(line) as { tokens: string[] }).tokens.length)).toEqual(
      rows.map((_, i) => (i % 7) + 1),
    );
  });

  it('ends quietly when its reader has gone', async () => {
    const csv = file('long.csv', `comment\n${'слово слово слово\n'.repeat(100_000)}`);
    const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
    const child = spawn(process.execPath, [main, 'tokenize', csv]);
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('rutox tokenize says in one line what is wrong', () => {
  const SECRET = 'никому не показывать';

  it.each<[string, string[], string, string]>([
    ['no format', [], '', 'standard input: say its format: --format csv, tsv, jsonl or lines'],
    ['no file', ['none.csv'], '', 'none.csv: no such file or directory'],
    ['no JSON lines file', ['none.jsonl'], '', 'none.jsonl: no such file or directory'],
    ['a folder', ['.', '--format', 'csv'], '', '.: is a directory'],
    ['a folder of JSON lines', ['.', '--format', 'jsonl'], '', '.: is a directory'],
    ['an empty CSV', ['--format', 'csv'], '', 'standard input: no header line'],
    [
      'a missing column',
      ['--format', 'csv'],
      'id,text\n',
      'standard input: no column "comment"; its columns: id, text',
    ],
    [
      'no header',
      ['--format', 'csv'],
      `${SECRET.repeat(3)},1\n`,
      'standard input: no column "comment"; its columns: (a long one), 1',
    ],
    [
      'a row of another length',
      ['--format', 'csv'],
      `comment,id\nда,1\n${SECRET}\n`,
      'standard input: line 3: 1 field(s) where the header has 2',
    ],
    [
      'a quote in the middle',
      ['--format', 'csv'],
      `comment,id\n"да" ${SECRET},1\n`,
      'standard input: line 2: a quote is closed in the middle of a field',
    ],
    [
      'an open quote',
      ['--format', 'csv'],
      `comment,id\n"${SECRET}`,
      'standard input: line 2: a quote is not closed',
    ],
    ['no JSON', ['--format', 'jsonl'], `{"text":""}\n{${SECRET}`, 'standard input: line 2: not JSON'],
    ['no object', ['--format', 'jsonl'], 'null', 'standard input: line 1: not a JSON object'],
    [
      'no text',
      ['--format', 'jsonl'],
      `{"text":null,"comment":"${SECRET}"}`,
      'standard input: line 1: no text in the field "text"',
    ],
    [
      'an output in no folder',
      ['--format', 'jsonl', '--output', '/no/such/folder/out'],
      '{"text":""}',
      '/no/such/folder/out: no such file or directory',
    ],
  ])('%s', async (_, args, input, message) => {
    const { code, stderr } = await runCli(['tokenize', ...args], input);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `rutox: ${message}\n` });
  });

  it('and leaves an older output as it is', async () => {
    const output = file('kept.jsonl', 'kept');
    expect((await runCli(['tokenize', 'none.csv', '--output', output])).code).toBe(2);
    expect(readFileSync(output, 'utf8')).toBe('kept');
  });
});
