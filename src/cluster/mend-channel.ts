import type { Worker } from 'node:cluster';

const LOOK_EVERY_MS = 50;

/**
 * Node (seen in 20) forgets two things when a process dies while a connection is being handed to it: to close
 * that connection, so that its client waits for ever, and to say that the channel is closed. It waits for the
 * process to confirm the connection. This does both, after the process has ended.
 */
export function mendChannel(worker: Worker): void {
  const child = worker.process;
  /** The connection handed over last: there is never more than one on its way. */
  let handedOver: { close?(): void } | undefined;
  const send = child.send.bind(child);
  child.send = ((...args: Parameters<typeof child.send>): boolean => {
    if (args[1] != null) handedOver = args[1] as { close?(): void };
    return send(...args);
  }) as typeof child.send;

  let isClosed = false;
  worker.once('disconnect', () => {
    isClosed = true;
  });
  const look = () => {
    if (isClosed) return;
    // Until the end of the channel is read there may be messages in it.
    if (child.connected) return void setTimeout(look, LOOK_EVERY_MS);
    // Nothing happens to one that was confirmed: it is closed already.
    handedOver?.close?.();
    child.emit('disconnect');
  };
  worker.once('exit', () => setTimeout(look, LOOK_EVERY_MS));
}
