import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where suggestions of people are kept for a later training. */
export interface Feedback {
  /**
   * Appends one JSON line, whole or not at all.
   * @throws Error of the file system
   */
  append(suggestion: object): Promise<void>;
}

/** Beyond this a new file is begun. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** Files that are kept beside the one that is written. */
export const MAX_KEPT = 5;

/**
 * Opens a file of suggestions, which several server processes may share. A full file is set aside as `FILE.TIME`; the
 * newest five of those are kept.
 * @throws Error with one clear line when the file cannot be written
 */
export async function openFeedback(path: string, maxBytes = MAX_BYTES): Promise<Feedback> {
  try {
    await (await openToAppend(path)).close();
  } catch (error) {
    throw new Error(`RUTOX_FEEDBACK_FILE=${path}: cannot be written (${codeOf(error)})`, { cause: error });
  }
  let last: Promise<void> = Promise.resolve();
  return {
    append(suggestion) {
      const line = `${JSON.stringify(suggestion)}\n`;
      const done = last.then(() => write(path, line, maxBytes));
      last = done.catch(() => {});
      return done;
    },
  };
}

/** Opened for each line, because another process may have set the file aside. One write in append mode is never torn. */
async function write(path: string, line: string, maxBytes: number): Promise<void> {
  if ((await sizeOf(path)) + Buffer.byteLength(line) > maxBytes) await setAside(path);
  const file = await openToAppend(path);
  try {
    await file.appendFile(line);
  } finally {
    await file.close();
  }
}

/** Comments are nobody else's business. */
function openToAppend(path: string) {
  return open(path, 'a', 0o600);
}

/** No name is used twice, so that two processes that do this at once lose nothing. */
async function setAside(path: string): Promise<void> {
  const time = new Date().toISOString().replaceAll(':', '-');
  try {
    await rename(path, `${path}.${time}.${process.pid}`);
  } catch (error) {
    // Another process was first.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const folder = dirname(path);
  const older = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}.`)).toSorted();
  for (const name of older.slice(0, -MAX_KEPT)) await rm(join(folder, name), { force: true });
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
