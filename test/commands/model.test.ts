import { describe, expect, it, jest } from '@jest/globals';
import { copyOfModel, modelWith, realModelDir } from '../fixtures/model-dir.js';
import { runCli } from './run-cli.js';

jest.setTimeout(120_000);

describe('rutox model verify', () => {
  it('says that the model is what its manifest says', async () => {
    expect(await runCli(['model', 'verify'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/: version [\d.]+, \d+ files as listed, golden scores reproduced\n$/),
      stderr: '',
    });
  });

  it('says what is wrong, to a machine too', async () => {
    const changed = copyOfModel({ 'vocab.json': '{}' });
    const { code, stdout, stderr } = await runCli(['model', 'verify', changed]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^rutox: .*vocab\.json: 2 bytes, but the manifest says \d+\n$/);
    const json = await runCli(['model', 'verify', changed, '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ ok: false, error: stderr.slice('rutox: '.length).trimEnd() });
  });

  it('holds the scores against the golden ones', async () => {
    const golden = JSON.stringify({ format: 1, cases: [{ text: '', units: [], score: 0.9 }] });
    const { code, stderr } = await runCli(['model', 'verify', modelWith({ 'golden.json': golden })]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/golden\.json: case 0 scores [\d.e-]+, not 0\.9/);
  });
});

describe('rutox model info', () => {
  it('tells what the manifest says', async () => {
    const [text, json] = await Promise.all([
      runCli(['model', 'info']),
      runCli(['model', 'info', realModelDir, '--json']),
    ]);
    expect([text.code, json.code]).toEqual([0, 0]);
    const manifest = JSON.parse(json.stdout) as {
      version: string;
      policies: { autoban: { threshold: number } };
    };
    expect(text.stdout).toMatch(new RegExp(`^version +${manifest.version}$`, 'm'));
    expect(text.stdout).toMatch(
      new RegExp(`^autoban +threshold ${manifest.policies.autoban.threshold},`, 'm'),
    );
  });

  it('fails where there is no model', async () => {
    expect(await runCli(['model', 'info', '/no/such/folder'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'rutox: /no/such/folder/manifest.json: no such file\n',
    });
  });
});
