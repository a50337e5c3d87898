import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stops a server that listens: after a tenth of `lingerMs` it accepts no connection any more, and it answers
 * what it has accepted. For `lingerMs` that includes a request that is still on its way over an idle keep-alive
 * connection. The
 * answers themselves must say "Connection: close". Call it once the server listens; the returned function
 * resolves when every connection is closed.
 */
export function prepareDrain(server: Server): (lingerMs: number) => Promise<void> {
  let answering = 0;
  let lingering = true;
  const cutIfIdle = () => {
    if (!lingering && answering === 0) server.closeAllConnections();
  };
  server.on('request', (_request, response) => {
    answering++;
    response.once('close', () => {
      answering--;
      cutIfIdle();
    });
  });

  return async (lingerMs) => {
    // Connections that came before the stop may still wait in the kernel, or in the primary, to be accepted.
    await sleep(lingerMs / 10);
    const closed = once(server, 'close');
    // Not http's own close(): that cuts idle connections at once, under a request that is on its way.
    NetServer.prototype.close.call(server);
    const timer = setTimeout(() => {
      lingering = false;
      server.closeIdleConnections();
      cutIfIdle();
    }, lingerMs * 0.9);
    await closed;
    clearTimeout(timer);
  };
}
