import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realModelDir } from '../fixtures/model-dir.js';

/** The built server in a process of its own, as users start it. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Everything it wrote to stdout and stderr. */
  output(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `dist/` with the committed model on a free port, and waits until it is ready. */
export async function startServerProcess(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const env = {
    PATH: process.env['PATH'],
    HOST: '127.0.0.1',
    PORT: '0',
    RUTOX_THREADS: '1',
    RUTOX_MODEL_DIR: realModelDir,
    ...settings,
  };
  const child = spawn(process.execPath, ['dist/src/main.js', 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: string) => {
      output += chunk;
      const ready = /^\{.*"port":(\d+).*"msg":"ready"/m.exec(output);
      if (ready !== null) resolve(Number(ready[1]));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    process: child,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code as number | null;
    },
  };
}
