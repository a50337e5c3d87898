import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random.js';
import { until, withServer } from './server.js';
import { percentile, startTraffic, tally } from './traffic.js';

export interface HostileOptions {
  readonly seed: number;
  /** Connections that are slow or half open, all at once. */
  readonly connections: number;
  /** How long they are held; beyond the server's timeouts it must close those that sent no complete header. */
  readonly holdMs: number;
}

export interface HostileReport {
  readonly seed: number;
  readonly connections: number;
  /** Of those that never sent a whole request, how many the server had closed by itself at the end. */
  readonly closedByServer: readonly [closed: number, of: number];
  /** Connections whose client left within a request, or sent what is no HTTP, meanwhile. */
  readonly leftOrGarbage: number;
  /** What became of the requests of honest clients meanwhile. */
  readonly honest: Record<string, number>;
  /** Without and with the others. */
  readonly honestP99Ms: readonly [before: number, during: number];
  /** Without the others, with them, and after they left. */
  readonly memoryMb: readonly [before: number, during: number, after: number];
  /** Connections that the server still holds when all clients have left. */
  readonly leftOpen: number;
}

const HEAD = 'POST /v1/classify/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const BODY = JSON.stringify({
  texts: Array.from({ length: 100 }, (_, i) => `Комментарий ${i} о погоде и о дожде`),
});
const REQUEST = `${HEAD}Content-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`;
const HONEST = { clients: 8, texts: 4, keepAlive: true };
const RELEASED_WITHIN_MS = 10_000;

/** What a slow client sends at first, and then a byte of from time to time. */
const SLOW = [
  { first: '', next: '' },
  { first: 'POST /v1/classify HTTP/1.1\r\nHost: x\r\n', next: 'x' },
  { first: `${HEAD}Content-Length: 100000\r\n\r\n{"texts":["`, next: 'x' },
  { first: `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, next: '1\r\n \r\n' },
  // Asks for much, and reads nothing.
  { first: 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3), next: '' },
];

/** Clients that are slow, stop half way, leave or talk nonsense, beside honest ones. */
export async function hostileClients({ seed, connections, holdMs }: HostileOptions): Promise<HostileReport> {
  return withServer(
    { RUTOX_PROCESSES: '2', RUTOX_THREADS: '1' },
    async ({ port, memory, connections: held }) => {
      const random = new Random(seed);
      const megabytes = () => Math.round(memory() / 1e6);
      const before = await startTraffic(port, { ...HONEST, seed });
      await sleep(Math.min(5000, holdMs));
      const calm = await before.stop();
      const memoryBefore = megabytes();

      const honest = await startTraffic(port, { ...HONEST, seed: seed + 1 });
      const deadline = performance.now() + holdMs;
      const slow = random.many(connections, () => openSlowly(port, random));
      let leftOrGarbage = 0;
      const restless = Array.from({ length: 4 }, async () => {
        while (performance.now() < deadline) {
          await (random.chance(0.5) ? leave(port, random) : talkNonsense(port, random));
          leftOrGarbage++;
        }
      });
      await Promise.all(restless);
      const outcomes = await honest.stop();
      const memoryDuring = megabytes();
      const incomplete = slow.filter(({ asks }) => !asks);
      const closedByServer = incomplete.filter(({ socket }) => socket.closed).length;
      for (const { socket } of slow) socket.destroy();
      await until(() => held() === 0, RELEASED_WITHIN_MS, 'all connections are released').catch(() => {});

      const p99 = (all: typeof outcomes) =>
        round(
          percentile(
            all.map(({ ms }) => ms),
            0.99,
          ),
        );
      return {
        seed,
        connections,
        closedByServer: [closedByServer, incomplete.length],
        leftOrGarbage,
        honest: tally(outcomes),
        honestP99Ms: [p99(calm), p99(outcomes)],
        memoryMb: [memoryBefore, memoryDuring, megabytes()],
        leftOpen: held(),
      };
    },
  );
}

function openSlowly(port: number, random: Random): { socket: Socket; asks: boolean } {
  const { first, next } = random.pick(SLOW);
  const asks = first.startsWith('GET');
  const socket = open(port, first);
  if (!asks) socket.resume();
  const drip = setInterval(() => socket.write(next), 500 + random.below(1000));
  socket.on('close', () => clearInterval(drip));
  return { socket, asks };
}

/** Sends a request, or part of it, and hangs up without a word. */
async function leave(port: number, random: Random): Promise<void> {
  const socket = open(
    port,
    REQUEST.slice(0, random.chance(0.5) ? REQUEST.length : random.below(REQUEST.length)),
  );
  await sleep(random.below(20));
  socket.resetAndDestroy();
}

async function talkNonsense(port: number, random: Random): Promise<void> {
  const socket = open(port, Buffer.from(random.many(1 + random.below(2000), () => random.below(256))));
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.resume();
  // Bytes that could still become a request have to be waited for: the client loses patience.
  await Promise.race([ended, sleep(50)]);
  socket.destroy();
}

function open(port: number, first: string | Buffer): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(first);
  return socket;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
