import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * Stops a server that listens: after a tenth of `lingerMs` it accepts no connection any more, and it answers
 * what it has accepted. For `lingerMs` that includes a request that is still on its way over an idle keep-alive
 * connection. The
 * answers themselves must say "Connection: close". Resolves when every connection is closed.
 */
export async function drain(server: Server, lingerMs: number, isAnswering: () => boolean): Promise<void> {
  // Connections that came before the stop may still wait in the kernel, or in the primary, to be accepted.
  await sleep(lingerMs / 10);
  let isClosed = false;
  const closed = once(server, 'close').then(() => (isClosed = true));
  // Not http's own close(): that cuts idle connections at once, under a request that is on its way.
  NetServer.prototype.close.call(server);
  await Promise.race([closed, sleep(lingerMs * 0.9)]);
  while (!isClosed) {
    server.closeIdleConnections();
    // What is left then has sent a part of a request.
    if (!isAnswering()) server.closeAllConnections();
    await Promise.race([closed, sleep(LOOK_EVERY_MS)]);
  }
}
