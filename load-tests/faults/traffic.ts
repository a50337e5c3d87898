import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inventTexts } from './texts.js';

/** What became of one request. */
export interface Outcome {
  /** Of the answer; undefined without one. */
  readonly status?: number;
  /** The answer has one result for each text. */
  readonly complete: boolean;
  /** The server announced that it closes the connection. */
  readonly closes: boolean;
  /** It went over a connection that the server had answered on before. */
  readonly reused: boolean;
  readonly error?: string;
  /** When it was sent (performance.now()), and how long it took. */
  readonly sentAt: number;
  readonly ms: number;
}

export interface TrafficOptions {
  readonly clients: number;
  /** Of each request; a text by itself goes to `/v1/classify`, more go as a batch. */
  readonly texts: number;
  /** Whether a client keeps its connection, or opens one for each request. */
  readonly keepAlive: boolean;
  /** How long a client waits between an answer and its next request. */
  readonly pauseMs?: number;
  readonly seed: number;
}

export interface Traffic {
  /** What has been answered or has failed so far. */
  readonly outcomes: readonly Outcome[];
  /** Each client finishes the request it is at. */
  readonly stop: () => Promise<readonly Outcome[]>;
}

/** Nothing that works takes that long: a request without an answer by then hangs. */
export const HANGS_AFTER_MS = 60_000;

/** Clients that send one request after the other, each when the one before is answered or has failed. */
export async function startTraffic(port: number, options: TrafficOptions): Promise<Traffic> {
  const { clients, texts, keepAlive, pauseMs = 0, seed } = options;
  const nextText = await inventTexts(seed);
  const agent = new Agent({ keepAlive, maxSockets: clients });
  const outcomes: Outcome[] = [];
  let running = true;
  const loops = Array.from({ length: clients }, async () => {
    while (running) {
      const outcome =
        texts === 1
          ? await askOne(port, nextText(), agent)
          : await askBatch(port, Array.from({ length: texts }, nextText), agent);
      outcomes.push(outcome);
      // Nobody listens any more.
      if (outcome.error === 'ECONNREFUSED') return;
      if (pauseMs > 0) await sleep(pauseMs);
    }
  });
  return {
    outcomes,
    async stop() {
      running = false;
      await Promise.all(loops);
      agent.destroy();
      return outcomes;
    },
  };
}

/** Sends one batch request; never rejects. */
export function askBatch(port: number, texts: readonly string[], agent?: Agent): Promise<Outcome> {
  return ask(port, '/v1/classify/batch', { texts }, texts.length, agent);
}

/** Sends one comment; never rejects. */
export function askOne(port: number, text: string, agent?: Agent): Promise<Outcome> {
  return ask(port, '/v1/classify', { text }, 1, agent);
}

function ask(port: number, path: string, content: object, results: number, agent?: Agent): Promise<Outcome> {
  const body = JSON.stringify(content);
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path,
      method: 'POST',
      agent,
      timeout: HANGS_AFTER_MS,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({
        complete: false,
        closes: false,
        reused: outgoing.reusedSocket,
        error: error.code ?? error.message,
        sentAt,
        ms: performance.now() - sentAt,
      });
    outgoing.on('timeout', () => outgoing.destroy(new Error('hangs')));
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          complete: countResults(text) === results,
          closes: response.headers.connection === 'close',
          reused: outgoing.reusedSocket,
          sentAt,
          ms: performance.now() - sentAt,
        }),
      );
    });
    outgoing.end(body);
  });
}

/** How often each status or error came: `{ '200': 1200, ECONNRESET: 3 }`. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, error, complete } of outcomes) {
    const key = status === 200 && !complete ? 'incomplete' : String(status ?? error);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The value below which `share` of the values lie; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function countResults(body: string): number {
  try {
    const answer = JSON.parse(body) as { results?: unknown[]; toxic_score?: number };
    return answer.results?.length ?? (answer.toxic_score === undefined ? 0 : 1);
  } catch {
    return 0;
  }
}
