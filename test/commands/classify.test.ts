import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { packageRoot } from '../../src/package-root.js';
import { runCli } from './run-cli.js';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const SAMPLE = join(packageRoot, 'data', 'sample.csv');

// Each test starts processes that load the model.
jest.setTimeout(120_000);

let folder: string;
/** 9,930 rows, one of them bad, with quotes and line breaks. */
let many: string;
/** What an undisturbed run makes of them. */
let whole: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-classify-'));
  const [header, ...rows] = readFileSync(SAMPLE, 'utf8').trimEnd().split('\n');
  many = join(folder, 'many.csv');
  writeFileSync(many, `${header}\n"две\nстроки",1\nплохая\n${`${rows.join('\n')}\n`.repeat(30)}`);
  const output = join(folder, 'whole.csv');
  expect((await runCli(['classify', many, '--output', output])).code).toBe(3);
  whole = readFileSync(output);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts a run, waits until it has written something, and signals it. */
async function interrupted(output: string, signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null> {
  const child = spawn(process.execPath, [MAIN, 'classify', many, '--output', output, '--threads', '1'], {
    stdio: 'ignore',
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  while ((statSync(output, { throwIfNoEntry: false })?.size ?? 0) < 50_000) {
    if (child.exitCode !== null) throw new Error('it ended before it was interrupted');
    await sleep(2);
  }
  child.kill(signal);
  return closed;
}

describe('rutox classify', () => {
  it('adds score and verdict to the rows of a CSV, in their order', async () => {
    const { code, stdout, stderr } = await runCli(['classify', SAMPLE]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^rutox: 331 rows, \d+ toxic, 0 bad; [\d.]+ s, [\d,]+ rows\/s\n$/);
    const rows = parse(stdout, { columns: true }) as Record<string, string>[];
    const input = parse(readFileSync(SAMPLE), { columns: true }) as Record<string, string>[];
    expect(rows.map(({ comment, toxic }) => ({ comment, toxic }))).toEqual(input);
    const right = rows.filter(({ toxic, is_toxic }) => (Number(toxic) === 1) === (is_toxic === 'true'));
    expect(right.length / rows.length).toBeGreaterThan(0.8);
  });

  it('agrees on each comment, whatever the format', async () => {
    const comments = ['Ты дурак', 'Спасибо большое', ''];
    const inputs = {
      csv: `comment\n${comments.map((text) => `"${text}"`).join('\n')}\n`,
      tsv: `comment\tn\n${comments.map((text) => `${text}\t1`).join('\n')}\n`,
      jsonl: comments.map((comment) => JSON.stringify({ text: comment })).join('\n'),
      lines: `${comments.join('\n')}\n`,
    };
    const scores = await Promise.all(
      Object.entries(inputs).map(async ([format, input]) => {
        const { code, stdout } = await runCli(['classify', '--format', format, '--threads', '1'], input);
        expect(code).toBe(0);
        return [...stdout.matchAll(/\b(0(?:\.\d+)?)\W.*?(true|false)/g)].map(([, score, toxic]) => [
          score,
          toxic,
        ]);
      }),
    );
    expect(scores[0]!.map(([, toxic]) => toxic)).toEqual(['true', 'false', 'false']);
    for (const each of scores) expect(each).toEqual(scores[0]);
  });

  it('takes a threshold, a policy, and tells a machine how it went', async () => {
    const input = 'Ты дурак\nСпасибо\n';
    const run = (...args: string[]) => runCli(['classify', '--format', 'lines', '--json', ...args], input);
    const above = await run('--threshold', '1');
    expect(JSON.parse(above.stderr)).toMatchObject({
      rows: 2,
      toxic: 0,
      bad: 0,
      threshold: 1,
      interrupted: false,
    });
    const [low, high] = await Promise.all([run('--policy', 'premoderate'), run('--policy', 'autoban')]);
    const threshold = ({ stderr }: { stderr: string }) =>
      (JSON.parse(stderr) as { threshold: number }).threshold;
    expect(threshold(low)).toBeLessThan(threshold(high));
  });

  it('says where a toxic text is so', async () => {
    const lines = ['ты, "дурак", как дела', 'спасибо'].map((text) => JSON.stringify({ text }));
    const json = await runCli(['classify', '--format', 'jsonl', '--explain'], lines.join('\n'));
    const [toxic, harmless] = json.stdout
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            toxic_score: number;
            spans: { begin: number; end: number; contribution: number }[];
          },
      );
    expect(harmless!.spans).toEqual([]);
    const [worst] = toxic!.spans;
    expect('ты, "дурак", как дела'.slice(worst!.begin, worst!.end)).toBe('дурак');
    expect(worst!.contribution).toBeLessThanOrEqual(toxic!.toxic_score);
    const csv = await runCli(
      ['classify', '--format', 'csv', '--explain'],
      'comment\n"ты, ""дурак"", как дела"\nспасибо\n',
    );
    const rows = parse(csv.stdout, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ spans }) => spans!.split(' ')[0])).toEqual([`${worst!.begin}-${worst!.end}`, '']);
  });

  it('writes Windows-1251 as it was', async () => {
    const cp1251 = Buffer.from('eaeeecece5edf2e0f0e8e93b6e0d0aeff0e8e2e5f23b310d0a', 'hex');
    const file = join(folder, 'cp1251.csv');
    writeFileSync(file, cp1251);
    const output = join(folder, 'cp1251.out.csv');
    expect((await runCli(['classify', file, '--column', 'комментарий', '--output', output])).code).toBe(0);
    const written = readFileSync(output, 'latin1').replaceAll(
      /;0\.\d+;(?:true|false)|;toxic_score;is_toxic/g,
      '',
    );
    expect(written).toBe(cp1251.toString('latin1'));
  });

  it('reports bad rows with their line and keeps them', () => {
    const rows = parse(whole, { columns: true }) as Record<string, string>[];
    expect(rows.length).toBe(2 + 30 * 331);
    expect(rows[0]!['comment']).toBe('две\nстроки');
    expect(rows[1]).toEqual({ comment: 'плохая', toxic: '', toxic_score: '', is_toxic: '' });
  });

  it('answers a line before the next one comes', async () => {
    const child = spawn(process.execPath, [MAIN, 'classify', '--format', 'lines', '--threads', '1']);
    const closed = new Promise((resolve) => child.once('close', resolve));
    for (const text of ['дурак', 'спасибо']) {
      child.stdin.write(`${text}\n`);
      const [answer] = (await new Promise((resolve) =>
        child.stdout.once('data', (...args) => resolve(args)),
      )) as [Buffer];
      expect(answer.toString()).toMatch(new RegExp(`^0\\.\\d+\\t(true|false)\\t${text}\\n$`));
    }
    child.stdin.end();
    expect(await closed).toBe(0);
  });

  it('ends quietly when its reader has gone', async () => {
    const child = spawn(process.execPath, [MAIN, 'classify', many]);
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr: stderr.replace(/^.*line 4: 1 field.*\n/, '') }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an interrupted run', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'by %s is completed by --resume to the last byte',
    async (signal) => {
      const output = join(folder, `${signal}.csv`);
      const code = await interrupted(output, signal);
      expect(code).toBe({ SIGKILL: null, SIGTERM: 143, SIGINT: 130 }[signal]);
      const part = readFileSync(output);
      expect(part.length).toBeLessThan(whole.length);
      expect(whole.subarray(0, part.length).equals(part)).toBe(true);
      const { code: end, stderr } = await runCli(['classify', many, '--output', output, '--resume']);
      expect(end).toBe(3);
      expect(stderr).toContain('9,932 rows');
      expect(readFileSync(output).equals(whole)).toBe(true);
    },
  );

  it('is completed with its explanations', async () => {
    const [input, output] = ['few.csv', 'explained.csv'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    writeFileSync(input, readFileSync(SAMPLE, 'utf8').split('\n').slice(0, 300).join('\n'));
    const args = ['classify', input, '--explain', '--output', output];
    expect((await runCli(args)).code).toBe(0);
    const explained = readFileSync(output);
    for (const cut of [explained.length / 3, explained.length - 5].map(Math.floor)) {
      writeFileSync(output, explained.subarray(0, cut));
      expect((await runCli([...args, '--resume'])).code).toBe(0);
      expect(readFileSync(output).equals(explained)).toBe(true);
    }
  });

  it('is completed wherever it was cut', async () => {
    const output = join(folder, 'cut.csv');
    const cuts = [0, 3, whole.indexOf('\n') + 1, 77_777, whole.length - 1, whole.length];
    for (const cut of cuts) {
      writeFileSync(output, whole.subarray(0, cut));
      await runCli(['classify', many, '--output', output, '--resume']);
      expect(readFileSync(output).equals(whole)).toBe(true);
    }
  });

  it('is not continued with another input or threshold', async () => {
    const output = join(folder, 'foreign.csv');
    const resume = (...args: string[]) => runCli(['classify', ...args, '--output', output, '--resume']);
    for (const foreign of [
      whole.toString().replace('две\nстроки', 'три\nстроки'),
      `${whole.toString()}more\n`,
      whole.toString().replace('comment', 'coment'),
    ]) {
      writeFileSync(output, foreign);
      const { code, stderr } = await resume(many);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('is not what this input gives'),
      });
      expect(readFileSync(output, 'utf8')).toBe(foreign);
    }
    writeFileSync(output, whole);
    expect((await resume(many, '--threshold', '0.9')).stderr).toContain('was written with another threshold');
    expect(readFileSync(output).equals(whole)).toBe(true);
  });
});

describe('rutox classify says in one line what is wrong', () => {
  it.each<[string, string[], string]>([
    ['a threshold that is none', ['--threshold', '2'], 'must be a number from 0 to 1.'],
    ['two thresholds', ['--threshold', '0.5', '--policy', 'autoban'], 'cannot be used with'],
    ['no threads', ['--threads', '0'], 'must be a whole number from 1 to 256.'],
    ['no file', ['none.csv'], 'none.csv: no such file or directory'],
    ['no format', [], 'standard input: say its format: --format csv, tsv, jsonl or lines'],
    ['nothing to resume', ['--format', 'csv', '--resume'], '--resume needs an input file and --output'],
    ['one file for both', [SAMPLE, '--output', SAMPLE], 'is the input; name another --output'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli(['classify', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(message)]);
  });

  it('a model that is none, and exit code 1', async () => {
    const { code, stderr } = await runCli(['classify', SAMPLE, '--model', folder]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `rutox: ${folder}/manifest.json: no such file\n` });
  });
});
