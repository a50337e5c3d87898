import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readTexts } from '../../src/commands/records.js';
import { packageRoot } from '../../src/package-root.js';
import { startServer, type ReadyServer } from '../contract/server.js';
import type { Run } from '../fixtures/k6/run-script.js';

/**
 * The logic of the k6 scripts against a real server: requests, checks, thresholds. k6 itself, its executors and times, is
 * not there: the scripts run through test/fixtures/k6/.
 */

const FOLDER = join(packageRoot, 'load-tests', 'k6');
const SCENARIOS = ['average', 'breakpoint', 'compatible', 'smoke', 'soak', 'spike', 'stress'];

async function run(scenario: string, env: Record<string, string>, iterations = 5): Promise<Run> {
  // Options and comments are read while a script loads: everything anew for each.
  jest.resetModules();
  const { runScript } = await import('../fixtures/k6/run-script.js');
  return await runScript(join(FOLDER, `${scenario}.ts`), env, iterations);
}

const timeless = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('http_req_duration'));

describe('k6 scripts', () => {
  let server: ReadyServer;
  beforeAll(async () => {
    server = await startServer();
  }, 60_000);
  afterAll(() => server.stop());

  it('are all tested', () => {
    const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
    const parts = ['comments', 'csv', 'options', 'rutox', 'summary'];
    expect(scripts.toSorted()).toEqual([...SCENARIOS, ...parts].map((name) => `${name}.ts`).toSorted());
  });

  it.each(SCENARIOS)('%s is answered right', async (scenario) => {
    const { samples, broken, held, output } = await run(scenario, { BASE_URL: server.url });
    const checks = samples.filter(({ metric }) => metric === 'checks');
    expect(checks.length).toBeGreaterThanOrEqual(5);
    expect(checks.filter(({ value }) => value !== 1)).toEqual([]);
    // How fast this machine is, is not the question.
    expect(timeless(broken)).toEqual([]);
    expect(timeless(held)).toContain('http_req_failed: rate==0');
    const data = JSON.parse(output['k6-summary.json']!) as { metrics: Record<string, object> };
    expect(Object.keys(data.metrics)).toContain('checks');
    expect(output['stdout']).toMatch(/^held {4}checks: rate==1/m);
  });

  it.each(SCENARIOS)('%s has thresholds for what it sends only', async (scenario) => {
    const { samples, broken, held } = await run(scenario, { BASE_URL: server.url }, 1);
    const names = new Set(samples.flatMap(({ tags }) => Object.values(tags)));
    const tags = [...broken, ...held].flatMap((line) => /\{\w+:([^}]+)\}/.exec(line)?.[1] ?? []);
    expect(tags.filter((name) => !names.has(name))).toEqual([]);
  });

  it('a server that is not there breaks the thresholds', async () => {
    const { broken } = await run('smoke', { BASE_URL: 'http://127.0.0.1:9' }, 1);
    expect(broken).toEqual(expect.arrayContaining(['checks: rate==1', 'http_req_failed: rate==0']));
  });

  it('refuse a rate that is none', async () => {
    await expect(run('average', { BASE_URL: server.url, RATE: 'many' })).rejects.toThrow(
      'RATE must be a number above 0',
    );
  });

  it('read a file as csv-parse does', async () => {
    const file = join(packageRoot, 'data', 'sample.csv');
    const { readColumn } = (await import(join(FOLDER, 'csv.ts'))) as {
      readColumn: (text: string, column: string) => string[];
    };
    const texts: string[] = [];
    for await (const text of readTexts(file, { column: 'comment', field: 'text' })) texts.push(text);
    expect(readColumn(readFileSync(file, 'utf8'), 'comment')).toEqual(
      texts.filter((text) => text.trim() !== ''),
    );
    expect(readColumn('a,b\r\n1,"x ""y""\nz"\r\n,q', 'b')).toEqual(['x "y"\nz', 'q']);
    expect(() => readColumn('a,b\n1,2', 'comment')).toThrow('--env COLUMN');
  });
});

describe('k6 scripts and a server that refuses', () => {
  let server: ReadyServer;
  beforeAll(async () => {
    server = await startServer({ RUTOX_RATE_LIMIT: '1', RUTOX_MAX_TEXTS: '1' });
  }, 60_000);
  afterAll(() => server.stop());

  it('count refusals, which are no failures but have a threshold', async () => {
    const { broken, held, samples } = await run('stress', { BASE_URL: server.url }, 8);
    expect(
      samples.filter(({ metric, value }) => metric === 'rutox_refused' && value === 1).length,
    ).toBeGreaterThan(1);
    expect(timeless(broken)).toEqual(['rutox_refused: rate<0.01']);
    expect(timeless(held)).toEqual(
      expect.arrayContaining(['http_req_failed: rate==0', 'rutox_refusal_says_when: rate==1']),
    );
  });
});
