import { connect } from 'node:net';
import { inventRequest, type FuzzedRequest } from './fuzz-requests.js';
import { Random } from './random.js';
import { withServer, type Target } from './server.js';
import { startTraffic, tally } from './traffic.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** Ends before `requests` are sent when this is over. */
  readonly seconds: number;
}

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly connections: number;
  /** How often each status was answered. */
  readonly statuses: Record<string, number>;
  /** Connections that were not answered as they should be, with the numbers that their requests follow from. */
  readonly faults: readonly string[];
  /** What became of a client that asked properly all the while. */
  readonly honest: Record<string, number>;
  /** Until the last answer of a connection or its end, at most. */
  readonly slowestMs: number;
}

const CONNECTIONS_AT_ONCE = 32;
const MOST_PIPELINED = 8;
/** How long we wait for an answer to what is no HTTP before we end the connection. */
const LEAVES_AFTER_MS = 50;
/** A server that has all of a connection's bytes, and knows that no more come, needs none of its timeouts. */
const HANGS_AFTER_MS = 10_000;

/** Sends requests that nobody would send, many on a connection, and looks at every answer. */
export async function fuzz({ seed, requests, seconds }: FuzzOptions): Promise<FuzzReport> {
  return withServer({}, async (server) => {
    const honest = await startTraffic(server.port, { clients: 1, texts: 1, keepAlive: true, seed });
    const deadline = performance.now() + seconds * 1000;
    const statuses: Record<string, number> = {};
    const faults: string[] = [];
    let sent = 0;
    let connections = 0;
    let slowestMs = 0;
    const loops = Array.from({ length: CONNECTIONS_AT_ONCE }, async () => {
      while (sent < requests && performance.now() < deadline) {
        const number = connections++;
        const pipeline = inventPipeline(new Random(seed + number));
        sent += pipeline.length;
        const started = performance.now();
        const { answered, hung } = await exchange(server, pipeline);
        slowestMs = Math.max(slowestMs, performance.now() - started);
        for (const status of answered) statuses[status] = (statuses[status] ?? 0) + 1;
        const due = answersDue(pipeline);
        const wrong = [
          ...answered.filter((status) => status >= 500).map(String),
          ...(hung ? ['hangs'] : []),
          ...(answered.length < due ? [`${answered.length} of ${due} answers`] : []),
        ];
        if (wrong.length > 0) faults.push(`seed ${seed}, connection ${number}: ${wrong.join(', ')}`);
      }
    });
    await Promise.all(loops);
    return {
      seed,
      requests: sent,
      connections,
      statuses,
      faults,
      honest: tally(await honest.stop()),
      slowestMs: Math.round(slowestMs),
    };
  });
}

/** Up to eight requests for one connection; only the last may be improper. */
export function inventPipeline(random: Random): FuzzedRequest[] {
  const pipeline: FuzzedRequest[] = [];
  const length = 1 + random.below(MOST_PIPELINED);
  do pipeline.push(inventRequest(random));
  while (pipeline.length < length && pipeline.at(-1)!.proper);
  return pipeline;
}

/** What is no HTTP ends its connection at once, under what was asked before and is not answered yet. */
function answersDue(pipeline: readonly FuzzedRequest[]): number {
  return pipeline.every(({ proper }) => proper) ? pipeline.length : 0;
}

/** Sends everything at once; resolves with the statuses of the answers when the connection is closed. */
function exchange(
  server: Target,
  pipeline: readonly FuzzedRequest[],
): Promise<{ answered: number[]; hung: boolean }> {
  const due = answersDue(pipeline);
  return new Promise((resolve) => {
    let received = '';
    let hung = false;
    const answered = () =>
      Array.from(received.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g), ([, status]) => Number(status));
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setTimeout(HANGS_AFTER_MS, () => {
      hung = true;
      socket.destroy();
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      // Not before: to the server the end of what we send means that we have left.
      if (due > 0 && answered().length >= due) socket.end();
    });
    socket.on('end', () => socket.destroy());
    // A server that refuses closes while we still send.
    socket.on('error', () => {});
    socket.on('close', () => resolve({ answered: answered(), hung }));
    socket.write(Buffer.concat(pipeline.map(({ bytes }) => bytes)));
    if (due === 0) setTimeout(() => socket.end(), LEAVES_AFTER_MS);
  });
}
