import { setTimeout } from 'node:timers/promises';
import { Alarm } from './alarm.js';
import { Connection, type Request, type Verdict } from './connection.js';
import { Histogram } from './histogram.js';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /**
   * Open loop: requests become due at random (Poisson) at this rate, whatever the server does. Without it, closed
   * loop: each connection sends its next request when it has the answer to its last one.
   */
  readonly perSecond?: number;
}

/** What became of the requests of one run. */
export interface Tally {
  /** As expected, while the run lasted. */
  answered: number;
  /** 503 or 429. */
  refused: number;
  /** Another status, not what was asked for, or a broken connection. */
  failed: number;
  /** Due, and not answered in time or soon after; each counts in `latencies` with the time it has waited. */
  unanswered: number;
  /** Milliseconds from when a request was due, so that waiting for a free connection counts. Refusals are left out. */
  readonly latencies: Histogram;
}

/** What is under way when the time is over has this long to be answered. */
const LINGER_MS = 2000;
/** No server takes so long to answer a request on each new connection. */
const OPENING_MS = 20_000;

/**
 * Sends `requests` in turn, again and again. Before the time begins each connection has had an answer: at a low rate the
 * slowest hundredth would else be the requests that came while the server was still taking connections.
 * @throws Error when nobody listens on the port of this machine, or new connections get no answer
 */
export async function runLoad(port: number, requests: readonly Request[], load: Load): Promise<Tally> {
  const tally: Tally = { answered: 0, refused: 0, failed: 0, unanswered: 0, latencies: new Histogram() };
  /** When the request that a connection carries was due. */
  const underWay = new Map<Connection, number>();
  const free: Connection[] = [];
  const waiting: number[] = [];
  let end = Infinity;
  let sent = 0;

  /** Connections without an answer so far. */
  let unopened = load.connections;
  let onOpened = () => {};

  const onAnswer = (connection: Connection, verdict: Verdict) => {
    if (unopened > 0) {
      unopened -= 1;
      if (unopened === 0) onOpened();
      return;
    }
    const now = performance.now();
    if (verdict !== 'refused') tally.latencies.record(now - underWay.get(connection)!);
    underWay.delete(connection);
    if (now <= end) tally[verdict] += 1;
    const due = load.perSecond === undefined ? (now < end ? now : undefined) : waiting.shift();
    if (due === undefined) free.push(connection);
    else send(connection, due);
  };
  const send = (connection: Connection, due: number) => {
    underWay.set(connection, due);
    connection.send(requests[sent++ % requests.length]!);
  };

  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(port, onAnswer)),
  );
  const opened = new Promise<void>((resolve) => (onOpened = resolve));
  for (const [index, connection] of connections.entries())
    connection.send(requests[index % requests.length]!);
  await Promise.race([opened, setTimeout(OPENING_MS, undefined, { ref: false })]);
  if (unopened > 0) {
    for (const connection of connections) connection.close();
    throw new Error(`${unopened} new connections got no answer`);
  }
  const alarm = load.perSecond === undefined ? undefined : await Alarm.start();
  free.push(...connections);
  const start = performance.now();
  end = start + load.seconds * 1000;
  if (load.perSecond === undefined || alarm === undefined) {
    for (const connection of free.splice(0)) send(connection, start);
    await setTimeout(load.seconds * 1000);
  } else {
    await arrive(alarm, load.perSecond, { start, end }, (due) => {
      const connection = free.pop();
      if (connection === undefined) waiting.push(due);
      else send(connection, due);
    });
  }
  await alarm?.close();

  const deadline = end + LINGER_MS;
  while (underWay.size > 0 && performance.now() < deadline) await setTimeout(2);
  const now = performance.now();
  for (const due of [...underWay.values(), ...waiting]) {
    tally.unanswered += 1;
    tally.latencies.record(now - due);
  }
  for (const connection of connections) connection.close();
  return tally;
}

/** Calls `onDue` with the time of every arrival between `start` and `end`, as soon as it has come. */
async function arrive(
  alarm: Alarm,
  perSecond: number,
  { start, end }: { start: number; end: number },
  onDue: (due: number) => void,
): Promise<void> {
  const gapMs = () => (-Math.log(1 - Math.random()) * 1000) / perSecond;
  let due = start + gapMs();
  await new Promise<void>((resolve) => {
    alarm.onRing = () => {
      const now = performance.now();
      for (; due <= now && due < end; due += gapMs()) onDue(due);
      if (due < end) alarm.set(due - now);
      else resolve();
    };
    alarm.onRing();
  });
  await setTimeout(Math.max(0, end - performance.now()));
}
