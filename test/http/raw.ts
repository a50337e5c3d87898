import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves with everything received once the connection is closed. */
  readonly closed: Promise<string>;
}

/** Opens a connection and sends the bytes as they are. */
export function rawConnection(port: number, bytes: string, options: { read?: boolean } = {}): RawConnection {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  if (options.read ?? true) socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  // A reset after the answer is as good as an end.
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(received));
  });
  socket.write(bytes);
  return { socket, received: () => received, closed };
}

/** The head and the problem document of an answer as it was received. */
export function problemIn(answer: string): { head: string; problem: Record<string, unknown> } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { head, problem: JSON.parse(body) as Record<string, unknown> };
}
