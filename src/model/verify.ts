import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { GOLDEN_FILE, ModelError, unreadable, VOCABULARY_FILE, type ModelFile } from './files.js';
import { readManifest, servedFile, type Manifest } from './manifest.js';

/**
 * A model whose files agree with their hashes, in memory: whatever becomes of the directory, every thread
 * gets this model.
 */
export interface Model {
  readonly manifest: Manifest;
  readonly vocabulary: ModelFile;
  readonly golden: ModelFile;
  /** The ONNX file that is served. */
  readonly onnx: ModelFile;
}

type Expected = Manifest['files'][string];

/** Bytes read and hashed at once: a few milliseconds of the event loop. */
const CHUNK = 1 << 20;

/**
 * Reads the manifest and compares every file it lists with its size and sha256. The files a server needs
 * must be there; the others (the fp32 twin, the model card) may be left out of an image.
 * @throws ModelError
 */
export async function verifyModel(modelDir: string): Promise<Model> {
  const manifest = await readManifest(modelDir);
  const needed = [VOCABULARY_FILE, GOLDEN_FILE, servedFile(manifest)];
  const others = Object.keys(manifest.files).filter((name) => !needed.includes(name));
  const [[vocabulary, golden, onnx]] = await Promise.all([
    Promise.all(needed.map((name) => load(join(modelDir, name), manifest.files[name]!))),
    Promise.all(others.map((name) => checkIfThere(join(modelDir, name), manifest.files[name]!))),
  ]);
  return { manifest, vocabulary: vocabulary!, golden: golden!, onnx: onnx! };
}

async function load(path: string, expected: Expected): Promise<ModelFile> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  // Shared memory: one copy for all threads.
  const share = (size: number) => new Uint8Array(new SharedArrayBuffer(size));
  return { path, bytes: await read(path, file, expected, share) };
}

async function checkIfThere(path: string, expected: Expected): Promise<void> {
  const file = await open(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error);
  });
  if (file !== undefined) await read(path, file, expected, () => new Uint8Array(CHUNK));
}

/** Reads a file into the buffer that `allocate` makes, from its start again when it is full, and closes it. */
async function read(
  path: string,
  file: FileHandle,
  expected: Expected,
  allocate: (size: number) => Uint8Array,
): Promise<Uint8Array> {
  try {
    const { size } = await file.stat();
    if (size !== expected.bytes)
      throw new ModelError(`${path}: ${size} bytes, but the manifest says ${expected.bytes}`);
    const buffer = allocate(size);
    const hash = createHash('sha256');
    for (let position = 0; position < size;) {
      const start = position % buffer.length;
      const length = Math.min(CHUNK, buffer.length - start);
      const { bytesRead } = await file.read(buffer, start, length, position);
      // Cut while it was read: the hash tells.
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(start, start + bytesRead));
      position += bytesRead;
    }
    const actual = hash.digest('hex');
    if (actual !== expected.sha256)
      throw new ModelError(`${path}: its sha256 is ${actual}, but the manifest says ${expected.sha256}`);
    return buffer;
  } catch (error) {
    throw error instanceof ModelError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}
