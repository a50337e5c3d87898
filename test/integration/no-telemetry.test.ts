import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { spawnServer } from '../fixtures/server-process.js';
import { socketsOf } from '../fixtures/sockets.js';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'rutox-network-'));
afterAll(() => rmSync(folder, { recursive: true }));

const recorder = pathToFileURL(join(packageRoot, 'test', 'fixtures', 'network-recorder.mjs')).href;
const recorderOption = ['--import', recorder];

/** Looks at the sockets of a process every few milliseconds until `work` is done. */
async function watch(pid: number, work: Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>();
  const look = () => {
    try {
      for (const socket of socketsOf(pid)) seen.add(socket);
    } catch {
      // The process has ended.
    }
  };
  const timer = setInterval(look, 3);
  await work.finally(() => clearInterval(timer));
  return seen;
}

(process.platform === 'linux' ? describe : describe.skip)('telemetry', () => {
  it('starting, classifying and stopping opens no connection of its own', async () => {
    const record = join(folder, 'server.txt');
    const home = mkdtempSync(join(folder, 'home-'));
    const server = spawnServer({ NETWORK_RECORD: record, HOME: home }, recorderOption);
    let port = 0;
    const work = async () => {
      port = await server.ready;
      for (let i = 0; i < 50; i++) {
        const texts = Array.from({ length: 20 }, (_, n) => `Комментарий ${i * 20 + n} о погоде`);
        const response = await fetch(`http://127.0.0.1:${port}/v1/classify/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ texts }),
        });
        expect(response.status).toBe(200);
        await response.arrayBuffer();
      }
      server.kill('SIGTERM');
      expect((await server.exit).code).toBe(0);
    };
    const seen = await watch(server.pid, work());

    // What JavaScript tried, in every thread: only what `listen` does with HOST, which is an address already.
    const lines = readFileSync(record, 'utf8').trim().split('\n');
    expect(new Set(lines)).toEqual(new Set(['recording', 'dns.lookup "127.0.0.1"']));
    // What the kernel saw, native code included: the port we listen on, and connections that came to it.
    expect(seen).toContain(`tcp :${port} listening`);
    for (const socket of seen) expect(socket).toMatch(new RegExp(`^tcp6? :${port} (listening|-> )`));
    // ONNX Runtime keeps what it is about to send in a database below the home folder.
    expect(readdirSync(home)).toEqual([]);
  });

  it('would have been seen: the same look at a process that connects finds it', async () => {
    const target = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as AddressInfo;
    const record = join(folder, 'control.txt');
    const code = `import { connect } from 'node:net';
      import { Worker } from 'node:worker_threads';
      const socket = connect(${port}, '127.0.0.1');
      new Worker("setTimeout(() => import('node:dns').then((dns) => dns.lookup('localhost', () => {})), 100)", { eval: true });
      setTimeout(() => socket.end(), 500);`;
    const child = spawn(process.execPath, [...recorderOption, '--input-type=module', '--eval', code], {
      env: { PATH: process.env['PATH'], NETWORK_RECORD: record },
    });
    const seen = await watch(child.pid!, once(child, 'exit'));
    target.close();
    expect([...seen].filter((socket) => socket.endsWith(`-> :${port}`))).toHaveLength(1);
    expect(existsSync(record)).toBe(true);
    expect(readFileSync(record, 'utf8')).toMatch(new RegExp(`net.connect .*${port}`));
    expect(readFileSync(record, 'utf8')).toContain('dns.lookup "localhost"');
  });
});
