import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startTraffic, tally } from '../../load-tests/faults/traffic.js';
import { loadConfig } from '../../src/config.js';
import { packageRoot } from '../../src/package-root.js';
import { childrenOf } from '../fixtures/processes.js';
import { describeWithPrograms, findProgram } from '../fixtures/programs.js';
import { freePort } from '../fixtures/prometheus.js';
import { spawnServer, type ServerProcess } from '../fixtures/server-process.js';

jest.setTimeout(60_000);

const NGINX_CONFIG = readFileSync(join(packageRoot, 'deploy', 'nginx', 'nginx.conf'), 'utf8');
const [, HAPROXY_CONFIG] = /```haproxy\n(.*?)```/s.exec(
  readFileSync(join(packageRoot, 'docs', 'load-balancing.md'), 'utf8'),
)!;

let folder: string;
let ports: number[];
let clusters: ServerProcess[];
let balancer: ChildProcess | undefined;
let complaints: string;
let frontPort: number;

const startCluster = (port: number) =>
  spawnServer({
    PORT: String(port),
    RUTOX_PROCESSES: '2',
    RUTOX_TRUST_PROXY: '1',
  });

/** As a machine that loses its power: nobody drains, nobody says goodbye. */
async function killCluster(cluster: ServerProcess): Promise<void> {
  const children = childrenOf(cluster.pid);
  cluster.kill('SIGKILL');
  for (const pid of children) process.kill(pid, 'SIGKILL');
  await cluster.exit;
}

async function startAll(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'rutox-balancer-'));
  ports = [await freePort(), await freePort()];
  frontPort = await freePort();
  clusters = ports.map(startCluster);
  await Promise.all(clusters.map(({ ready }) => ready));
}

async function stopAll(): Promise<void> {
  if (balancer?.exitCode === null) {
    const gone = once(balancer, 'exit');
    balancer.kill('SIGTERM');
    await gone;
  }
  for (const cluster of clusters) await killCluster(cluster);
  rmSync(folder, { recursive: true });
}

async function startBalancer(program: string, args: readonly string[]): Promise<void> {
  complaints = '';
  balancer = spawn(findProgram(program)!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  balancer.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  for (let tries = 0; tries < 100 && balancer.exitCode === null; tries++) {
    const answer = await fetch(`http://127.0.0.1:${frontPort}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`${program} does not answer: ${complaints}`);
}

/** The configuration as it is, but for names, ports and places. */
function nginxHere(): Promise<void> {
  const text = NGINX_CONFIG.replace('user www-data;', 'daemon off;')
    .replace('worker_processes auto;', 'worker_processes 1;')
    .replace('/run/nginx.pid', join(folder, 'nginx.pid'))
    .replace('/dev/stdout', join(folder, 'access.log'))
    .replaceAll('rutox-1:8000', `127.0.0.1:${ports[0]}`)
    .replaceAll('rutox-2:8000', `127.0.0.1:${ports[1]}`)
    .replace('listen 80;', `listen 127.0.0.1:${frontPort};`)
    .replace(
      'http {',
      `http { client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
      fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;`,
    );
  writeFileSync(join(folder, 'nginx.conf'), text);
  return startBalancer('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
}

function haproxyHere(): Promise<void> {
  const text = HAPROXY_CONFIG!
    .replaceAll('rutox-1:8000', `127.0.0.1:${ports[0]}`)
    .replaceAll('rutox-2:8000', `127.0.0.1:${ports[1]}`)
    .replace('bind :80', `bind 127.0.0.1:${frontPort}`);
  writeFileSync(join(folder, 'haproxy.cfg'), text);
  return startBalancer('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')]);
}

/** Requests that each cluster has counted. */
function scored(): Promise<number[]> {
  return Promise.all(
    ports.map(async (port) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^rutox_texts_total\{verdict="harmless"\} (\d+)/m.exec(text)![1]);
    }),
  );
}

/** Kills one cluster under load, and brings it back. Returns what became of the requests. */
async function loseACluster() {
  const clients = 8;
  const traffic = await startTraffic(frontPort, { clients, texts: 4, keepAlive: true, pauseMs: 10, seed: 7 });
  await sleep(2000);
  const before = await scored();
  await killCluster(clusters[0]!);
  await sleep(3000);
  clusters[0] = startCluster(ports[0]!);
  await clusters[0].ready;
  await sleep(4000);
  const after = await scored();
  const outcomes = await traffic.stop();
  return { before, after, outcomes };
}

describeWithPrograms(['nginx'], 'nginx before two clusters', () => {
  beforeAll(startAll);
  beforeAll(nginxHere);
  afterAll(stopAll);

  it('hides the loss of a cluster, and takes it back', async () => {
    const { before, after, outcomes } = await loseACluster();
    for (const count of [...before, ...after]) expect(count).toBeGreaterThan(0);
    expect(Object.keys(tally(outcomes))).toEqual(['200']);
    expect(outcomes.length).toBeGreaterThan(200);
  });

  it('passes bodies as large as rutox takes, and leaves the refusal of larger ones to rutox', async () => {
    const { maxBodyBytes } = loadConfig({});
    const send = (bytes: number) =>
      fetch(`http://127.0.0.1:${frontPort}/v1/classify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"text":"${'a'.repeat(bytes - 11)}"}`,
      });
    // More characters than a text may have, in a body that is not too large.
    expect((await send(maxBodyBytes)).status).toBe(422);
    const refused = await send(maxBodyBytes + 1);
    expect(refused.status).toBe(413);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
  });

  it('keeps metrics to itself', async () => {
    expect((await fetch(`http://127.0.0.1:${frontPort}/metrics`)).status).toBe(404);
  });

  it('keeps its connections to the clusters', async () => {
    const ask = () => fetch(`http://127.0.0.1:${frontPort}/v1/models`).then((answer) => answer.text());
    const open = () =>
      Promise.all(
        ports.map(async (port) => {
          const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
          return Number(/^rutox_connections (\d+)/m.exec(text)![1]);
        }),
      );
    await ask();
    const before = await open();
    for (let count = 0; count < 40; count++) await ask();
    const after = await open();
    // The scrapes themselves hold one of each or a few.
    expect(after.map((count, index) => count - before[index]!).every((more) => more <= 3)).toBe(true);
    expect(Math.max(...after)).toBeGreaterThanOrEqual(2);
  });
});

describeWithPrograms(['haproxy'], 'HAProxy before two clusters', () => {
  beforeAll(startAll);
  beforeAll(haproxyHere);
  afterAll(stopAll);

  it('hides the loss of a cluster, and takes it back', async () => {
    const { before, after, outcomes } = await loseACluster();
    for (const count of [...before, ...after]) expect(count).toBeGreaterThan(0);
    expect(Object.keys(tally(outcomes))).toEqual(['200']);
  });
});

describe('the body limit of nginx', () => {
  it("is just above rutox's", () => {
    const kilobytes = Number(/client_max_body_size (\d+)k;/.exec(NGINX_CONFIG)![1]);
    const above = kilobytes * 1024 - loadConfig({}).maxBodyBytes;
    expect(above).toBeGreaterThan(0);
    expect(above).toBeLessThan(200_000);
  });
});
