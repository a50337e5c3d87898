import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { dashboardJson } from '../../deploy/grafana/dashboards.js';
import { DASHBOARDS } from '../../deploy/grafana/panels.js';
import { createMetrics } from '../../src/metrics.js';
import { packageRoot } from '../../src/package-root.js';
import { copyOfModel } from '../fixtures/model-dir.js';
import { childrenOf } from '../fixtures/processes.js';
import { describeWithPrograms, findProgram } from '../fixtures/programs.js';
import { readRules, RULES, startPrometheus, type Prometheus } from '../fixtures/prometheus.js';
import { spawnServer, type ServerProcess } from '../fixtures/server-process.js';

jest.setTimeout(120_000);

const TESTS = join(dirname(RULES), 'tests');
const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');
const rules = readRules();
const alerts = rules.flatMap(({ alert }) => alert ?? []);
const manual = read('docs', 'monitoring.md');

/** As Grafana would fill it in. */
const filled = (expr: string) => expr.replaceAll('$job', '.+').replaceAll('$__rate_interval', '1m');
const panelQueries = DASHBOARDS.flatMap(({ panels }) =>
  panels.flatMap(({ queries }) => queries.map(({ expr }) => filled(expr))),
);

describe('alerts', () => {
  it('are each described, with what to do', () => {
    expect(alerts.filter((name) => !manual.includes(`\n### ${name}\n`))).toEqual([]);
    const described = [...manual.matchAll(/^### (Rutox\w+)$/gm)].map(([, name]) => name!);
    expect(described.toSorted()).toEqual(alerts.toSorted());
  });

  it('are each seen firing and not firing in the unit tests', () => {
    interface Case {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }
    const cases = readdirSync(TESTS)
      .map(
        (file) => parse(readFileSync(join(TESTS, file), 'utf8')) as { tests: { alert_rule_test: Case[] }[] },
      )
      .flatMap(({ tests }) => tests.flatMap((each) => each.alert_rule_test));
    const fired = cases.filter(({ exp_alerts: expected }) => expected.length > 0);
    expect(alerts.filter((name) => !fired.some(({ alertname }) => alertname === name))).toEqual([]);
  });
});

describe('the metrics', () => {
  it('are each described, under their real names and types', async () => {
    const own = (await createMetrics().expose()).matchAll(/^# TYPE (rutox_\w+) (\w+)$/gm);
    const ofPrimary = ['rutox_reloads_total counter', 'rutox_server_processes gauge'];
    const described = [...manual.matchAll(/^\| `(rutox_\w+)[^`]*` +\| (\w+) /gm)].map(([, ...found]) =>
      found.join(' '),
    );
    const all = [...[...own].map(([, ...found]) => found.join(' ')), ...ofPrimary];
    expect(described.toSorted()).toEqual(all.toSorted());
  });
});

describe('the dashboards', () => {
  it.each(DASHBOARDS)('$uid.json is what npm run dashboards writes', (spec) => {
    const file = read('deploy', 'grafana', 'dashboards', `${spec.uid}.json`);
    expect(JSON.parse(file)).toEqual(JSON.parse(dashboardJson(spec)));
  });
});

describeWithPrograms(['promtool'], 'promtool', () => {
  const promtool = (...args: string[]) => execFileSync(findProgram('promtool')!, args, { encoding: 'utf8' });

  it('accepts the configuration and the rules', () => {
    expect(promtool('check', 'config', join(dirname(RULES), 'prometheus.yml'))).toContain('SUCCESS');
  });

  it.each(readdirSync(TESTS))('passes the unit tests of the rules, %s', (file) => {
    expect(promtool('test', 'rules', join(TESTS, file))).toContain('SUCCESS');
  });
});

describeWithPrograms(['prometheus'], 'a real Prometheus beside a cluster under load', () => {
  let prometheus: Prometheus;
  let cluster: ServerProcess;
  let load: Promise<void>;
  let isLoaded = true;
  // Of its own, because a reload will be made to fail by its loss.
  const modelDir = copyOfModel();

  async function traffic(port: number): Promise<void> {
    const post = (path: string, body: unknown) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then((response) => response.text());
    while (isLoaded) {
      // A process is killed below, with what it is answering.
      const round = [
        post('/v1/classify', { text: 'Спасибо за статью' }),
        post('/v1/classify/batch', { texts: Array.from({ length: 20 }, (_, n) => `Ты дурак ${n}`) }),
        post('/v1/classify', { nonsense: true }),
      ];
      await Promise.allSettled(round);
      await sleep(50);
    }
  }

  beforeAll(async () => {
    cluster = spawnServer({ RUTOX_PROCESSES: '2', RUTOX_MODEL_DIR: modelDir });
    const port = await cluster.ready;
    load = traffic(port);
    prometheus = await startPrometheus([port]);
  });
  afterAll(async () => {
    isLoaded = false;
    await load;
    await prometheus.stop();
    const children = childrenOf(cluster.pid);
    cluster.kill('SIGKILL');
    for (const pid of children) process.kill(pid, 'SIGKILL');
    await cluster.exit;
    rmSync(modelDir, { recursive: true, force: true });
  });

  async function untilTrue(what: string, check: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
      await sleep(500);
    }
  }

  const hasData = async (expr: string) =>
    (await prometheus.query(expr)).some(({ value }) => Number.isFinite(Number(value![1])));

  it('has data for every expression of a recording rule', async () => {
    for (const { record } of rules) {
      if (record !== undefined) await untilTrue(record, () => hasData(record));
    }
  });

  it('has data for every query of a panel', async () => {
    for (const expr of panelQueries) await untilTrue(expr, () => hasData(expr));
  });

  it('has data for every expression of an alert, once nothing is compared any more', async () => {
    for (const { alert, expr } of rules) {
      if (alert === undefined) continue;
      for (const part of expr.split(/\band(?: on \(job\))?\s/)) {
        const compared = part.replace(/\s(?:[<>]|==)\s[\s\S]*$/, '');
        expect(compared).not.toBe(part);
        const provoked = compared.replace('{reason="overloaded"}', '');
        await untilTrue(`${alert}: ${provoked}`, () => hasData(provoked));
      }
    }
  });

  it('fires when processes end again and again, and when a reload fails', async () => {
    const isFiring = (name: string) =>
      prometheus.query(`ALERTS{alertname="${name}",alertstate="firing"}`).then((found) => found.length > 0);
    expect(await isFiring('RutoxReloadFailed')).toBe(false);
    expect(await isFiring('RutoxRestarts')).toBe(false);
    for (let kills = 1; kills <= 4; kills++) {
      process.kill(childrenOf(cluster.pid)[0]!, 'SIGKILL');
      const isReplaced = () => cluster.output().split('a server process was replaced').length - 1 === kills;
      await untilTrue('a replacement', () => Promise.resolve(isReplaced()));
    }
    await untilTrue('RutoxRestarts', () => isFiring('RutoxRestarts'));
    rmSync(modelDir, { recursive: true });
    cluster.kill('SIGHUP');
    await untilTrue('RutoxReloadFailed', () => isFiring('RutoxReloadFailed'));
  });
});
