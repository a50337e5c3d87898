import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Generators } from '../../load-tests/load/generators.js';
import { runLoad } from '../../load-tests/load/run-load.js';
import { batch, requestsFor, single } from '../../load-tests/servers/targets.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const GOOD = '{"toxic_score":0.5}';
const requests = requestsFor(single, [['раз'], ['два'], ['три']]);

describe('runLoad', () => {
  it('keeps each connection of a closed loop busy with one request, and sends all requests in turn', async () => {
    const bodies: string[] = [];
    let underWay = 0;
    let most = 0;
    const port = await serve(async (request, response) => {
      most = Math.max(most, (underWay += 1));
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      bodies.push(body);
      await setTimeout(5);
      underWay -= 1;
      response.end(GOOD);
    });
    const tally = await runLoad(port, requests, { connections: 3, seconds: 0.3 });
    expect(most).toBe(3);
    expect(new Set(bodies)).toEqual(new Set(['{"text":"раз"}', '{"text":"два"}', '{"text":"три"}']));
    expect(tally).toMatchObject({ refused: 0, failed: 0, unanswered: 0 });
    // The first of each connection does not count, and up to three were answered after the time.
    expect(bodies.length - 3 - tally.answered).toBeLessThanOrEqual(3);
    expect(tally.latencies.count).toBe(bodies.length - 3);
  });

  it('reads an answer that comes in pieces', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': GOOD.length });
      response.write(GOOD.slice(0, 5));
      void setTimeout(5).then(() => response.end(GOOD.slice(5)));
    });
    const tally = await runLoad(port, requests, { connections: 1, seconds: 0.2 });
    expect(tally.answered).toBeGreaterThan(1);
    expect(tally.failed).toBe(0);
  });

  it.each([
    ['another status', 500, GOOD, 'failed'],
    ['an answer without a score', 200, '{}', 'failed'],
    ['a refusal', 503, '{}', 'refused'],
  ] as const)('tells %s from an answer', async (_what, status, body, verdict) => {
    const port = await serve((_request, response) => {
      response.statusCode = status;
      response.end(body);
    });
    const tally = await runLoad(port, requests, { connections: 1, seconds: 0.3 });
    expect(tally[verdict]).toBeGreaterThan(0);
    expect(tally.answered).toBe(0);
  });

  it('wants as many results as it sent comments', async () => {
    const port = await serve((_request, response) => response.end(`{"results":[${GOOD},${GOOD}]}`));
    const load = { connections: 1, seconds: 0.3 };
    expect(await runLoad(port, requestsFor(batch, [['раз', 'два']]), load)).toMatchObject({ failed: 0 });
    expect(await runLoad(port, requestsFor(batch, [['раз', 'два', 'три']]), load)).toMatchObject({
      answered: 0,
    });
  });

  it('counts a connection that breaks as failed, and goes on with another', async () => {
    let count = 0;
    const port = await serve((request, response) => {
      count += 1;
      if (count % 2 === 1) request.socket.destroy();
      else response.end(GOOD);
    });
    const tally = await runLoad(port, requests, { connections: 1, seconds: 0.2 });
    expect(tally.failed).toBeGreaterThan(0);
    expect(tally.answered).toBeGreaterThan(0);
  });

  it('counts from when a request was due: one that waits for a free connection waits', async () => {
    // One connection and 50 ms an answer: 20 a second of the 200 that come.
    const port = await serve((_request, response) => void setTimeout(50).then(() => response.end(GOOD)));
    const tally = await runLoad(port, requests, { connections: 1, seconds: 0.5, perSecond: 200 });
    expect(tally.unanswered).toBeGreaterThan(0);
    expect(tally.latencies.count).toBeGreaterThan(tally.answered);
    expect(tally.latencies.quantile(0.9)).toBeGreaterThan(500);
  });

  it('begins when every connection has had an answer', async () => {
    let taken = 0;
    const port = await serve((_request, response) => {
      taken += 1;
      // As if each of the four took long to accept, and none later.
      if (taken <= 4) void setTimeout(taken * 50).then(() => response.end(GOOD));
      else response.end(GOOD);
    });
    const tally = await runLoad(port, requests, { connections: 4, seconds: 0.5, perSecond: 100 });
    expect(tally.latencies.count).toBe(taken - 4);
    expect(tally.latencies.quantile(0.99)).toBeLessThan(50);
  });

  it('sends at the rate it was told, however fast the server is', async () => {
    const port = await serve((_request, response) => response.end(GOOD));
    const tally = await runLoad(port, requests, { connections: 8, seconds: 2, perSecond: 200 });
    // 400 are due, give or take six standard deviations of a Poisson count.
    expect(Math.abs(tally.latencies.count - 400)).toBeLessThan(120);
    expect(tally.unanswered).toBe(0);
  });
});

describe('Generators', () => {
  it('share a load between processes and add up what became of it', async () => {
    const port = await serve((_request, response) => response.end(GOOD));
    const generators = new Generators(2);
    try {
      const result = await generators.run(port, requests, { connections: 4, seconds: 0.3 });
      expect(result.answered).toBeGreaterThan(10);
      expect(result.answeredPerSecond).toBeCloseTo(result.answered / 0.3);
      expect(result.latencies.count).toBeGreaterThanOrEqual(result.answered);
      expect(result.failed).toBe(0);
    } finally {
      generators.close();
    }
  });

  it('say that nobody listens', async () => {
    const port = await serve(() => {});
    server.close();
    const generators = new Generators(1);
    try {
      await expect(generators.run(port, requests, { connections: 1, seconds: 0.1 })).rejects.toThrow(
        'ECONNREFUSED',
      );
    } finally {
      generators.close();
    }
  });
});
