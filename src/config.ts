import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { spread } from './cpus.js';
import { defaultModelDir } from './package-root.js';
import {
  integer,
  offOr,
  oneOf,
  parseApiKeysFile,
  parseOrigins,
  parseTrustProxy,
  string,
  type SettingType,
  type TrustProxy,
} from './setting-types.js';

/** A setting that cannot be used. The command line prints the message and ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Setting<T> extends SettingType<T> {
  readonly variable: string;
  readonly fallback: () => T;
  /** The fallback, in words, where its value would not explain itself. */
  readonly fallbackText?: string;
  readonly meaning: string;
}

/** Stand for a default that follows from other settings. */
const AUTO = 0;
const AUTO_SOCKET = 'auto';

/** Every setting of `rutox serve`: nothing else reads the environment. */
const SETTINGS = {
  host: {
    variable: 'HOST',
    ...string('address'),
    fallback: () => '0.0.0.0',
    meaning: 'address to listen on',
  },
  port: {
    variable: 'PORT',
    ...integer(0, 65_535),
    fallback: () => 8000,
    meaning: 'port to listen on; 0 takes a free one',
  },
  processes: {
    variable: 'RUTOX_PROCESSES',
    ...integer(1, 256),
    fallback: () => AUTO,
    fallbackText: 'usable CPUs / RUTOX_THREADS',
    meaning: 'server processes; with 1 there is no primary above it, and no reload',
  },
  threads: {
    variable: 'RUTOX_THREADS',
    ...integer(1, 256),
    fallback: () => AUTO,
    fallbackText: '1, or usable CPUs / RUTOX_PROCESSES where that is given',
    meaning: 'inference threads of each process, each with its own copy of the model',
  },
  modelDir: {
    variable: 'RUTOX_MODEL_DIR',
    ...string('folder'),
    parse: (text: string) => resolve(text),
    fallback: () => defaultModelDir,
    fallbackText: 'models/v1.1 of rutox',
    meaning: 'model directory to serve',
  },
  maxBatchCost: {
    variable: 'RUTOX_MAX_BATCH_COST',
    ...integer(1, 100_000_000),
    fallback: () => 65_536,
    meaning: 'most that one thread is given at once: characters of the longest text x texts',
  },
  maxQueue: {
    variable: 'RUTOX_MAX_QUEUE',
    ...integer(1, 1_000_000),
    fallback: () => 4096,
    meaning: 'texts accepted and not yet answered; beyond that, 503',
  },
  maxTexts: {
    variable: 'RUTOX_MAX_TEXTS',
    ...integer(1, 100_000),
    fallback: () => 128,
    meaning: 'texts in one request; beyond that, 422',
  },
  maxTextChars: {
    variable: 'RUTOX_MAX_TEXT_CHARS',
    ...integer(1, 1_000_000),
    fallback: () => 20_480,
    meaning: 'characters (Unicode code points) in one text; beyond that, 422',
  },
  maxBodyBytes: {
    variable: 'RUTOX_MAX_BODY_BYTES',
    ...integer(1024, 1_000_000_000),
    fallback: () => 2_097_152,
    meaning: 'bytes in the body of one request; beyond that, 413',
  },
  maxConnections: {
    variable: 'RUTOX_MAX_CONNECTIONS',
    ...integer(1, 1_000_000),
    fallback: () => 10_000,
    meaning: 'connections open at a time in one process; beyond that, 503',
  },
  requestTimeoutMs: {
    variable: 'RUTOX_REQUEST_TIMEOUT_MS',
    ...integer(1, 600_000),
    fallback: () => 10_000,
    meaning: 'milliseconds until a request that is still unanswered gets 504',
  },
  shutdownGraceMs: {
    variable: 'RUTOX_SHUTDOWN_GRACE_MS',
    ...integer(1, 600_000),
    fallback: () => 15_000,
    meaning: 'milliseconds that a stopping server may take to finish its requests',
  },
  controlSocket: {
    variable: 'RUTOX_CONTROL_SOCKET',
    type: 'path, or off',
    parse: (text: string) => (text === 'off' ? undefined : resolve(text)),
    fallback: (): string | undefined => AUTO_SOCKET,
    fallbackText: 'rutox-PORT.sock in the folder for temporary files; off where PORT is 0',
    meaning: 'Unix socket of the primary, for rutox reload',
  },
  apiKeysFile: {
    variable: 'RUTOX_API_KEYS_FILE',
    type: 'file of name:key lines',
    parse: parseApiKeysFile,
    fallback: (): string | undefined => undefined,
    fallbackText: 'none, everybody may call',
    meaning: 'API keys that may call; read again when the file changes',
  },
  rateLimit: {
    variable: 'RUTOX_RATE_LIMIT',
    ...offOr(integer(1, 1_000_000)),
    fallback: (): number | false => false,
    fallbackText: 'off',
    meaning: 'texts a second that one caller (API key, else address) may have scored; beyond that, 429',
  },
  corsOrigins: {
    variable: 'RUTOX_CORS_ORIGINS',
    type: 'list of origins, or *',
    parse: parseOrigins,
    fallback: (): readonly string[] => [],
    fallbackText: 'none',
    meaning: 'web pages that may call from the browser, as https://example.org',
  },
  feedbackFile: {
    variable: 'RUTOX_FEEDBACK_FILE',
    ...string('file'),
    parse: (text: string): string | undefined => resolve(text),
    fallback: (): string | undefined => undefined,
    fallbackText: 'none, they are dropped',
    meaning:
      'keeps the scores that clients suggest, a JSON line each; set aside at 64 MiB, and five of those kept',
  },
  playground: {
    variable: 'RUTOX_PLAYGROUND',
    type: 'on | off',
    parse: (text: string) => oneOf(['on', 'off']).parse(text) === 'on',
    fallback: () => true,
    fallbackText: 'on',
    meaning: 'the page at / to try the model in the browser',
  },
  logLevel: {
    variable: 'RUTOX_LOG_LEVEL',
    ...oneOf(LOG_LEVELS),
    fallback: (): LogLevel => 'info',
    meaning: 'least important log line that is written',
  },
  trustProxy: {
    variable: 'RUTOX_TRUST_PROXY',
    type: 'off, a number of hops, or addresses',
    parse: parseTrustProxy,
    fallback: (): TrustProxy => false,
    fallbackText: 'off',
    meaning: 'proxies in front whose X-Forwarded-* headers are believed',
  },
} satisfies Record<string, Setting<unknown>>;

type Key = keyof typeof SETTINGS;

/** The settings of a server. */
export type Config = { readonly [K in Key]: ReturnType<(typeof SETTINGS)[K]['fallback']> } & {
  /** Whether OpenTelemetry's own variables ask for traces. */
  readonly tracing: boolean;
};

/**
 * The environment of this process, over the variables of a file in the form NAME=value. An empty variable
 * counts as unset.
 * @throws ConfigError when the file cannot be read
 */
export function readEnvironment(file?: string): NodeJS.ProcessEnv {
  if (file === undefined) return process.env;
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  return { ...parseEnv(text), ...Object.fromEntries(given) };
}

/**
 * Reads the settings from the environment. An empty variable counts as unset.
 * @throws ConfigError on the first setting that cannot be used
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  rejectUnknown(env);
  const entries = Object.entries(SETTINGS).map(([key, setting]) => [key, read(setting, env)]);
  const given = Object.fromEntries(entries) as Omit<Config, 'tracing'>;
  const config: Config = {
    ...given,
    ...spread(given),
    controlSocket: given.controlSocket === AUTO_SOCKET ? defaultSocket(given.port) : given.controlSocket,
    tracing: wantsTraces(env),
  };
  if (config.maxTexts > config.maxQueue) {
    throw new ConfigError(
      `RUTOX_MAX_TEXTS (${config.maxTexts}) must not be above RUTOX_MAX_QUEUE (${config.maxQueue}): ` +
        'a request with that many texts could never be accepted',
    );
  }
  return Object.freeze(config);
}

/** A setting, as it is told to people. */
export interface SettingInWords {
  readonly variable: string;
  readonly meaning: string;
  readonly type: string;
  readonly fallback: string;
}

/** Every setting, in the order of the table. */
export function settingsInWords(): SettingInWords[] {
  return Object.values(SETTINGS).map(
    ({ variable, meaning, type, fallback, fallbackText }: Setting<unknown>) => ({
      variable,
      meaning,
      type,
      fallback: fallbackText ?? String(fallback()),
    }),
  );
}

/** The table of settings for `rutox serve --help`, one setting a paragraph. */
export function describeSettings(): string {
  const blocks = settingsInWords().map(
    ({ variable, meaning, type, fallback }) =>
      `  ${variable.padEnd(26)}${meaning}\n${' '.repeat(28)}${type}; default: ${fallback}`,
  );
  return `Settings (environment variables):\n${blocks.join('\n')}\n`;
}

/**
 * ONNX Runtime sends session and model data home unless this variable stands in the real environment
 * before its library loads. Call it in the main thread before any other thread starts: what a thread
 * writes to its copy of the environment never reaches native code.
 * @throws Error in another thread whose copy does not have it either
 */
export function disableTelemetry(): void {
  if (!isMainThread && process.env['ORT_DISABLE_TELEMETRY'] !== '1') {
    throw new Error(
      'in a worker thread the telemetry of ONNX Runtime cannot be switched off: ' +
        'start the process with ORT_DISABLE_TELEMETRY=1 in its environment',
    );
  }
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}

/**
 * OpenTelemetry's SDK reads its variables from the real environment: puts there what a file of settings says of
 * them. Call it before the SDK is loaded.
 */
export function exportOpenTelemetry(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('OTEL_')) process.env[name] = value;
  }
}

/** Off unless a collector is named. What the SDK would only mutter about, or take for another thing, stops the start. */
function wantsTraces(env: NodeJS.ProcessEnv): boolean {
  const first = (...variables: string[]) =>
    variables.map((name) => ({ name, value: (env[name] ?? '').trim() })).find(({ value }) => value !== '');
  const endpoint = first('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const isDisabled = first('OTEL_SDK_DISABLED')?.value.toLowerCase() === 'true';
  if (endpoint === undefined || isDisabled || first('OTEL_TRACES_EXPORTER')?.value === 'none') return false;
  const { name, value } = endpoint;
  if (!/^https?:/.test(value) || !URL.canParse(value)) {
    throw new ConfigError(`${name}=${value}: must be the URL of a collector, as http://127.0.0.1:4318`);
  }
  const protocol = first('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol !== undefined && protocol.value !== 'http/json') {
    throw new ConfigError(`${protocol.name}=${protocol.value}: rutox sends http/json only; leave it out`);
  }
  return true;
}

/** A server on a port of the system's choosing has no name that another command could know. */
function defaultSocket(port: number): string | undefined {
  return port === 0 ? undefined : join(tmpdir(), `rutox-${port}.sock`);
}

function read(setting: Setting<unknown>, env: NodeJS.ProcessEnv): unknown {
  const text = (env[setting.variable] ?? '').trim();
  if (text === '') return setting.fallback();
  try {
    return setting.parse(text);
  } catch (error) {
    throw new ConfigError(`${setting.variable}=${text}: ${(error as Error).message}`);
  }
}

/**
 * Kubernetes gives every container such variables for a Service named "rutox" (RUTOX_SERVICE_HOST,
 * RUTOX_PORT=tcp://…, RUTOX_PORT_8000_TCP_ADDR); they are no typing errors.
 */
const SERVICE_LINK = /^RUTOX_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/;

function rejectUnknown(env: NodeJS.ProcessEnv): void {
  const known = Object.values(SETTINGS).map(({ variable }) => variable);
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith('RUTOX_') || known.includes(variable) || SERVICE_LINK.test(variable)) continue;
    const [nearest] = known.toSorted((a, b) => distance(variable, a) - distance(variable, b));
    throw new ConfigError(`${variable}: no such setting; did you mean ${nearest}? (rutox serve --help)`);
  }
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap));
    }
    row = next;
  }
  return row[b.length]!;
}
