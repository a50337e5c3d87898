import { afterEach, describe, expect, test } from '@jest/globals';
import { RutoxError, type ErrorKind } from '../../src/errors.js';
import { errorTable } from '../../src/http/error-table.js';
import { moderationOf, post, standInModerator, startApp, until, type Started } from './support.js';

let app: Started;
afterEach(() => app.close());

/** Starts the app with a moderator that fails, and returns the answer to a request with a comment in it. */
async function failing(error: unknown): Promise<Response> {
  app = await startApp({ moderator: standInModerator(() => Promise.reject(error)) });
  return await post(`${app.url}/v1/classify`, { text: 'секретный комментарий' });
}

describe('every kind of error has its status', () => {
  const kinds = Object.keys(errorTable) as ErrorKind[];
  test.each(kinds)('%s', async (kind) => {
    const response = await failing(new RutoxError(kind, `What is wrong: ${kind}.`));
    const { status, title } = errorTable[kind];
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.json()).toEqual({
      type: `urn:rutox:problem:${kind}`,
      title,
      status,
      detail: `What is wrong: ${kind}.`,
      instance: response.headers.get('x-request-id'),
    });
    await until(() => app.log.some(({ msg }) => msg === 'request'));
    expect(app.log.find(({ msg }) => msg === 'request')).toMatchObject({
      status,
      kind,
      route: '/v1/classify',
    });
    expect(await app.metrics.expose()).toContain(`rutox_rejected_total{reason="${kind}"} 1`);
  });
});

test('the numbers are those of the design', () => {
  const numbers = Object.entries(errorTable).map(([kind, { status }]) => [kind, status]);
  expect(Object.fromEntries(numbers)).toEqual({
    malformed_http: 400,
    malformed_json: 400,
    unauthorized: 401,
    not_found: 404,
    method_not_allowed: 405,
    request_timeout: 408,
    body_too_large: 413,
    unsupported_media_type: 415,
    invalid_request: 422,
    rate_limited: 429,
    headers_too_large: 431,
    cancelled: 499,
    internal: 500,
    not_implemented: 501,
    overloaded: 503,
    too_many_connections: 503,
    unavailable: 503,
    deadline_exceeded: 504,
  });
});

test('an overloaded server says when to come back', async () => {
  const response = await failing(
    new RutoxError('overloaded', 'The queue is full.', { retryAfterSeconds: 2 }),
  );
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(response.headers.get('connection')).toBe('keep-alive');
});

test('a draining server closes the connection, whatever it answers', async () => {
  let draining = false;
  app = await startApp({
    isDraining: () => draining,
    moderator: standInModerator((call) => {
      draining = true;
      return call.texts[0] === 'о'
        ? Promise.resolve(moderationOf(call))
        : Promise.reject(new RutoxError('overloaded', 'The queue is full.', { retryAfterSeconds: 1 }));
    }),
  });
  const served = await post(`${app.url}/v1/classify`, { text: 'о' });
  expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
  const refused = await post(`${app.url}/v1/classify`, { text: 'х' });
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  expect(refused.headers.get('retry-after')).toBe('1');
});

test('of an unexpected error the caller learns the request id, and the log learns where, but neither the message', async () => {
  const response = await failing(new TypeError('cannot read "секретный комментарий"'));
  expect(response.status).toBe(500);
  const body = await response.text();
  expect(body).not.toContain('секретный');
  expect(JSON.parse(body)).toMatchObject({ type: 'urn:rutox:problem:internal' });
  const line = app.log.find(({ msg }) => msg === 'request failed');
  expect(line).toMatchObject({
    requestId: response.headers.get('x-request-id'),
    err: {
      name: 'TypeError',
      stack: expect.arrayContaining([expect.stringContaining('error-handler.test')]),
    },
  });
  expect(JSON.stringify(app.log)).not.toContain('секретный');
});

test('what is thrown need not be an error', async () => {
  const response = await failing('секретный комментарий');
  expect(response.status).toBe(500);
  expect(JSON.stringify(app.log) + (await response.text())).not.toContain('секретный');
});
