import type {
  BatchResponse,
  ExplainResponse,
  ModelCard,
  ModelList,
  PlaygroundConfig,
  Problem,
} from '../src/http/schemas.js';

import { say } from './words.js';

export type { BatchResponse, ExplainResponse, ModelCard, PlaygroundConfig };

/** An answer that is none, told in the language of the page. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** Seconds after which the server would have another try. */
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }
}

const KEY = 'rutox-key';
let onUnauthorized = (_hadKey: boolean): void => undefined;

/** `ask` is called when the server wants a key, or another one than it got. */
export function whenUnauthorized(ask: (hadKey: boolean) => void): void {
  onUnauthorized = ask as typeof onUnauthorized;
}

export function setKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

export function hasKey(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

export function explain(text: string, signal: AbortSignal): Promise<ExplainResponse & { ms: number }> {
  const started = performance.now();
  return ask<ExplainResponse>('v1/explain', { text }, signal).then((answer) => ({
    ...answer,
    ms: performance.now() - started,
  }));
}

export function classify(texts: string[], threshold: number, signal: AbortSignal): Promise<BatchResponse> {
  return ask('v1/classify/batch', { texts, threshold }, signal);
}

export async function model(): Promise<ModelCard> {
  const { models } = await ask<ModelList>('v1/models');
  return models[0]!;
}

export function config(): Promise<PlaygroundConfig> {
  return ask('playground/config.json');
}

/** Where the API is, also behind a proxy that serves it under a prefix. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

async function ask<T>(path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const key = sessionStorage.getItem(KEY);
  const response = await fetch(address(path), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === null ? {} : { 'X-API-Key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Refusal(say('noServer'), 0, undefined);
  });
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) onUnauthorized(key !== null);
  throw await refusalOf(response);
}

async function refusalOf(response: Response): Promise<Refusal> {
  const { status, headers } = response;
  const retryAfter = Number(headers.get('retry-after') ?? NaN);
  const wait = Number.isFinite(retryAfter) ? retryAfter : undefined;
  // What a proxy answers is no problem document.
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const message = wait === undefined ? (problem.detail ?? `HTTP ${status}`) : say('waitSeconds', { s: wait });
  return new Refusal(message, status, wait);
}
