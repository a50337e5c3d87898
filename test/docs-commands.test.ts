import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../src/package-root.js';
import { copyOfModel, realModelDir } from './fixtures/model-dir.js';
import { spawnServer, type ServerProcess } from './fixtures/server-process.js';

/** Every command in the documents is run: here, against a cluster, or as the two tables say. */

jest.setTimeout(120_000);

/** Pages all of whose commands another test runs. */
const PAGES_ELSEWHERE: Record<string, string> = {
  'docs/command-line.md': 'test/command-line-docs.test.ts',
};

/** Blocks that are not run here, by how they start: the test that runs them, or why none does. */
const BLOCKS_ELSEWHERE: Record<string, string> = {
  'npm ci && npm start': 'replaces node_modules; .ci/run does npm ci, every test of a server starts one',
  'npm ci && npm test': 'would run this test again; .ci/run is it',
  'npm ci && npm run build': 'trains for minutes; .ci/run does it with data/sample.csv',
  'python3 -m venv .venv\n.venv/bin/pip install -r load-tests/peers': 'a gigabyte from a registry',
  '.venv/bin/jupyter lab': 'waits in a browser; .ci/run runs the notebook',
  'cd notebooks\n../.venv/bin/papermill': 'trains for minutes; .ci/run does it with data/sample.csv',
  '../.venv/bin/papermill': '.ci/run',
  'RUTOX_MODEL_DIR=models/mine': 'a model that is trained before; .ci/run serves the one it trained',
  'npx rutox evaluate data/sample.csv': 'test/tutorial.test.ts',
  'node site.mjs': 'test/tutorial.test.ts',
  'BOT_TOKEN=… node bot.mjs': 'test/tutorial.test.ts',
  'npm pack --silent': 'asks a registry; test/integration/package.test.ts packs and installs without one',
  'npm run build && npm pack':
    'asks a registry; test/integration/package.test.ts packs and installs without one',
  'docker ': 'needs Docker; test/deploy/compose.test.ts checks the file',
  'kubectl ': 'needs Kubernetes; test/deploy/kubernetes.test.ts checks the manifests',
  'k6 ': 'needs k6; test/load-tests/k6.test.ts runs the scripts with stand-ins',
};

interface Block {
  readonly page: string;
  readonly commands: string;
  /** What the page says that they print. */
  readonly output: string | undefined;
}

const pages = ['docs', 'load-tests', 'data', 'deploy', 'models']
  .flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  )
  .concat('README.md', 'README.ru.md', 'CHANGELOG.md')
  .filter((path) => path.endsWith('.md') && !path.startsWith('data/raw'));
const FENCE = /^```(?:sh|bash|shell|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms;
const blocks: readonly Block[] = pages.flatMap((page) =>
  [...readFileSync(join(packageRoot, page), 'utf8').matchAll(FENCE)].map(([, commands, output]) => ({
    page,
    commands: commands!,
    output,
  })),
);
const isElsewhere = ({ page, commands }: Block) =>
  page in PAGES_ELSEWHERE || Object.keys(BLOCKS_ELSEWHERE).some((start) => commands.startsWith(start));
/** Pages in two languages have the same commands. */
const here = [
  ...new Map(blocks.filter((block) => !isElsewhere(block)).map((block) => [block.commands, block])).values(),
];

/** The repository as it is built, and what an operator has under /srv and /var. */
let folder: string;
let server: ServerProcess;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-commands-'));
  symlinkSync(join(packageRoot, 'dist'), join(folder, 'dist'));
  const manifest = readFileSync(join(realModelDir, 'manifest.json'), 'utf8');
  const next = copyOfModel({ 'manifest.json': manifest.replace(/"version": "[^"]+"/, '"version": "99"') });
  symlinkSync(realModelDir, join(folder, 'v1.0'));
  symlinkSync(next, join(folder, 'v1.1'));
  writeFileSync(join(folder, 'rutox.env'), `RUTOX_MODEL_DIR=${folder}/v1.0\n`);
  const settings = {
    RUTOX_PROCESSES: '2',
    RUTOX_THREADS: '1',
    RUTOX_MODEL_DIR: '',
    RUTOX_CONTROL_SOCKET: join(folder, 'control.sock'),
    RUTOX_FEEDBACK_FILE: join(folder, 'feedback.jsonl'),
  };
  server = spawnServer(settings, [], ['--env-file', join(folder, 'rutox.env')]);
  port = await server.ready;
  const suggestion = {
    comment: { text: 'Сказал: "нет"' },
    attributeScores: { TOXICITY: { summaryScore: { value: 0.2 } } },
  };
  const answer = await fetch(`http://127.0.0.1:${port}/v1alpha1/comments:suggestscore`, {
    method: 'POST',
    body: JSON.stringify(suggestion),
  });
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  server.kill('SIGTERM');
  expect((await server.exit).code).toBe(0);
  rmSync(folder, { recursive: true });
});

/** In a shell. A server that the commands start is stopped when it is ready. */
async function run(commands: string) {
  const adapted = commands
    .replaceAll('localhost:8000', `127.0.0.1:${port}`)
    .replaceAll('/srv/models', folder)
    .replaceAll('/var/lib/rutox', folder);
  const { PATH } = process.env;
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', adapted], {
    cwd: folder,
    env: { PATH, PORT: '0', RUTOX_PROCESSES: '1', RUTOX_CONTROL_SOCKET: join(folder, 'control.sock') },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk: Buffer) => {
    const wasReady = stdout.includes('"msg":"ready"');
    stdout += String(chunk);
    if (!wasReady && stdout.includes('"msg":"ready"')) process.kill(-child.pid!, 'SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('commands in the documents', () => {
  it('are many, and the tables name no others', () => {
    expect(here.length).toBeGreaterThan(12);
    const starts = Object.keys(BLOCKS_ELSEWHERE);
    expect(starts.filter((start) => !blocks.some(({ commands }) => commands.startsWith(start)))).toEqual([]);
    expect(Object.keys(PAGES_ELSEWHERE).filter((page) => !pages.includes(page))).toEqual([]);
    const named = [...Object.values(PAGES_ELSEWHERE), ...Object.values(BLOCKS_ELSEWHERE)].flatMap(
      (where) => where.match(/test\/[\w./-]+\.ts|\.ci\/run/g) ?? [],
    );
    expect(named.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
  });

  it.each(here)('$page: $commands', async ({ commands, output }) => {
    const { code, stdout, stderr } = await run(commands);
    // What openssl says while it looks for a key is no complaint.
    const complaint = commands.startsWith('openssl ') ? '' : stderr;
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
    // test/docs.test.ts compares what the server answers, but for digits in which CPUs differ.
    if (/^curl /m.test(commands)) expect(stdout).not.toBe('');
    else if (output !== undefined) expect(stdout).toBe(output);
    if (commands.includes('rutox_model_info')) expect(stdout).toContain('version="99"');
    if (commands.includes('feedback.jsonl')) expect(stdout).toBe('"Сказал: ""нет""",0\n');
  });
});
