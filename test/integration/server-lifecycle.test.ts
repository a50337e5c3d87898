import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { copyOfModel } from '../fixtures/model-dir.js';
import { spawnServer, type ServerProcess } from '../fixtures/server-process.js';

jest.setTimeout(60_000);

const started: ServerProcess[] = [];
const sockets: Socket[] = [];

function start(env: NodeJS.ProcessEnv = {}, nodeOptions: readonly string[] = []): ServerProcess {
  const server = spawnServer(env, nodeOptions);
  started.push(server);
  return server;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of started.splice(0)) {
    server.kill('SIGKILL');
    await server.exit;
  }
});

interface Outcome {
  /** Of the answer; undefined without one. */
  readonly status?: number;
  readonly body?: string;
  readonly closes?: boolean;
  /** The request went over a connection that the server had accepted and answered on before. */
  readonly reused: boolean;
  readonly error?: string;
}

function post(port: number, path: string, body: unknown, agent: Agent): Promise<Outcome> {
  return new Promise((resolve) => {
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path,
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    });
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          body: text,
          closes: response.headers.connection === 'close',
          reused: outgoing.reusedSocket,
        }),
      );
      response.on('error', (error) => resolve({ error: error.message, reused: true }));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ error: error.code ?? error.message, reused: outgoing.reusedSocket }),
    );
    outgoing.end(JSON.stringify(body));
  });
}

/** Opens a connection and sends the bytes as they are. */
async function raw(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

describe('a server process', () => {
  it('is ready, answers, and ends with exit code 0 on SIGTERM', async () => {
    const server = start();
    const port = await server.ready;
    expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).toEqual({ status: 'ready' });
    const agent = new Agent();
    const { status, body } = await post(
      port,
      '/v1/classify/batch',
      { texts: ['Спасибо за статью', 'привет'] },
      agent,
    );
    expect(status).toBe(200);
    expect((JSON.parse(body!) as { results: unknown[] }).results).toHaveLength(2);
    server.kill('SIGTERM');
    const { code, signal, stderr } = await server.exit;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('loses no accepted request on %s under load', async (signal) => {
    const server = start();
    const port = await server.ready;
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const texts = Array.from(
      { length: 40 },
      (_, i) => `Комментарий номер ${i} о погоде и о дожде, который обещают завтра`,
    );
    const outcomes: Outcome[] = [];
    let stopping = false;
    const clients = Array.from({ length: 32 }, async () => {
      for (;;) {
        const outcome = await post(port, '/v1/classify/batch', { texts }, agent);
        outcomes.push(outcome);
        if (stopping && (outcome.closes === true || outcome.error !== undefined)) return;
      }
    });
    await sleep(700);
    stopping = true;
    server.kill(signal);
    await Promise.all(clients);
    const exit = await server.exit;
    agent.destroy();

    expect(exit).toMatchObject({ code: 0, signal: null, stderr: '' });
    const answered = outcomes.filter(({ status }) => status !== undefined);
    expect(answered.length).toBeGreaterThan(32);
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { body } of answered)
      expect((JSON.parse(body!) as { results: unknown[] }).results).toHaveLength(40);
    // A connection that was never accepted may be refused; nothing else may fail.
    const lost = outcomes.filter(({ error, reused }) => error !== undefined && reused);
    expect(lost).toEqual([]);
  });

  it('answers what comes over an idle connection while it stops, and says so', async () => {
    const server = start();
    const port = await server.ready;
    const socket = await raw(port, 'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('200 OK');
    server.kill('SIGTERM');
    await sleep(200);
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = String((await once(socket, 'data'))[0]);
    expect(answer).toContain('503 Service Unavailable');
    expect(answer).toContain('Connection: close');
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
    expect(await server.exit).toMatchObject({ code: 0 });
  });

  it('does not wait for connections on which nothing comes', async () => {
    const server = start();
    const port = await server.ready;
    await raw(port, '');
    await raw(port, 'POST /v1/classify HTTP/1.1\r\nHost');
    const since = performance.now();
    server.kill('SIGTERM');
    expect(await server.exit).toMatchObject({ code: 0 });
    expect(performance.now() - since).toBeLessThan(4000);
  });

  it('is killed when the grace time is over', async () => {
    const server = start({ RUTOX_SHUTDOWN_GRACE_MS: '500' });
    const port = await server.ready;
    await raw(
      port,
      'POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te',
    );
    await sleep(100);
    const since = performance.now();
    server.kill('SIGTERM');
    const { signal, stdout } = await server.exit;
    expect(signal).toBe('SIGKILL');
    expect(stdout).toContain('the grace time is over');
    expect(performance.now() - since).toBeGreaterThan(450);
  });

  it('ends at once on a second signal', async () => {
    const server = start();
    const port = await server.ready;
    await raw(
      port,
      'POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te',
    );
    await sleep(100);
    server.kill('SIGTERM');
    await sleep(100);
    server.kill('SIGINT');
    const since = performance.now();
    expect((await server.exit).signal).toBe('SIGKILL');
    expect(performance.now() - since).toBeLessThan(1000);
  });

  it('stops with exit code 1 on an error that nobody caught, and does not log its message', async () => {
    const fault = "process.on('SIGUSR2', () => { throw new Error('a comment'); })";
    const server = start({}, ['--import', `data:text/javascript,${encodeURIComponent(fault)}`]);
    await server.ready;
    server.kill('SIGUSR2');
    const { code, stdout, stderr } = await server.exit;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('an error that nobody caught');
    expect(stdout).toContain('"stopped"');
    expect(stdout).not.toContain('a comment');
  });

  it('ends with exit code 0 on a signal while it starts', async () => {
    const server = start();
    await sleep(600);
    server.kill('SIGTERM');
    const { code, signal, stderr } = await server.exit;
    // Before it listens for signals the default ends it; afterwards it starts, then stops.
    expect(code === 0 || signal === 'SIGTERM').toBe(true);
    expect(stderr).toBe('');
  });
});

describe.each(['1', '2'])('a start that cannot succeed, of %s processes', (processes) => {
  const startOf = (env: NodeJS.ProcessEnv) => start({ RUTOX_PROCESSES: processes, ...env });
  const line = /^rutox: [^\n]+\n$/;

  it('ends with exit code 2 and one line on a bad setting', async () => {
    const { code, stdout, stderr } = await startOf({ RUTOX_THREADS: 'lots' }).exit;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toContain('RUTOX_THREADS=lots: must be a whole number');
  });

  it('ends with exit code 1 and one line on a corrupted model', async () => {
    const modelDir = copyOfModel({ 'vocab.json': '{}' });
    const { code, stdout, stderr } = await startOf({ RUTOX_MODEL_DIR: modelDir }).exit;
    rmSync(modelDir, { recursive: true });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toContain('vocab.json: 2 bytes, but the manifest says');
  });

  it('ends with exit code 1 and one line where there is no model', async () => {
    const { code, stderr } = await startOf({ RUTOX_MODEL_DIR: 'no/model/here' }).exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr).toContain('manifest.json: no such file');
  });

  it('ends with exit code 1 and one line when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await startOf({ PORT: String(port) }).exit;
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`rutox: cannot listen on 127.0.0.1, port ${port}: the port is in use\n`);
  });
});
