import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { RutoxError } from '../errors.js';
import type { Metrics } from '../metrics.js';
import { sayAndClose } from './last-words.js';

/** Refused connections that are answered at a time. Beyond that they are closed without a word: a flood must cost little. */
const MAX_REFUSALS = 256;

/**
 * Refuses the connections beyond the limit with 503. Not `server.maxConnections`: in a cluster, a process with
 * that set hands the connection back to the primary, which offers it again and again.
 */
export function limitConnections(
  server: Server,
  {
    maxConnections,
    metrics,
  }: { readonly maxConnections: number; readonly metrics: Pick<Metrics, 'rejected' | 'connections'> },
): void {
  let open = 0;
  let refusals = 0;
  // Before Node's own listener, which would read requests from the connection.
  const accept = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (open >= maxConnections) {
      refuse(socket);
      return;
    }
    metrics.connections(++open);
    socket.once('close', () => metrics.connections(--open));
    for (const listener of accept) listener.call(server, socket);
  });

  function refuse(socket: Socket): void {
    metrics.rejected('too_many_connections');
    if (refusals >= MAX_REFUSALS) {
      socket.destroy();
      return;
    }
    refusals++;
    socket.once('close', () => refusals--);
    const detail = 'The server has as many connections as it accepts; try again later.';
    sayAndClose(socket, new RutoxError('too_many_connections', detail, { retryAfterSeconds: 1 }));
  }
}
