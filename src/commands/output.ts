import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { fileError } from '../records/open-records.js';

/** Where rows go. */
export interface Output {
  /** @throws CommandError; `ClosedPipe` when nobody reads any more */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Whoever read our output has seen enough. */
export class ClosedPipe extends Error {}

/** A file, written anew or from `position` on, or standard output. */
export async function openOutput(file: string | undefined, position?: number): Promise<Output> {
  if (file === undefined) return standardOutput();
  const handle = await openFile(file, position).catch((error: unknown) => {
    throw fileError(file, error);
  });
  let at = position;
  return {
    async write(bytes) {
      try {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          if (at !== undefined) at += bytesWritten;
        }
      } catch (error) {
        throw isClosedPipe(error) ? new ClosedPipe() : fileError(file, error);
      }
    },
    close: () => handle.close(),
  };
}

async function openFile(file: string, position: number | undefined): Promise<FileHandle> {
  if (position === undefined) return await open(file, 'w');
  const handle = await open(file, 'r+');
  await handle.truncate(position);
  return handle;
}

function standardOutput(): Output {
  let failure: Error | undefined;
  const failed = once(process.stdout, 'error').then(([error]: Error[]) => {
    failure = isClosedPipe(error) ? new ClosedPipe() : fileError('standard output', error);
  });
  return {
    async write(bytes) {
      if (failure === undefined && !process.stdout.write(bytes)) {
        await Promise.race([once(process.stdout, 'drain'), failed]);
      }
      if (failure !== undefined) throw failure;
    },
    async close() {
      // What is buffered goes out before the process may end.
      await Promise.race([new Promise((resolve) => process.stdout.write('', resolve)), failed]);
    },
  };
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
