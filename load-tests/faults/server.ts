import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../../test/fixtures/processes.js';
import { socketsOf } from '../../test/fixtures/sockets.js';
import { spawnServer, type ServerProcess } from '../../test/fixtures/server-process.js';

/** A server that is ready: one process, or a primary with its server processes. Linux only: it asks /proc. */
export interface Target extends ServerProcess {
  readonly port: number;
  /** The server processes of a primary; none of a server that has no primary. */
  readonly children: () => number[];
  /** Resident memory of all its processes, in bytes. */
  readonly memory: () => number;
  /** Connections that its processes hold. */
  readonly connections: () => number;
}

/** Starts a server, does `work` with it and leaves no process behind, whatever happens. */
export async function withServer<T>(
  env: NodeJS.ProcessEnv,
  work: (server: Target) => Promise<T>,
  nodeOptions: readonly string[] = [],
): Promise<T> {
  const server = spawnServer(env, nodeOptions);
  const processes = () => [server.pid, ...childrenOf(server.pid)];
  try {
    return await work({
      ...server,
      port: await server.ready,
      children: () => childrenOf(server.pid),
      memory: () => processes().reduce((sum, pid) => sum + residentBytes(pid), 0),
      connections: () =>
        processes().reduce(
          (sum, pid) => sum + socketsOf(pid).filter((line) => line.includes('->')).length,
          0,
        ),
    });
  } finally {
    for (const pid of processes().reverse()) killIfThere(pid);
    await server.exit;
  }
}

/** Asks again and again until it is so. @throws Error when it still is not after `withinMs` */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    // It has just ended.
    return 0;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
