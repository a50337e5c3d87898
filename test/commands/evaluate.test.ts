import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { runCli } from './run-cli.js';

// Each test starts processes that load the model.
jest.setTimeout(120_000);

const SAMPLE = join(packageRoot, 'data', 'sample.csv');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-evaluate-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('rutox evaluate', () => {
  it('prints tables, the same figures as JSON and as a page', async () => {
    const page = join(folder, 'report.html');
    const [text, json] = await Promise.all([
      runCli(['evaluate', SAMPLE]),
      runCli(['evaluate', SAMPLE, '--json', '--html', page]),
    ]);
    expect([text.code, text.stderr, json.code, json.stderr]).toEqual([0, '', 0, '']);
    const report = JSON.parse(json.stdout) as {
      auc: number;
      texts: number;
      calibration_error: number;
      quality: { macro: { f1: number }; confusion: Record<string, number> };
      best: Record<string, { threshold: number }>;
    };
    expect(report.texts).toBe(331);
    expect(Object.values(report.quality.confusion).reduce((a, b) => a + b)).toBe(331);
    expect(report.auc).toBeGreaterThan(0.9);
    expect(Object.keys(report.best)).toEqual(['macro_f1', 'toxic_f1', 'recall_95', 'precision_95']);
    const html = readFileSync(page, 'utf8');
    for (const figure of [report.auc, report.quality.macro.f1, report.calibration_error]) {
      expect(text.stdout).toContain(figure.toFixed(4));
      expect(html).toContain(figure.toFixed(4));
    }
  });

  it('holds no comment', async () => {
    const { stdout } = await runCli(['evaluate', SAMPLE]);
    const words = readFileSync(SAMPLE, 'utf8').match(/[а-яё]{4,}/gi)!;
    expect(words.length).toBeGreaterThan(1000);
    expect(words.filter((word) => stdout.includes(word))).toEqual([]);
  });

  it('takes other columns and labels in words, and leaves out what has none', async () => {
    const tsv = 'text\tverdict\nдурак\ttoxic\nспасибо\tharmless\nда\tmaybe\nнет\n';
    const args = ['--format', 'tsv', '--text-column', 'text', '--label-column', 'verdict', '--json'];
    const { code, stdout, stderr } = await runCli(['evaluate', ...args], tsv);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ texts: 2, bad: 2 });
    expect(stderr).toBe(
      'rutox: standard input: line 4: the label is none of 0, 1, true, false, harmless, toxic\n' +
        'rutox: standard input: line 5: 1 field(s) where the header has 2\n',
    );
  });

  it('reads labels of JSON lines, be they numbers, booleans or words', async () => {
    const lines = [1, true, '1.0', 'TOXIC'].map((toxic) => JSON.stringify({ comment: 'дурак', toxic }));
    const { code, stdout } = await runCli(['evaluate', '--format', 'jsonl', '--json'], lines.join('\n'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ auc: null, quality: { toxic: { support: 4 } } });
  });

  it.each<[string, string[], string, string]>([
    ['no labels', ['--format', 'csv'], 'comment\nда\n', 'no column "toxic"; its columns: comment'],
    ['nothing', ['--format', 'csv'], 'comment,toxic\n', 'no labelled comments'],
    ['a page in no folder', [SAMPLE, '--html', '/no/such/folder/x'], '', 'no such file or directory'],
  ])('says in one line what is wrong: %s', async (_, args, input, message) => {
    const { code, stdout, stderr } = await runCli(['evaluate', ...args], input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});
