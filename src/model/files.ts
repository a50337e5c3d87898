import { readFile } from 'node:fs/promises';

/** A model directory that cannot be served. The message is one line: the file and what is wrong with it. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** A file of a model directory that was read. */
export interface ModelFile {
  /** Where it was, for messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export const MANIFEST_FILE = 'manifest.json';
export const VOCABULARY_FILE = 'vocab.json';
export const GOLDEN_FILE = 'golden.json';

/**
 * Reads a JSON file of a model directory.
 * @throws ModelError when it cannot be read or is not JSON
 */
export async function readModelJson(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return parseModelJson({ path: file, bytes });
}

/** @throws ModelError when the content is not JSON */
export function parseModelJson({ path, bytes }: ModelFile): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as unknown;
  } catch {
    throw new ModelError(`${path}: not JSON`);
  }
}

/** What to throw when a file of a model directory cannot be read. */
export function unreadable(file: string, error: unknown): ModelError {
  const { code } = error as NodeJS.ErrnoException;
  return new ModelError(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
}
