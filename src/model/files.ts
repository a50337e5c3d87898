import { readFile } from 'node:fs/promises';

/** A model directory that cannot be served. The message is one line: the file and what is wrong with it. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

export const MANIFEST_FILE = 'manifest.json';
export const VOCABULARY_FILE = 'vocab.json';
export const GOLDEN_FILE = 'golden.json';

/**
 * Reads a JSON file of a model directory.
 * @throws ModelError when it cannot be read or is not JSON
 */
export async function readModelJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ModelError(`${file}: not JSON`);
  }
}

/** What to throw when a file of a model directory cannot be read. */
export function unreadable(file: string, error: unknown): ModelError {
  const { code } = error as NodeJS.ErrnoException;
  return new ModelError(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
}
