import { pino, type DestinationStream } from 'pino';
import type { LogLevel } from './config.js';
import { RutoxError } from './errors.js';

/**
 * All that a log line may say. Comment text has no field, and a field that is not listed here is dropped,
 * so that nobody can log a request body by passing the object at hand.
 */
export interface LogFields {
  readonly requestId?: string;
  /** Of OpenTelemetry, where traces are switched on. */
  readonly traceId?: string | undefined;
  readonly method?: string;
  /** The pattern of the route, never the path that was asked for. */
  readonly route?: string;
  readonly status?: number;
  readonly durationMs?: number;
  /** How many texts the request held. */
  readonly texts?: number;
  /** Kind of error. */
  readonly kind?: string;
  /** Name of the API key; the key itself has no field. */
  readonly key?: string;
  /** How many API keys hold. */
  readonly keys?: number;
  /** Line of a settings file, from 1. */
  readonly line?: number;
  readonly err?: unknown;
  readonly signal?: string;
  readonly host?: string;
  readonly port?: number;
  readonly processes?: number;
  readonly threads?: number;
  /** Id of a server process, exit code, and wait until it is replaced. */
  readonly process?: number;
  readonly code?: number;
  readonly delayMs?: number;
  /** Message of an error that is about settings, files or processes: no request was at hand. */
  readonly reason?: string;
  readonly model?: string;
  readonly version?: string;
}

/** What is said of a request. No more than that is taken, by name, for a look at each field would cost too much here. */
export interface RequestFields extends Required<
  Pick<LogFields, 'requestId' | 'method' | 'route' | 'status' | 'durationMs'>
> {
  readonly traceId: string | undefined;
  readonly key: string | undefined;
  readonly texts: number | undefined;
  readonly kind: string | undefined;
}

type Write = (fields: LogFields, message: string) => void;

/** `message` is a constant of the code: what varies goes into fields. */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** The line of a request that is over. */
  request(level: 'debug' | 'info', fields: RequestFields): void;
}

/** Buffered lines wait for at most this long. */
const FLUSH_MS = 100;

/** With the longest line below 4096 bytes: as much as a pipe takes from several processes without mixing them up. */
const BUFFER_BYTES = 3072;

/**
 * JSON lines to stdout (or to `destination`, in tests). Lines of requests are buffered for a moment, all
 * others written at once: what a process says last, before it is killed, matters most.
 */
export function createLogger(level: LogLevel, destination: Destination = standardOutput()): Logger {
  const base = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  const target = pino(base, destination);
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error' | 'fatal'): Write =>
    (fields, message) => {
      target[name](allowed(fields), message);
      destination.flush?.();
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    request(name, fields) {
      if (target.isLevelEnabled(name)) destination.write(requestLine(target.levels.values[name]!, fields));
    },
  };
}

const PID = process.pid;

/**
 * The line that pino would write, with less work: there is one for each request. Nothing here needs
 * an escape: ids, routes, kinds and names of keys are of letters, digits and a few harmless signs.
 */
function requestLine(level: number, fields: RequestFields): string {
  const { requestId, traceId, method, route, status, durationMs, key, texts, kind } = fields;
  const time = new Date().toISOString();
  return (
    `{"level":${level},"time":"${time}","pid":${PID},"requestId":"${requestId}","method":"${method}",` +
    `"route":"${route}","status":${status},"durationMs":${durationMs}` +
    (traceId === undefined ? '' : `,"traceId":"${traceId}"`) +
    (key === undefined ? '' : `,"key":"${key}"`) +
    (texts === undefined ? '' : `,"texts":${Number(texts)}`) +
    (kind === undefined ? '' : `,"kind":"${kind}"`) +
    `,"msg":"request"}\n`
  );
}

type Destination = DestinationStream & { flush?(): void };

function standardOutput(): Destination {
  const output = pino.destination({
    dest: 1,
    sync: true,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_MS,
  });
  process.on('exit', () => output.flushSync());
  return output;
}

const FIELDS: { readonly [K in keyof Required<LogFields>]: (value: unknown) => unknown } = {
  requestId: text,
  traceId: text,
  method: text,
  route: text,
  status: number,
  durationMs: number,
  texts: number,
  kind: text,
  key: text,
  keys: number,
  line: number,
  err: (error) => describeError(error),
  signal: text,
  host: text,
  port: number,
  processes: number,
  threads: number,
  process: number,
  code: number,
  delayMs: number,
  reason: text,
  model: text,
  version: text,
};

function allowed(fields: LogFields): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (Object.hasOwn(FIELDS, name)) line[name] = FIELDS[name as keyof LogFields](value);
  }
  return line;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/**
 * Only our own errors promise that their message holds no comment text. Others do hold it: JSON.parse
 * quotes its input. Of those, name, code and the place in the code are kept.
 */
function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack, cause } = error;
  const known = error instanceof RutoxError;
  return {
    name: text(name),
    ...(known ? { kind: error.kind, message } : { code: text((error as NodeJS.ErrnoException).code) }),
    stack: places(stack, message),
    ...(cause === undefined || depth === 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/** The "at f (file:line:column)" lines of a stack, without the message that stands before them. */
function places(stack: string | undefined, message: string): string[] {
  return (stack ?? '')
    .replace(message, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, 12);
}
