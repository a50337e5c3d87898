import { once } from 'node:events';
import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';

/** Answer to a command, as one line of JSON. */
export type ControlAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

const LONGEST_COMMAND = 64;

/**
 * Listens for `rutox reload` on a Unix socket that only this user may use.
 * @throws Error in one line when the path cannot be listened on, or another server does
 */
export async function openControlSocket(
  path: string,
  reload: () => Promise<ControlAnswer>,
): Promise<{ close(): void }> {
  if (await isListening(path)) throw new Error(`${path}: another server listens there`);
  removeStale(path);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void answer(socket, reload);
  });
  // The socket is made inside the call, with the rights that the mask leaves.
  const mask = process.umask(0o177);
  server.listen(path);
  process.umask(mask);
  await once(server, 'listening');
  return { close: () => server.close() };
}

/**
 * Asks the server behind the socket to reload, and waits until it has.
 * @throws Error in one line when there is no server, or the reload failed
 */
export async function requestReload(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `${path}: no server answers (${code}); is it running, with RUTOX_PROCESSES above 1 and the same settings?`,
      { cause: error },
    );
  }
  socket.end('reload\n');
  const reply = await readLine(socket, Infinity);
  if (reply === '') throw new Error('the server ended before the reload was done');
  const result = JSON.parse(reply) as ControlAnswer;
  if (!result.ok) throw new Error(`the reload failed, the old model serves on: ${result.message}`);
}

async function answer(socket: Socket, reload: () => Promise<ControlAnswer>): Promise<void> {
  const command = await readLine(socket, LONGEST_COMMAND);
  const result: ControlAnswer =
    command === 'reload' ? await reload() : { ok: false, message: 'the only command is: reload' };
  socket.end(`${JSON.stringify(result)}\n`);
}

/** The first line, or what there is of it when the other side ends or has sent more than `most`. */
async function readLine(socket: Socket, most: number): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      text += chunk;
      if (text.includes('\n') || text.length > most) break;
    }
  } catch {
    return '';
  }
  return text.split('\n', 1)[0]!;
}

/** Removes what a server that was killed has left behind, and nothing else that may lie there. */
function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path}: there is something else than a socket`);
  rmSync(path);
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
