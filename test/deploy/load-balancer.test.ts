import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
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

const suggestionsOf = (port: number) => join(folder, `suggestions-${port}.jsonl`);

const startCluster = (port: number, env: NodeJS.ProcessEnv = {}) =>
  spawnServer({
    PORT: String(port),
    RUTOX_PROCESSES: '2',
    RUTOX_TRUST_PROXY: '1',
    RUTOX_FEEDBACK_FILE: suggestionsOf(port),
    ...env,
  });

function signalCluster({ pid }: ServerProcess, signal: NodeJS.Signals): void {
  for (const each of [...childrenOf(pid), pid]) process.kill(each, signal);
}

/** As a machine that loses its power: nobody drains, nobody says goodbye. */
async function killCluster(cluster: ServerProcess): Promise<void> {
  const children = childrenOf(cluster.pid);
  cluster.kill('SIGKILL');
  for (const pid of children) process.kill(pid, 'SIGKILL');
  await cluster.exit;
}

async function startAll(env: NodeJS.ProcessEnv = {}): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'rutox-balancer-'));
  ports = [await freePort(), await freePort()];
  frontPort = await freePort();
  clusters = ports.map((port) => startCluster(port, env));
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

/** Asks the load balancer. Returns the status of its answer. */
function post(
  path: string,
  body: object,
  { from = '127.0.0.1', headers = {} }: { from?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(
      { port: frontPort, host: '127.0.0.1', path, method: 'POST', agent: false, localAddress: from },
      (response) => response.resume().on('end', () => resolve(response.statusCode!)),
    )
      .setHeaders(new Map(Object.entries({ ...headers, 'content-type': 'application/json' })))
      .on('error', reject)
      .end(JSON.stringify(body));
  });
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

/** Kills a cluster that has taken requests and answered none of them. Returns what became of the requests. */
async function dieWithRequestsInHand() {
  // Neither answers, so each gets every second request.
  for (const cluster of clusters) signalCluster(cluster, 'SIGSTOP');
  const suggestions: [text: string, status: Promise<number>][] = [];
  const comments: Promise<number>[] = [];
  for (let round = 0; round < 2; round++) {
    for (const text of [`раз ${round}`, `два ${round}`]) {
      const suggestion = { comment: { text }, attributeScores: { TOXICITY: { summaryScore: { value: 1 } } } };
      suggestions.push([text, post('/v1alpha1/comments:suggestscore', suggestion)]);
      await sleep(50);
    }
    for (let count = 0; count < 2; count++) {
      comments.push(post('/v1/classify', { text: 'Спасибо за статью' }));
      await sleep(50);
    }
  }
  signalCluster(clusters[1]!, 'SIGCONT');
  await killCluster(clusters[0]!);
  const suggested = await Promise.all(
    suggestions.map(async ([text, status]) => ({ text, status: await status })),
  );
  const classified = await Promise.all(comments);
  const kept = readFileSync(suggestionsOf(ports[1]!), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text);
  clusters[0] = startCluster(ports[0]!);
  await clusters[0].ready;
  return { suggested, classified, kept };
}

async function expectNoSuggestionTwice(): Promise<void> {
  const { suggested, classified, kept } = await dieWithRequestsInHand();
  expect(classified).toEqual([200, 200, 200, 200]);
  expect(suggested.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 502, 502]);
  const answered = suggested.filter(({ status }) => status === 200).map(({ text }) => text);
  expect(kept.toSorted()).toEqual(answered.toSorted());
}

describeWithPrograms(['nginx'], 'nginx before two clusters', () => {
  beforeAll(() => startAll());
  beforeAll(nginxHere);
  afterAll(stopAll);

  it('hides the loss of a cluster, and takes it back', async () => {
    const { before, after, outcomes } = await loseACluster();
    for (const count of [...before, ...after]) expect(count).toBeGreaterThan(0);
    expect(Object.keys(tally(outcomes))).toEqual(['200']);
    expect(outcomes.length).toBeGreaterThan(200);
  });

  it(
    'sends comments again when a cluster dies with them in hand, but no suggestion',
    expectNoSuggestionTwice,
  );

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
  beforeAll(() => startAll());
  beforeAll(haproxyHere);
  afterAll(stopAll);

  it('hides the loss of a cluster, and takes it back', async () => {
    const { before, after, outcomes } = await loseACluster();
    for (const count of [...before, ...after]) expect(count).toBeGreaterThan(0);
    expect(Object.keys(tally(outcomes))).toEqual(['200']);
  });

  it(
    'sends comments again when a cluster dies with them in hand, but no suggestion',
    expectNoSuggestionTwice,
  );
});

const BALANCERS = { nginx: nginxHere, haproxy: haproxyHere };

for (const [program, start] of Object.entries(BALANCERS)) {
  describeWithPrograms([program], `the rate limit behind ${program}`, () => {
    const BURST = 60;
    // What is spent comes back in a minute.
    const limited = { RUTOX_PROCESSES: '1', RUTOX_RATE_LIMIT: '1', RUTOX_MAX_TEXTS: String(BURST) };
    beforeAll(() => startAll(limited));
    beforeAll(start);
    afterAll(stopAll);

    /** Asks six times for all that a caller may have at once; each cluster has that once. */
    async function spend(from: string, headers: Record<string, string> = {}): Promise<number[]> {
      const texts = Array.from({ length: BURST }, () => 'Спасибо');
      const statuses = [];
      for (let count = 0; count < 6; count++)
        statuses.push(await post('/v1/classify/batch', { texts }, { from, headers }));
      return statuses.toSorted((a, b) => a - b);
    }

    it('holds for each caller by itself, and no header makes another caller of one', async () => {
      const REFUSED = [429, 429, 429, 429, 429, 429];
      const FIRST = [200, 200, 429, 429, 429, 429];
      expect(await spend('127.0.0.1')).toEqual(FIRST);
      expect(await spend('127.0.0.1', { 'x-forwarded-for': '10.1.1.1' })).toEqual(REFUSED);
      expect(await spend('127.0.0.1', { 'x-forwarded-for': '10.1.1.2, 10.1.1.3' })).toEqual(REFUSED);
      expect(await spend('127.0.0.1', { forwarded: 'for=10.1.1.4', 'x-real-ip': '10.1.1.5' })).toEqual(
        REFUSED,
      );
      expect(await spend('127.0.0.2', { 'x-forwarded-for': '127.0.0.1' })).toEqual(FIRST);
    });
  });
}

describe('the body limit of nginx', () => {
  it("is just above rutox's", () => {
    const kilobytes = Number(/client_max_body_size (\d+)k;/.exec(NGINX_CONFIG)![1]);
    const above = kilobytes * 1024 - loadConfig({}).maxBodyBytes;
    expect(above).toBeGreaterThan(0);
    expect(above).toBeLessThan(200_000);
  });
});
