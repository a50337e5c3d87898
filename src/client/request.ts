import { ApiError, errorOf } from './errors.js';

export interface Connection {
  /** Ends with a slash. */
  readonly baseUrl: URL;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
}

export interface CallOptions {
  /** Gives the call up; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

interface Answer {
  readonly response: Response;
  /** The body; undefined if it is no JSON. */
  readonly json: unknown;
}

/** Too many requests; of a proxy whose server is restarting; no room, or stopping. */
const WORTH_A_RETRY = new Set([429, 502, 503]);

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;

/**
 * Sends a request until it is answered, `retries` times more at most, within `timeoutMs` in all. Only
 * calls that may be sent twice are sent with it. Statuses in `expected` are answers, not errors.
 * Resolves with the body.
 * @throws ApiError, or the signal's reason
 */
export async function send(
  connection: Connection,
  path: string,
  json: unknown,
  { signal }: CallOptions,
  expected: readonly number[] = [200],
): Promise<unknown> {
  signal?.throwIfAborted();
  const deadline = Date.now() + connection.timeoutMs;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(timedOut(connection)), connection.timeoutMs);
  const leave = () => stop.abort(signal?.reason);
  // Not AbortSignal.any: on a signal that lives long it leaves something behind with each call.
  signal?.addEventListener('abort', leave);
  try {
    for (let attempt = 0; ; attempt++) {
      const answer = await trySend(connection, path, json, stop.signal);
      if (!(answer instanceof ApiError) && isExpected(answer, expected)) return answer.json;
      const error = answer instanceof ApiError ? answer : errorOf(answer.response, answer.json);
      if (attempt === connection.retries || !isWorthARetry(error)) throw error;
      const delay = delayBefore(attempt, error);
      // Before the time is up no other answer can come.
      if (Date.now() + delay >= deadline) throw error;
      await sleep(delay, stop.signal);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}

async function trySend(
  { baseUrl, apiKey }: Connection,
  path: string,
  json: unknown,
  signal: AbortSignal,
): Promise<Answer | ApiError> {
  const headers = new Headers({ accept: 'application/json' });
  if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
  const init: RequestInit = { headers, signal };
  if (json !== undefined) {
    headers.set('content-type', 'application/json');
    init.method = 'POST';
    init.body = JSON.stringify(json);
  }
  const url = new URL(path, baseUrl);
  try {
    const response = await fetch(url, init);
    return { response, json: parse(await response.text()) };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    return new ApiError('no_connection', `No answer from ${url.origin}: ${reasonOf(cause)}.`, { cause });
  }
}

/** What `fetch` throws says "fetch failed"; why stands in its cause, in Node. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } }).cause;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}

/** A problem is an error whatever its status, and what a proxy answers in HTML is nothing that was asked for. */
function isExpected({ response, json }: Answer, statuses: readonly number[]): boolean {
  const type = response.headers.get('content-type') ?? '';
  return statuses.includes(response.status) && type.startsWith('application/json') && json !== undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isWorthARetry({ kind, status }: ApiError): boolean {
  return kind === 'no_connection' || (status !== undefined && WORTH_A_RETRY.has(status));
}

/** What the server asks for, or twice as long with each try; and a random part, so that clients do not return all at once. */
function delayBefore(attempt: number, { retryAfterSeconds }: ApiError): number {
  const own = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return retryAfterSeconds === undefined
    ? own * (0.5 + Math.random() / 2)
    : retryAfterSeconds * 1000 + own * Math.random();
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

function timedOut({ baseUrl, timeoutMs }: Connection): ApiError {
  return new ApiError('timeout', `No answer from ${baseUrl.origin} within ${timeoutMs} ms.`);
}
