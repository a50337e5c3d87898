import { batches, inOrder, type Source } from '../batches.js';
import { ApiError } from './errors.js';
import { send, type CallOptions, type Connection } from './request.js';
import type * as api from './types.js';

export { ApiError, type ApiErrorDetails, type ApiErrorKind } from './errors.js';
export type { CallOptions } from './request.js';
export type * from './types.js';

export interface ClientOptions {
  /** Where the server is, as `https://moderation.example.org`; with a path if a proxy serves it under one. */
  baseUrl: string | URL;
  /** If the server asks for one. */
  apiKey?: string;
  /** Milliseconds for a call, all its tries included; 30,000 unless given. */
  timeoutMs?: number;
  /** How often a call is sent again after no connection, 429, 502 or 503; 3 unless given. */
  retries?: number;
}

export interface ScoreOptions extends api.VerdictOptions, CallOptions {}

export interface ScoreAllOptions extends ScoreOptions {
  /** Most texts in a request, 64 unless given; the server's limit is RUTOX_MAX_TEXTS. */
  batchSize?: number;
  /** Requests under way at a time, 4 unless given. */
  concurrency?: number;
}

/** The calls of the native API. Each rejects with an ApiError, or with the reason of its signal. */
export interface Client {
  /** Scores one text. */
  classify(text: string, options?: ScoreOptions): Promise<api.ClassifyResponse>;
  /** Scores one text and says which of its words speak for the score; costs the server as much as up to 65 texts. */
  explain(text: string, options?: ScoreOptions): Promise<api.ExplainResponse>;
  /** Scores several texts in one request. */
  classifyBatch(texts: readonly string[], options?: ScoreOptions): Promise<api.BatchResponse>;
  /**
   * Scores any number of texts in several requests, and yields a verdict for each, in their order. Texts
   * are taken as verdicts are; a request is sent when `batchSize` texts have come, or the last. In an error's
   * violations the pointers count all texts that were taken: `/texts/1000`.
   */
  classifyAll(texts: Source<string>, options?: ScoreAllOptions): AsyncGenerator<api.Verdict, void>;
  /** Model cards of everything served. */
  models(options?: CallOptions): Promise<api.ModelList>;
  /** Model card of one version. */
  model(version: string, options?: CallOptions): Promise<api.ModelCard>;
  /** Whether the process is alive. */
  live(options?: CallOptions): Promise<api.Liveness>;
  /** Whether it takes requests; `draining` is an answer, not an error, and not asked again. */
  ready(options?: CallOptions): Promise<api.Readiness>;
}

/** Keeps the body below the server's limit of 2 MiB, whatever the texts hold: a unit is six bytes of JSON at most. */
const MAX_CHARS = 300_000;

/**
 * A client of a rutox server, for Node and for browsers.
 * @throws TypeError on options that cannot be used
 */
export function createClient(options: ClientOptions): Client {
  const connection = connect(options);

  async function get<T>(path: string, call: CallOptions, expected?: readonly number[]): Promise<T> {
    return (await send(connection, path, undefined, call, expected)) as T;
  }

  async function score<T>(
    path: string,
    body: object,
    { threshold, policy, ...call }: ScoreOptions,
  ): Promise<T> {
    return (await send(connection, path, { ...body, threshold, policy }, call)) as T;
  }

  return {
    classify: (text, options = {}) => score('v1/classify', { text }, options),
    explain: (text, options = {}) => score('v1/explain', { text }, options),
    classifyBatch: (texts, options = {}) => score('v1/classify/batch', { texts }, options),
    async *classifyAll(texts, { batchSize = 64, concurrency = 4, signal, ...verdict } = {}) {
      checkCount('batchSize', batchSize);
      checkCount('concurrency', concurrency);
      let taken = 0;
      const work = (batch: string[], stopped: AbortSignal) => {
        const before = taken;
        taken += batch.length;
        const body = { texts: batch };
        const answer = score<api.BatchResponse>('v1/classify/batch', body, { ...verdict, signal: stopped });
        return answer.catch((error: unknown) => {
          throw error instanceof ApiError ? countedFrom(before, error) : error;
        });
      };
      const cut = batches(texts, { maxTexts: batchSize, maxChars: MAX_CHARS });
      for await (const { results } of inOrder(cut, concurrency, work, signal)) yield* results;
    },
    models: (call = {}) => get('v1/models', call),
    model: (version, call = {}) => get(`v1/models/${encodeURIComponent(version)}`, call),
    live: (call = {}) => get('livez', call),
    ready: (call = {}) => get('readyz', call, [200, 503]),
  };
}

function connect({ baseUrl, apiKey, timeoutMs = 30_000, retries = 3 }: ClientOptions): Connection {
  const text = String(baseUrl);
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new TypeError('baseUrl must be an address as http://localhost:8000');
  }
  const url = new URL(text);
  if (url.search !== '' || url.hash !== '') throw new TypeError('baseUrl must have no ? and no #');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  // fetch would refuse it later and quote it.
  if (apiKey !== undefined && !/^[!-~]+$/.test(apiKey)) {
    throw new TypeError('apiKey must be of printable ASCII characters, without blanks');
  }
  checkCount('timeoutMs', timeoutMs);
  checkCount('retries', retries, 0);
  return { baseUrl: url, apiKey, timeoutMs, retries };
}

function checkCount(name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new TypeError(`${name} must be a whole number from ${least}`);
}

/** The error of a batch, as one of all texts: `before` came in the batches before it. */
function countedFrom(before: number, error: ApiError): ApiError {
  const { kind, detail, status, retryAfterSeconds, requestId } = error;
  const violations = error.violations.map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/texts\/(\d+)/, (_, index) => `/texts/${before + Number(index)}`),
    message,
  }));
  return new ApiError(kind, detail, {
    status,
    retryAfterSeconds,
    requestId,
    violations,
    cause: error,
  });
}
