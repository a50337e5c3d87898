import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readTexts } from '../../src/commands/records.js';
import { packageRoot } from '../../src/package-root.js';
import { linuxOnly } from '../faults/linux-only.js';

/**
 * deploy/kubernetes/ against what it promises. Against Kubernetes' own schemas it is checked by .ci/run
 * (deploy/kubernetes/check.py).
 */

interface Container {
  readonly image: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env: { readonly name: string; readonly value: string }[];
  readonly ports?: { readonly containerPort: number }[];
  readonly resources: Record<'requests' | 'limits', { readonly cpu: string; readonly memory: string }>;
  readonly securityContext: object;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: string[] } } };
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string } };
}

interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: object;
  readonly containers: Container[];
}

interface Job {
  readonly completions: number;
  readonly parallelism: number;
  readonly completionMode: string;
  readonly template: { readonly spec: Pod };
}

const FOLDER = join(packageRoot, 'deploy', 'kubernetes');
const read = (path: string) =>
  parse(readFileSync(join(FOLDER, path), 'utf8'), { merge: true }) as { spec: never };

const deployment = (read('base/deployment.yaml').spec as { template: { spec: Pod } }).template.spec;
const predictor = (read('kserve/inference-service.yaml').spec as { predictor: Pod }).predictor;
const job = read('score-file/job.yaml').spec as Job;
const pods: [string, Pod][] = [
  ['the Deployment', deployment],
  ['the InferenceService', predictor],
  ['the Job', job.template.spec],
];
const container = ({ containers }: Pod) => containers[0]!;
const setting = (pod: Pod, name: string) => container(pod).env.find((each) => each.name === name)?.value;

describe('deploy/kubernetes', () => {
  it.each(['base', 'monitoring', 'kserve', 'score-file'])('%s names each of its files', (folder) => {
    const { resources } = read(`${folder}/kustomization.yaml`) as unknown as { resources: string[] };
    const there = readdirSync(join(FOLDER, folder)).filter((name) => name !== 'kustomization.yaml');
    expect(resources.filter((name) => name !== '../base').toSorted()).toEqual(there.toSorted());
  });

  it.each(pods)('%s has no rights and nothing to write to', (_, pod) => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.enableServiceLinks).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container(pod).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it.each(pods)('%s has whole CPUs, all of them requested', (_, pod) => {
    const { requests, limits } = container(pod).resources;
    expect(requests).toEqual(limits);
    expect(limits.cpu).toMatch(/^[1-9]\d*$/);
    // The server makes a process for each of them by itself (src/cpus.ts); 1 Gi is enough for two and their primary.
    expect(Number(limits.cpu)).toBeLessThanOrEqual(2);
    expect(limits.memory).toBe('1Gi');
    expect(setting(pod, 'RUTOX_PROCESSES') ?? setting(pod, 'RUTOX_THREADS')).toBeUndefined();
  });

  it.each(pods.slice(0, 2))('%s has time for preStop and the grace time of the server', (_, pod) => {
    const [sleep, seconds] = container(pod).lifecycle!.preStop.exec.command;
    expect(sleep).toBe('sleep');
    const grace = Number(setting(pod, 'RUTOX_SHUTDOWN_GRACE_MS')) / 1000;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + grace + 5);
  });

  it('is ready by the paths that say so, alive by those that do not ask for readiness', () => {
    const paths = (pod: Pod) =>
      (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).map(
        (probe) => container(pod)[probe]!.httpGet.path,
      );
    expect(paths(deployment)).toEqual(['/readyz', '/readyz', '/livez']);
    expect(paths(predictor)).toEqual(['/v2/health/ready', '/v2/models/toxicity/ready', '/v2/health/live']);
  });

  it.each(['base/disruption-budget.yaml', 'base/network-policy.yaml'])('%s is for rutox alone', (path) => {
    const spec = read(path).spec as { selector?: object; podSelector?: object };
    const labels = { matchLabels: { 'app.kubernetes.io/name': 'rutox' } };
    expect(spec.selector ?? spec.podSelector).toEqual(labels);
  });

  it('lets the server call nobody', () => {
    expect(read('base/network-policy.yaml').spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [],
    });
  });

  it('scrapes the port of the Service', () => {
    const monitor = read('monitoring/service-monitor.yaml').spec as { endpoints: { port: string }[] };
    const service = read('base/service.yaml').spec as { ports: { name: string }[] };
    expect(monitor.endpoints[0]!.port).toBe(service.ports[0]!.name);
  });
});

linuxOnly('the Job that scores a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rutox-job-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has as many shards as pods', () => {
    expect(job.completionMode).toBe('Indexed');
    expect([job.completions, job.parallelism]).toEqual([8, 8]);
    expect(setting(job.template.spec, 'SHARDS')).toBe('8');
  });

  it('gives, shard by shard, what one run gives, also where a pod stopped in the middle', async () => {
    const lines: string[] = [];
    for await (const text of readTexts(join(packageRoot, 'data', 'sample.csv'), {
      column: 'comment',
      field: 'text',
    })) {
      lines.push(JSON.stringify({ id: lines.length, text }));
    }
    // One that cannot be used: the shard tells of it and is done.
    lines.splice(100, 0, '{"text": nothing');
    writeFileSync(join(folder, 'comments.jsonl'), `${lines.join('\n')}\n`);
    const main = join(packageRoot, 'dist', 'src', 'main.js');
    const whole = join(folder, 'whole.jsonl');
    const bash = (script: string, env: Record<string, string>) =>
      execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'ignore', 'ignore'],
      });
    bash(`node ${main} classify ${folder}/comments.jsonl --output ${whole} || test $? -eq 3`, {});

    const { command, args } = container(job.template.spec);
    expect(command).toEqual(['bash', '-euo', 'pipefail', '-c']);
    const script = args![0]!.replaceAll('/data/', `${folder}/`).replaceAll('/app/dist/src/main.js', main);
    const shards = Array.from({ length: 3 }, (_, index) => join(folder, `scored-0000${index}.jsonl`));
    const pod = (index: number) => bash(script, { SHARDS: '3', JOB_COMPLETION_INDEX: String(index) });
    shards.forEach((_, index) => pod(index));
    const joined = () => shards.map((shard) => readFileSync(shard, 'utf8')).join('');
    expect(joined()).toBe(readFileSync(whole, 'utf8'));

    // As a pod leaves it that is killed while it writes.
    const last = readFileSync(shards[2]!, 'utf8');
    writeFileSync(shards[2]!, last.slice(0, last.length * 0.6));
    pod(2);
    expect(joined()).toBe(readFileSync(whole, 'utf8'));
  }, 120_000);
});
