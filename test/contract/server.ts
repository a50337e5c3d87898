import { spawnServer, type ServerProcess } from '../fixtures/server-process.js';

/** A server that is ready. */
export interface ReadyServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function startServer(settings: Record<string, string> = {}): Promise<ReadyServer> {
  const server = spawnServer({ RUTOX_THREADS: '1', ...settings });
  const port = await server.ready;
  return {
    ...server,
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      server.kill('SIGTERM');
      return (await server.exit).code;
    },
  };
}
