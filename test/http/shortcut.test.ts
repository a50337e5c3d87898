import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../../src/http/app.js';
import { createHttpServer } from '../../src/http/http-server.js';
import { createLogger } from '../../src/logger.js';
import { createMetrics } from '../../src/metrics.js';
import { config, standInModerator } from './support.js';

const metrics = createMetrics();
const logger = createLogger('silent');
const app = createApp({
  moderator: standInModerator(),
  metrics,
  logger,
  config: { ...config, corsOrigins: ['https://example.org'] },
  isDraining: () => false,
  exposeMetrics: () => metrics.expose(),
});
/** As a server runs it, and through Express alone. */
const servers = [app, { ...app, listener: app.express }].map((each) =>
  createHttpServer(each, { maxConnections: 100, answerTimeoutMs: 10_000, metrics, logger }),
);
let urls: string[];

beforeAll(async () => {
  urls = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }),
  );
});
afterAll(() => servers.forEach((server) => void server.close()));

async function answers(path: string, init: RequestInit): Promise<unknown[]> {
  return await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url + path, { ...init, redirect: 'manual' });
      const headers = Object.fromEntries(response.headers);
      delete headers['date'];
      return { status: response.status, headers, body: await response.text() };
    }),
  );
}

describe('the listener answers as Express does', () => {
  const json = { 'content-type': 'application/json', 'x-request-id': 'same' };
  const origin = { ...json, origin: 'https://example.org' };
  test.each<[string, string, RequestInit]>([
    ['a comment', '/v1/classify', { method: 'POST', headers: json, body: '{"text":"х"}' }],
    ['many', '/v1/classify/batch', { method: 'POST', headers: json, body: '{"texts":["х","о"]}' }],
    ['what fits no schema', '/v1/classify', { method: 'POST', headers: json, body: '{}' }],
    ['what is no JSON', '/v1/classify', { method: 'POST', headers: json, body: '{' }],
    ['another origin', '/v1/classify', { method: 'POST', headers: origin, body: '{"text":"х"}' }],
    ['a preflight', '/v1/classify', { method: 'OPTIONS', headers: origin }],
    ['a method that is not allowed', '/v1/classify', { method: 'DELETE', headers: json }],
    ['HEAD', '/readyz', { method: 'HEAD', headers: json }],
    ['a query string', '/readyz?x=1', { headers: json }],
    ['a path with a parameter', '/v1/models/7.3', { headers: json }],
    ['no such model', '/v1/models/7.4', { headers: json }],
    ['a redirect', '/docs', { headers: json }],
    ['a page', '/docs/', { headers: json }],
    ['no such path', '/v1/Classify', { headers: json }],
    ['a slash too many', '/livez/', { headers: json }],
  ])('%s', async (_name, path, init) => {
    const [shortened, express] = await answers(path, init);
    expect(shortened).toEqual(express);
  });
});
