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
  let wake = () => {};
  // For good: what was written before the reader left may fail later, too.
  process.stdout.on('error', (error) => {
    failure ??= isClosedPipe(error) ? new ClosedPipe() : fileError('standard output', error);
    wake();
  });
  const settled = (start: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (failure === undefined) start(resolve);
      else resolve();
    });
  return {
    async write(bytes) {
      // The callback comes when the bytes have gone out, so nothing heaps up here.
      await settled((done) => process.stdout.write(bytes, () => done()));
      if (failure !== undefined) throw failure;
    },
    async close() {},
  };
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
