import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runCli } from '../commands/run-cli.js';
import { copyOfModel, realModelDir } from '../fixtures/model-dir.js';
import { childrenOf, isAlive } from '../fixtures/processes.js';
import { spawnServer, type ServerProcess } from '../fixtures/server-process.js';

jest.setTimeout(60_000);

const started: ServerProcess[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-cluster-'));
});

afterEach(async () => {
  for (const server of started.splice(0)) {
    for (const pid of isAlive(server.pid) ? childrenOf(server.pid) : []) process.kill(pid, 'SIGKILL');
    server.kill('SIGKILL');
    await server.exit;
  }
  rmSync(folder, { recursive: true });
});

function start(env: NodeJS.ProcessEnv = {}, args: readonly string[] = []): ServerProcess {
  const settings = {
    RUTOX_PROCESSES: '2',
    RUTOX_THREADS: '1',
    RUTOX_CONTROL_SOCKET: join(folder, 'control'),
  };
  const server = spawnServer({ ...settings, ...env }, [], args);
  started.push(server);
  return server;
}

const reload = (env: Record<string, string> = {}) =>
  runCli(['reload'], '', { RUTOX_CONTROL_SOCKET: join(folder, 'control'), ...env });

/** Waits until `check` holds. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('waited 20 s in vain');
    await sleep(20);
  }
}

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

async function score(port: number): Promise<{ status: number; model: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/classify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'Спасибо за статью' }),
  });
  return { status: response.status, model: ((await response.json()) as { model: string }).model };
}

describe('a cluster', () => {
  it.each([
    ['1', '2', 0],
    ['2', '1', 2],
    ['3', '2', 3],
  ])('of %s processes with %s threads answers and stops in order', async (processes, threads, children) => {
    const server = start({ RUTOX_PROCESSES: processes, RUTOX_THREADS: threads });
    const port = await server.ready;
    expect(childrenOf(server.pid)).toHaveLength(children);
    const answers = await Promise.all(Array.from({ length: 30 }, () => score(port)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await metric(port, 'rutox_texts_total{verdict="harmless"}')).toBe(30);
    server.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('replaces a server process that somebody stopped, and keeps what it counted', async () => {
    const server = start();
    const port = await server.ready;
    for (let count = 0; count < 10; count++) await score(port);
    const [first] = childrenOf(server.pid);
    process.kill(first!, 'SIGTERM');
    await until(() => server.output().includes('a server process was replaced'));
    expect(childrenOf(server.pid)).not.toContain(first);
    expect(await metric(port, 'rutox_texts_total{verdict="harmless"}')).toBe(10);
    expect(await metric(port, 'rutox_worker_restarts_total{reason="process_ended"}')).toBe(1);
    expect(await metric(port, 'rutox_server_processes')).toBe(2);
  });

  it('ends at once, with all of its processes, on a second signal', async () => {
    const server = start();
    await server.ready;
    const children = childrenOf(server.pid);
    // Stopped processes cannot drain.
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    server.kill('SIGTERM');
    await until(() => server.output().includes('"stopping"'));
    server.kill('SIGTERM');
    expect((await server.exit).signal).toBe('SIGKILL');
    await until(() => !children.some(isAlive));
  });

  it('is killed, with all of its processes, when the grace time is over', async () => {
    const server = start({ RUTOX_SHUTDOWN_GRACE_MS: '300' });
    await server.ready;
    const children = childrenOf(server.pid);
    process.kill(children[0]!, 'SIGSTOP');
    server.kill('SIGTERM');
    const { signal, stdout } = await server.exit;
    expect(signal).toBe('SIGKILL');
    expect(stdout).toContain('the grace time is over');
    await until(() => !children.some(isAlive));
  });

  it('leaves no server process behind when the primary is killed', async () => {
    const server = start();
    const port = await server.ready;
    const children = childrenOf(server.pid);
    await score(port);
    server.kill('SIGKILL');
    await server.exit;
    await until(() => !children.some(isAlive));
  });

  it('stops in order on a signal while it starts', async () => {
    const server = start();
    await until(() => childrenOf(server.pid).length === 2);
    server.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a reload', () => {
  it('takes the model directory and the settings as they are now', async () => {
    const file = join(folder, 'rutox.env');
    const other = copyOfModel({
      'manifest.json': readFileSync(join(realModelDir, 'manifest.json'), 'utf8').replace('"1.1"', '"9.9"'),
    });
    writeFileSync(file, `RUTOX_MODEL_DIR=${realModelDir}\nRUTOX_PROCESSES=2\n`);
    const server = start({ RUTOX_MODEL_DIR: '', RUTOX_PROCESSES: '' }, ['--env-file', file]);
    const port = await server.ready;
    const before = childrenOf(server.pid);
    expect((await score(port)).model).not.toBe('9.9');

    writeFileSync(file, `RUTOX_MODEL_DIR=${other}\nRUTOX_PROCESSES=3\n`);
    expect(await reload()).toMatchObject({ code: 0, stdout: 'reloaded\n' });
    const after = childrenOf(server.pid);
    expect(after).toHaveLength(3);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    for (let count = 0; count < 6; count++) expect((await score(port)).model).toBe('9.9');
    expect(await metric(port, 'rutox_reloads_total{result="done"}')).toBe(1);
    rmSync(other, { recursive: true });
  });

  it('comes after the start when SIGHUP does not wait for it, and many are one', async () => {
    const server = start();
    await until(() => childrenOf(server.pid).length === 2);
    for (let count = 0; count < 5; count++) server.kill('SIGHUP');
    await server.ready;
    await until(() => server.output().includes('reload done'));
    await sleep(300);
    expect(server.output().match(/reload begins/g)!.length).toBeLessThanOrEqual(2);
  });

  it('that fails leaves the old processes, and says so', async () => {
    const file = join(folder, 'rutox.env');
    writeFileSync(file, '');
    const server = start({}, ['--env-file', file]);
    const port = await server.ready;
    const before = childrenOf(server.pid);
    writeFileSync(file, 'RUTOX_MAX_QUEUE=lots\n');
    const { code, stderr } = await reload();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^rutox: the reload failed, the old model serves on: RUTOX_MAX_QUEUE=lots: [^\n]+\n$/,
    );
    expect(childrenOf(server.pid)).toEqual(before);
    expect((await score(port)).status).toBe(200);
    expect(await metric(port, 'rutox_reloads_total{result="failed"}')).toBe(1);
    expect(server.output()).toContain('reload failed: the old server processes stay');
  });

  it('needs a server that runs', async () => {
    expect(await reload()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no server answers (ENOENT)'),
    });
    expect(await reload({ RUTOX_CONTROL_SOCKET: 'off' })).toMatchObject({ code: 2 });
  });

  it('is not for a single process, which goes on', async () => {
    const server = start({ RUTOX_PROCESSES: '1' });
    const port = await server.ready;
    server.kill('SIGHUP');
    await until(() => server.output().includes('cannot reload with RUTOX_PROCESSES=1'));
    expect((await score(port)).status).toBe(200);
  });
});

describe('a start that cannot succeed', () => {
  it('ends the primary when a server process dies before it is ready', async () => {
    const fault =
      "import cluster from 'node:cluster'; if (cluster.isWorker) process.kill(process.pid, 'SIGKILL');";
    const server = spawnServer({
      RUTOX_PROCESSES: '2',
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}`,
    });
    started.push(server);
    const { code, stderr } = await server.exit;
    expect(code).toBe(1);
    expect(stderr).toBe('rutox: a server process ended with SIGKILL before it was ready\n');
  });
});

describe('a rate limit', () => {
  it('holds for all processes together', async () => {
    const server = start({ RUTOX_PROCESSES: '3', RUTOX_RATE_LIMIT: '20', RUTOX_MAX_TEXTS: '5' });
    const port = await server.ready;
    const statuses: number[] = [];
    const end = Date.now() + 2000;
    // Each request over a connection of its own, so that they go to the processes in turn.
    while (Date.now() < end) {
      const response = await fetch(`http://127.0.0.1:${port}/v1/classify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ text: 'Спасибо за статью' }),
      });
      await response.arrayBuffer();
      statuses.push(response.status);
      await sleep(4);
    }
    const passed = statuses.filter((status) => status === 200).length;
    // 20 at once and 40 in two seconds; three processes that know nothing of each other would allow 180.
    expect(passed).toBeGreaterThanOrEqual(50);
    expect(passed).toBeLessThanOrEqual(90);
    expect(statuses.filter((status) => status === 429)).toHaveLength(statuses.length - passed);
  });
});
