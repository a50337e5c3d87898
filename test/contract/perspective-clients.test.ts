import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { startServer, type ReadyServer } from './server.js';

const KEY = 'the-key-of-the-site';

let folder: string;
let server: ReadyServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-clients-'));
  writeFileSync(join(folder, 'keys'), `site:${KEY}\n`);
  server = await startServer({ RUTOX_API_KEYS_FILE: join(folder, 'keys') });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** What a program with a client of others prints, run as its users would run it. */
async function run(client: string, key = KEY): Promise<Record<string, never>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(packageRoot, 'test', 'contract', 'clients', `${client}.mjs`)],
    { env: { PATH: process.env['PATH'], MODERATION_URL: server.url, KEY: key } },
  );
  return JSON.parse(stdout) as Record<string, never>;
}

const toxic = {
  attributeScores: { TOXICITY: { summaryScore: { type: 'PROBABILITY', value: expect.any(Number) } } },
  languages: ['ru'],
};

test('googleapis-common builds itself from the discovery document', async () => {
  const { analysis, suggestion, refused } = await run('googleapis-common');
  expect(analysis).toMatchObject(toxic);
  expect(suggestion).toEqual({ clientToken: 'т', detectedLanguages: ['ru'], requestedLanguages: ['ru'] });
  expect(refused).toEqual({ message: 'Comment must be non-empty.', status: 400 });
});

test('perspective-api-client works once it is sent here', async () => {
  const { analysis, refused } = await run('perspective-api-client');
  expect(analysis).toMatchObject(toxic);
  expect(refused).toEqual({
    name: 'ResponseError',
    message: 'Attribute INSULT does not support request languages: ru',
    status: 400,
  });
});

test('a wrong key is told to both', async () => {
  for (const client of ['googleapis-common', 'perspective-api-client'])
    await expect(run(client, 'a-key-that-is-wrong')).rejects.toThrow('API key not valid.');
});

test('the discovery document leads back to where it was asked for', async () => {
  const rootUrl = async (headers: Record<string, string>, at = server) =>
    ((await (await fetch(`${at.url}/$discovery/rest`, { headers })).json()) as { rootUrl: string }).rootUrl;
  expect(await rootUrl({})).toBe(`${server.url}/`);
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'moderation.example.org' };
  expect(await rootUrl(forwarded)).toBe(`${server.url}/`);
  const trusting = await startServer({ RUTOX_TRUST_PROXY: 'loopback' });
  try {
    expect(await rootUrl(forwarded, trusting)).toBe('https://moderation.example.org/');
  } finally {
    await trusting.stop();
  }
});

describe.each(['', '.ru'])('docs/migrating-from-perspective%s.md', (language) => {
  const text = readFileSync(join(packageRoot, 'docs', `migrating-from-perspective${language}.md`), 'utf8');

  test('shows what the server answers', async () => {
    const [, body, answer] = /curl .*?-d '(.*?)'.*?```json\n(.*?)```/s.exec(text)!;
    const response = await fetch(`${server.url}/v1alpha1/comments:analyze?key=${KEY}`, {
      method: 'POST',
      body: body!,
    });
    const rounded = (_: string, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 100) / 100 : value;
    expect(JSON.parse(await response.text(), rounded)).toEqual(JSON.parse(answer!, rounded));
  });

  test('shows the recipe that was tried above', () => {
    const recipe = readFileSync(
      join(packageRoot, 'test', 'contract', 'clients', 'perspective-api-client.mjs'),
      'utf8',
    );
    const lines = recipe.slice(recipe.indexOf('import'), recipe.indexOf('const Perspective')).split('\n');
    for (const line of lines.filter((each) => !each.startsWith('//'))) expect(text).toContain(line);
  });
});
