import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, describeSettings, loadConfig, readEnvironment, type Config } from '../src/config.js';
import { spread } from '../src/cpus.js';

const folder = mkdtempSync(join(tmpdir(), 'rutox-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const keysFile = fileWith('keys', 'shop:0123456789abcdef\n');
const badKeysFile = fileWith('bad-keys', 'shop:0123456789abcdef\n0123456789abcdef\n');

function fileWith(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** For every variable: where it goes, a good value with its meaning, and bad values with a part of the complaint. */
const VARIABLES: Record<string, { key: keyof Config; good: [string, unknown][]; bad: [string, string][] }> = {
  HOST: { key: 'host', good: [['127.0.0.1', '127.0.0.1']], bad: [] },
  PORT: {
    key: 'port',
    good: [
      ['0', 0],
      [' 8080 ', 8080],
    ],
    bad: [
      ['65536', '0 to 65535'],
      ['-1', 'whole number'],
      ['80.5', 'whole number'],
      ['http', 'whole number'],
    ],
  },
  RUTOX_PROCESSES: { key: 'processes', good: [['5', 5]], bad: [['none', '1 to 256']] },
  RUTOX_CONTROL_SOCKET: {
    key: 'controlSocket',
    good: [
      ['off', undefined],
      ['run/rutox.sock', resolve('run/rutox.sock')],
    ],
    bad: [],
  },
  RUTOX_THREADS: { key: 'threads', good: [['3', 3]], bad: [['0', '1 to 256']] },
  RUTOX_MODEL_DIR: { key: 'modelDir', good: [['other/model', resolve('other/model')]], bad: [] },
  RUTOX_MAX_BATCH_COST: { key: 'maxBatchCost', good: [['5000', 5000]], bad: [['0', 'whole number']] },
  RUTOX_MAX_QUEUE: { key: 'maxQueue', good: [['500', 500]], bad: [['1e3', 'whole number']] },
  RUTOX_MAX_TEXTS: { key: 'maxTexts', good: [['16', 16]], bad: [['0x10', 'whole number']] },
  RUTOX_MAX_TEXT_CHARS: { key: 'maxTextChars', good: [['300', 300]], bad: [['many', 'whole number']] },
  RUTOX_MAX_BODY_BYTES: { key: 'maxBodyBytes', good: [['4096', 4096]], bad: [['12', '1024 to']] },
  RUTOX_MAX_CONNECTIONS: {
    key: 'maxConnections',
    good: [['200', 200]],
    bad: [['0', '1 to 1000000']],
  },
  RUTOX_REQUEST_TIMEOUT_MS: {
    key: 'requestTimeoutMs',
    good: [['250', 250]],
    bad: [['250ms', 'whole number']],
  },
  RUTOX_SHUTDOWN_GRACE_MS: { key: 'shutdownGraceMs', good: [['9000', 9000]], bad: [['-5', 'whole number']] },
  RUTOX_API_KEYS_FILE: {
    key: 'apiKeysFile',
    good: [[keysFile, keysFile]],
    bad: [
      ['no/such/keys', 'name:key lines; the file cannot be read'],
      [badKeysFile, 'name:key lines; line 2: a line must be name:key'],
    ],
  },
  RUTOX_RATE_LIMIT: {
    key: 'rateLimit',
    good: [
      ['50', 50],
      ['off', false],
    ],
    bad: [['0', '1 to 1000000']],
  },
  RUTOX_PLAYGROUND: {
    key: 'playground',
    good: [
      ['on', true],
      ['off', false],
    ],
    bad: [['no', 'must be one of on, off']],
  },
  RUTOX_CORS_ORIGINS: {
    key: 'corsOrigins',
    good: [
      ['*', ['*']],
      ['https://example.org, http://localhost:3000', ['https://example.org', 'http://localhost:3000']],
    ],
    bad: [
      ['example.org', 'list of origins'],
      ['https://example.org/', 'without a path'],
      ['https://Example.org', 'list of origins'],
      ['https://example.org,*', 'list of origins'],
      ['https://example.org:443', 'list of origins'],
      ['null', 'list of origins'],
      ['https://a.example,', 'list of origins'],
    ],
  },
  RUTOX_LOG_LEVEL: { key: 'logLevel', good: [['warn', 'warn']], bad: [['loud', 'one of trace, debug']] },
  RUTOX_FEEDBACK_FILE: {
    key: 'feedbackFile',
    good: [['/var/lib/rutox/feedback.jsonl', '/var/lib/rutox/feedback.jsonl']],
    bad: [],
  },
  RUTOX_TRUST_PROXY: {
    key: 'trustProxy',
    good: [
      ['off', false],
      ['2', 2],
      ['loopback, 10.0.0.0/8,fd00::/8,192.168.1.1', ['loopback', '10.0.0.0/8', 'fd00::/8', '192.168.1.1']],
    ],
    bad: [
      ['true', 'must be off'],
      ['0', '1 to 32'],
      ['10.0.0.0/33', 'must be off'],
      ['10.0.0.0/8/8', 'must be off'],
      ['proxy.example', 'must be off'],
    ],
  },
};

function complaint(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('no complaint');
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ host: '0.0.0.0', port: 8000, logLevel: 'info', trustProxy: false });
    expect(config).toMatchObject(spread({ processes: 0, threads: 0 }));
    expect(config.controlSocket).toBe(join(tmpdir(), 'rutox-8000.sock'));
    expect(loadConfig({ PORT: '0' }).controlSocket).toBeUndefined();
    expect(isAbsolute(config.modelDir)).toBe(true);
    expect(config.modelDir).toMatch(/models.v1\.1$/);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('is touched here in every variable', () => {
    expect(
      Object.values(VARIABLES)
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(
      Object.keys(loadConfig({}))
        .filter((key) => key !== 'tracing')
        .toSorted(),
    );
  });

  for (const [variable, { key, good, bad }] of Object.entries(VARIABLES)) {
    it(`reads ${variable}`, () => {
      for (const [text, value] of good) expect(loadConfig({ [variable]: text })[key]).toEqual(value);
      for (const [text, part] of bad) {
        const message = complaint({ [variable]: text });
        expect(message).toContain(`${variable}=${text}: must be`);
        expect(message).toContain(part);
        expect(message).not.toContain('\n');
      }
      expect(loadConfig({ [variable]: '' })).toEqual(loadConfig({}));
      expect(describeSettings()).toContain(`  ${variable} `);
    });
  }

  it('suggests the nearest name for an unknown variable', () => {
    expect(complaint({ RUTOX_TREADS: '2' })).toBe(
      'RUTOX_TREADS: no such setting; did you mean RUTOX_THREADS? (rutox serve --help)',
    );
    expect(complaint({ RUTOX_MODELDIR: 'x' })).toContain('did you mean RUTOX_MODEL_DIR?');
  });

  it('leaves alone what Kubernetes sets for a service named rutox, and other programs’ variables', () => {
    const env = {
      RUTOX_SERVICE_HOST: '10.0.0.7',
      RUTOX_SERVICE_PORT: '8000',
      RUTOX_SERVICE_PORT_HTTP: '8000',
      RUTOX_PORT: 'tcp://10.0.0.7:8000',
      RUTOX_PORT_8000_TCP: 'tcp://10.0.0.7:8000',
      RUTOX_PORT_8000_TCP_ADDR: '10.0.0.7',
      PATH: '/bin',
    };
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });

  it('refuses a queue that no full request fits into', () => {
    expect(complaint({ RUTOX_MAX_QUEUE: '10', RUTOX_MAX_TEXTS: '11' })).toContain('RUTOX_MAX_TEXTS (11)');
  });
});

describe("OpenTelemetry's variables", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

  it('switch traces on when they name a collector', () => {
    expect(loadConfig({ OTEL_SERVICE_NAME: 'rutox' }).tracing).toBe(false);
    expect(loadConfig(endpoint).tracing).toBe(true);
    expect(loadConfig({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel/v1/traces' }).tracing).toBe(true);
    expect(loadConfig({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }).tracing).toBe(true);
    expect(loadConfig({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }).tracing).toBe(false);
    expect(loadConfig({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBe(false);
  });

  it('stop the start when they cannot be followed', () => {
    expect(complaint({ OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4318' })).toContain(
      'OTEL_EXPORTER_OTLP_ENDPOINT=otel:4318: must be the URL',
    );
    expect(complaint({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toContain('http/json only');
  });
});

describe('readEnvironment', () => {
  it('puts the environment over the variables of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rutox-env-'));
    const file = join(folder, 'rutox.env');
    writeFileSync(file, '# settings\nRUTOX_THREADS=3\nPATH=nowhere\nRUTOX_MODEL_DIR="models/my own"\n');
    const env = readEnvironment(file);
    rmSync(folder, { recursive: true });
    expect(env).toMatchObject({ RUTOX_THREADS: '3', RUTOX_MODEL_DIR: 'models/my own' });
    expect(env['PATH']).toBe(process.env['PATH']);
    expect(readEnvironment()).toBe(process.env);
  });

  it('refuses a file that it cannot read', () => {
    expect(() => readEnvironment('no/such.env')).toThrow(
      new ConfigError('no/such.env: cannot be read (ENOENT)'),
    );
  });
});
