import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createApp, type AppDependencies } from '../../src/http/app.js';
import { createHttpServer, type HttpServerOptions } from '../../src/http/http-server.js';
import type { Moderation, ModerationOptions, Moderator } from '../../src/inference/moderator.js';
import { createLogger } from '../../src/logger.js';
import { createMetrics, type Metrics } from '../../src/metrics.js';
import type { Manifest } from '../../src/model/manifest.js';

const hash = 'a'.repeat(64);

export const manifest: Manifest = {
  format: 1,
  version: '7.3',
  created: '2026-11-24T05:00:00Z',
  git_commit: 'abc1234',
  labels: ['harmless', 'toxic'],
  model: { fp32: 'cnn_fp32.onnx', int8: 'cnn_int8.onnx', served: 'int8' },
  text: { window_tokens: 128, window_overlap: 32, ngrams: { min: 3, max: 5, buckets: 40000 } },
  dataset: { name: 'comments', sha256: hash, rows: { total: 10, train: 6, validation: 2, test: 2 } },
  default_policy: 'balanced',
  policies: {
    premoderate: { threshold: 0.25, precision: 0.8, recall: 0.95 },
    balanced: { threshold: 0.5, precision: 0.9, recall: 0.9 },
    autoban: { threshold: 0.75, precision: 0.97, recall: 0.7 },
  },
  metrics: { fp32: { macro_f1: 0.92 }, int8: { macro_f1: 0.919 } },
  golden_tolerance: 0.005,
  files: {
    'cnn_int8.onnx': { sha256: hash, bytes: 4_000_000 },
    'vocab.json': { sha256: hash, bytes: 900_000 },
  },
};

export const config = {
  maxTexts: 4,
  maxTextChars: 100,
  maxBodyBytes: 10_000,
  trustProxy: false as false | number,
  corsOrigins: [] as readonly string[],
  playground: true,
  modelDir: '/nowhere',
};

export interface Call {
  readonly texts: readonly string[];
  readonly options: ModerationOptions;
}

/**
 * A moderator whose scores can be told by looking at the text: the share of its letters that are `х`. An explanation
 * counts as three texts, and names the first letter.
 */
export function standInModerator(
  answer: (call: Call) => Promise<Moderation> = (call) => Promise.resolve(moderationOf(call)),
  check: Moderator['check'] = () => undefined,
): Moderator & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    manifest,
    calls,
    check,
    moderate(texts, options = {}) {
      const call = { texts, options };
      calls.push(call);
      return answer(call);
    },
    planExplanation: async (text) => ({
      texts: 3,
      async moderate(options = {}) {
        const call = { texts: [text], options };
        calls.push(call);
        const moderation = await answer(call);
        return { ...moderation, spans: [{ begin: 0, end: 1, contribution: moderation.verdicts[0]!.score }] };
      },
    }),
  };
}

export function moderationOf({ texts, options }: Call): Moderation {
  const threshold =
    options.threshold ?? manifest.policies[options.policy ?? manifest.default_policy].threshold;
  const scores = texts.map((text) => text.replaceAll(/[^х]/g, '').length / text.length);
  return {
    verdicts: scores.map((score) => ({ isToxic: score > threshold, score })),
    threshold,
    model: manifest.version,
    timings: { tokenizeMs: 0.125, queueMs: 2, inferenceMs: 10.5 },
  };
}

export interface Started {
  readonly url: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly server: Server;
  /** The log so far, a line each. */
  readonly log: Record<string, unknown>[];
  close(): Promise<void>;
}

/** The real app on a real socket; what is not given is a harmless default. */
export async function startApp(
  deps: Partial<AppDependencies> = {},
  serverOptions: Partial<HttpServerOptions> = {},
): Promise<Started> {
  const metrics = createMetrics();
  const log: Record<string, unknown>[] = [];
  const logger = createLogger('trace', { write: (line) => void log.push(JSON.parse(line)) });
  const app = createApp({
    moderator: standInModerator(),
    metrics,
    logger,
    config,
    isDraining: () => false,
    exposeMetrics: () => metrics.expose(),
    ...deps,
  });
  const server = createHttpServer(app, {
    maxConnections: 100,
    answerTimeoutMs: 10_000,
    metrics,
    logger,
    ...serverOptions,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    metrics,
    server,
    log,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** POSTs JSON (or, for what JSON.stringify cannot make, a body as it stands). */
export function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  return fetch(url, {
    method: 'POST',
    headers,
    body: raw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body),
  });
}

/** Waits until `check` holds: for what happens just after an answer, such as its log line. */
export async function until(check: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!check()) {
    if (Date.now() > deadline) throw new Error('waited 5 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
