import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ModelError } from '../../src/model/files.js';
import { servedFile, servedSha256, type Manifest } from '../../src/model/manifest.js';
import { verifyModel } from '../../src/model/verify.js';
import { copyOfModel, realModelDir } from '../fixtures/model-dir.js';

const manifestText = readFileSync(join(realModelDir, 'manifest.json'), 'utf8');
const folders: string[] = [];

function folder(change: Record<string, string | Buffer | null> = {}): string {
  const created = copyOfModel(change);
  folders.push(created);
  return created;
}

/** A manifest in which `edit` has changed something. */
function edited(edit: (manifest: Record<string, any>) => void): string {
  const manifest = JSON.parse(manifestText) as Record<string, unknown>;
  edit(manifest);
  return JSON.stringify(manifest);
}

async function complaint(modelDir: string): Promise<string> {
  const error = await verifyModel(modelDir).then(
    () => new Error('no complaint'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

afterEach(() => {
  for (const created of folders.splice(0)) rmSync(created, { recursive: true });
});

describe('verifyModel', () => {
  it('accepts the model that is served, and describes it', async () => {
    const { manifest } = await verifyModel(realModelDir);
    expect(manifest).toEqual(JSON.parse(manifestText));
    expect(servedFile(manifest)).toBe(`cnn_${manifest.model.served}.onnx`);
    expect(servedSha256(manifest)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('hands out what it has verified, in memory that threads share', async () => {
    const { manifest, vocabulary, golden, onnx } = await verifyModel(realModelDir);
    const names = ['vocab.json', 'golden.json', servedFile(manifest)];
    [vocabulary, golden, onnx].forEach(({ path, bytes }, index) => {
      expect(path).toBe(join(realModelDir, names[index]!));
      expect(Buffer.compare(bytes, readFileSync(path))).toBe(0);
      expect(Object.prototype.toString.call(bytes.buffer)).toBe('[object SharedArrayBuffer]');
    });
  });

  it('does not need what is not served', async () => {
    await verifyModel(folder({ 'cnn_fp32.onnx': null, 'README.md': null }));
  });

  it('tells what is wrong with a file', async () => {
    const missing = folder({ 'vocab.json': null });
    expect(await complaint(missing)).toBe(`${join(missing, 'vocab.json')}: no such file`);

    const { model } = JSON.parse(manifestText) as Manifest;
    const name = model[model.served];
    const bytes = readFileSync(join(realModelDir, name));
    const cut = folder({ [name]: bytes.subarray(0, 1000) });
    expect(await complaint(cut)).toContain(
      `${join(cut, name)}: 1000 bytes, but the manifest says ${bytes.length}`,
    );

    bytes[bytes.length >> 1]! ^= 1;
    const flipped = folder({ [name]: bytes });
    expect(await complaint(flipped)).toMatch(
      /: its sha256 is [0-9a-f]{64}, but the manifest says [0-9a-f]{64}$/,
    );

    const other = folder({ 'README.md': 'x' });
    expect(await complaint(other)).toContain(`${join(other, 'README.md')}: 1 bytes`);

    // Read piece by piece, as it is too large for one.
    const twin = readFileSync(join(realModelDir, model.fp32));
    twin[twin.length - 1]! ^= 1;
    expect(await complaint(folder({ [model.fp32]: twin }))).toContain('its sha256 is');
  });

  it('tells what is wrong with the directory or with the manifest as a file', async () => {
    expect(await complaint('no/such/folder')).toBe(
      `${join('no/such/folder', 'manifest.json')}: no such file`,
    );
    const broken = folder({ 'manifest.json': '{"format": 1,' });
    expect(await complaint(broken)).toBe(`${join(broken, 'manifest.json')}: not JSON`);
  });

  it.each<[string, (manifest: Record<string, any>) => void, string]>([
    ['a list', () => {}, 'the manifest must be object'],
    ['another format', (m) => (m['format'] = 2), 'format must be equal to constant: 1'],
    ['no policies', (m) => delete m['policies'], "the manifest must have required property 'policies'"],
    [
      'a threshold above 1',
      (m) => (m['policies']['balanced'].threshold = 1.5),
      'policies.balanced.threshold must be <= 1',
    ],
    [
      'an unknown policy',
      (m) => (m['default_policy'] = 'strict'),
      'default_policy must be equal to one of the allowed values: premoderate, balanced, autoban',
    ],
    ['a path for a file', (m) => (m['model'].int8 = '../../etc/passwd'), 'model.int8 must match pattern'],
    [
      'a path among the files',
      (m) => (m['files']['../x'] = m['files']['vocab.json']),
      'files: the name "../x" must match pattern',
    ],
    [
      'a hash that is none',
      (m) => (m['files']['vocab.json'].sha256 = 'abc'),
      'files.vocab.json.sha256 must match pattern',
    ],
    ['a served file without a hash', (m) => delete m['files'][m['model'].int8], 'is missing'],
    [
      'windows that do not move',
      (m) => (m['text'].window_overlap = m['text'].window_tokens),
      'text.window_overlap',
    ],
    [
      'close windows that do not move',
      (m) =>
        (m['text'].close_reading = { above_tokens: 160, window_tokens: 12, window_overlap: 12, discount: 3 }),
      'text.close_reading.window_overlap (12) must be below',
    ],
  ])('refuses a manifest with %s', async (what, edit, expected) => {
    const text = what === 'a list' ? '[]' : edited(edit);
    const created = folder({ 'manifest.json': text });
    const message = await complaint(created);
    expect(message).toContain(`${join(created, 'manifest.json')}: `);
    expect(message).toContain(expected);
  });
});
