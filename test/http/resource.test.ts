import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { post, startApp, type Started } from './support.js';

let app: Started;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const gets = [
  '/v1/models',
  '/v1/models/7.3',
  '/livez',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs/',
  '/',
];
const posts = ['/v1/classify', '/v1/explain', '/v1/classify/batch'];

describe('methods', () => {
  test.each(gets)('%s answers GET, HEAD and OPTIONS, and refuses the rest', async (path) => {
    const get = await fetch(app.url + path);
    const head = await fetch(app.url + path, { method: 'HEAD' });
    expect(get.status).toBe(200);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    await refused(path, ['POST', 'PUT', 'PATCH', 'DELETE', 'REPORT'], 'GET, HEAD, OPTIONS');
  });

  test.each(posts)('%s answers POST and OPTIONS, and refuses the rest', async (path) => {
    await refused(path, ['GET', 'PUT', 'PATCH', 'DELETE'], 'POST, OPTIONS');
    const head = await fetch(app.url + path, { method: 'HEAD' });
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  async function refused(path: string, methods: string[], allow: string): Promise<void> {
    const options = await fetch(app.url + path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow]);
    for (const method of methods) {
      const response = await fetch(app.url + path, { method });
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, allow]);
      expect(await response.json()).toMatchObject({
        type: 'urn:rutox:problem:method_not_allowed',
        detail: `This path answers ${allow}.`,
      });
    }
  }
});

describe('404', () => {
  test.each([
    '/index.html',
    '/playground/',
    '/playground/plots/x.png',
    '/v1',
    '/v1/classify/',
    '/V1/classify',
    '/v1//classify',
    '/v1/classify%2Fbatch',
    '/v1/models/',
    '/v1/models/7.3/x',
    '/docs/no-such-file.js',
    '/docs/package.json',
    '/docs/index.html',
    '/docs/swagger-ui-bundle.js.map',
    '/docs/..%2f..%2fpackage.json',
    '/favicon.ico',
    '/%00',
    '/%E0%A4%A',
    '/v1/models/%E0%A4%A',
    '/v1/models/8.0',
    '/v1/models/__proto__',
    `/${'a'.repeat(10_000)}`,
  ])('%.40s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const status = /^\/v1\/models\/(8|_)/.test(path) && method !== 'GET' ? 405 : 404;
      const response = await fetch(app.url + path, { method });
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ status });
    }
  });

  test('a target that is no path', async () => {
    expect(await status('OPTIONS', '*')).toBe(404);
    expect(await status('GET', 'http://example.invalid/v1/models')).toBe(200);
    expect(await status('GET', '//example.invalid/v1/models')).toBe(404);
  });

  function status(method: string, path: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request({ port: app.port, host: '127.0.0.1', method, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
  }
});

test('a query string changes nothing', async () => {
  expect((await post(`${app.url}/v1/classify?text=x&threshold=9`, { text: 'о' })).status).toBe(200);
});

test('every answer carries the headers that keep a browser from harm', async () => {
  const answers = [
    ['/livez', 'GET', 200],
    ['/nothing', 'GET', 404],
    ['/livez', 'DELETE', 405],
    ['/livez', 'OPTIONS', 204],
    ['/v1/classify', 'POST', 415],
    ['/metrics', 'GET', 200],
    ['/openapi.json', 'GET', 200],
    ['/docs/', 'GET', 200],
    ['/docs/swagger-ui.css', 'GET', 200],
    ['/docs/swagger-ui-init.js', 'GET', 200],
    ['/docs/no-such-file.js', 'GET', 404],
  ] as const;
  for (const [path, method, status] of answers) {
    const { headers, status: given } = await fetch(app.url + path, { method });
    expect([path, given]).toEqual([path, status]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy':
        path === '/docs/'
          ? expect.stringContaining("script-src 'self'")
          : "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    });
  }
});

test('no answer names the software', async () => {
  for (const path of ['/livez', '/nothing', '/docs/', '/docs/swagger-ui.css']) {
    const { headers } = await fetch(app.url + path);
    expect([path, headers.has('x-powered-by'), headers.has('server')]).toEqual([path, false, false]);
  }
});
