import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { usageOf, type Usage } from './process-tree.js';

/** How to start a server. */
export interface ServerSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment; `PORT` is there. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Answers 200 once the server can do its work. */
  readonly readyPath: string;
}

export interface RunningServer {
  readonly name: string;
  readonly port: number;
  /** From starting the process to the first 200 of `readyPath`. */
  readonly readyMs: number;
  usage(): Usage | undefined;
  stop(): Promise<void>;
}

const START_MS = 120_000;
const STOP_MS = 10_000;
const POLL_MS = 5;

const running = new Set<() => void>();
// Nothing is left behind when the bench ends early.
process.on('exit', () => running.forEach((kill) => kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/**
 * Starts a real process and waits until it is ready. What it prints goes to a file, as under a supervisor.
 * @throws Error with the end of that file when it does not become ready
 */
export async function startServer(spec: ServerSpec): Promise<RunningServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'rutox-bench-'));
  const log = join(folder, 'log');
  const output = openSync(log, 'w');
  const started = performance.now();
  const child = spawn(spec.command, spec.args, {
    env: { ...process.env, ...spec.env, PORT: String(port) },
    cwd: spec.cwd,
    stdio: ['ignore', output, output],
    // A group of its own: some of the peers leave processes behind when they end.
    detached: true,
  });
  closeSync(output);
  const exit = once(child, 'close').catch(() => {});
  const kill = () => tryKill(-child.pid!);
  running.add(kill);
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([exit, setTimeout(STOP_MS, undefined, { ref: false })]);
    kill();
    await exit;
    running.delete(kill);
    rmSync(folder, { recursive: true });
  };

  let ended = false;
  void exit.then(() => (ended = true));
  while (!(await answers(port, spec.readyPath))) {
    if (ended || performance.now() - started > START_MS) {
      const said = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
      await stop();
      throw new Error(`${spec.name} did not start: ${said}`);
    }
    await setTimeout(POLL_MS);
  }
  const readyMs = performance.now() - started;
  return { name: spec.name, port, readyMs, usage: () => usageOf(child.pid!), stop };
}

/** Starts all, gives them to `use` in the same order, and stops them whatever comes of it. */
export async function withServers<T>(
  specs: readonly ServerSpec[],
  use: (servers: readonly RunningServer[]) => Promise<T>,
): Promise<T> {
  const servers: RunningServer[] = [];
  try {
    // One after the other: each has the machine to itself while it starts.
    for (const spec of specs) servers.push(await startServer(spec));
    return await use(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
