import { connect } from 'node:net';
import { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, jest, test } from '@jest/globals';
import express from 'express';
import { createHttpServer } from '../../src/http/http-server.js';
import { createLogger } from '../../src/logger.js';
import { createMetrics } from '../../src/metrics.js';
import { startApp, type Started } from './support.js';

let app: Started | undefined;
afterEach(() => app?.close());

test('requests and responses are born with the prototypes that Express gives them', async () => {
  const bare = express();
  const metrics = createMetrics();
  const logger = createLogger('silent');
  const server = createHttpServer(
    { express: bare, listener: bare },
    { maxConnections: 1, answerTimeoutMs: 1000, metrics, logger },
  );
  const prototypes: unknown[] = [];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
    prototypes.push(request instanceof IncomingMessage, response instanceof ServerResponse);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
  server.closeAllConnections();
  server.close();
  expect(prototypes).toEqual([bare.request, bare.response, true, true]);
});

test('slow and idle connections have their limits', async () => {
  app = await startApp();
  expect(app.server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    timeout: 40_000,
  });
});

test('a connection serves one request after the other, pipelined ones too', async () => {
  app = await startApp();
  const { port } = app;
  const answers = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (data: string) => (received += data));
    socket.on('close', () => resolve(received));
    const body = '{"text":"o"}';
    const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`POST /v1/classify HTTP/1.1\r\n${head}\r\n${body}`);
    socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.write(`POST /v1/classify HTTP/1.1\r\n${head}Connection: close\r\n\r\n${body}`);
  });
  expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  expect(answers.match(/is_toxic|"alive"/g)).toEqual(['is_toxic', '"alive"', 'is_toxic']);
});

test('nothing is written to the console', async () => {
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  app = await startApp({ exposeMetrics: () => Promise.reject(new Error('no metrics')) });
  expect((await fetch(`${app.url}/metrics`)).status).toBe(500);
  expect(error).not.toHaveBeenCalled();
});
