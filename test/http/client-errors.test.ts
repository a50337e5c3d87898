import { afterEach, describe, expect, test } from '@jest/globals';
import { moderationOf, standInModerator, startApp, until, type Started } from './support.js';
import { problemIn, rawConnection } from './raw.js';

let app: Started;
afterEach(() => app.close());

const POST = 'POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const short = { headers: 200, request: 400, check: 50, idle: 300, unread: 300 };

/** Asserts a problem document on a connection that then closes, one count and one log line. */
async function expectRefusal(answer: string, status: number, kind: string): Promise<void> {
  const { head, problem } = problemIn(answer);
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} \\w`));
  expect(head).toContain('Content-Type: application/problem+json');
  expect(head).toContain('X-Content-Type-Options: nosniff');
  expect(head).toContain("Content-Security-Policy: default-src 'none'");
  expect(head).toContain('Connection: close');
  expect(head).toContain(`X-Request-Id: ${String(problem['instance'])}`);
  expect(problem).toMatchObject({ type: `urn:rutox:problem:${kind}`, status });
  await until(() => app.log.some((line) => line['kind'] === kind));
  expect(app.log).toMatchObject([{ requestId: problem['instance'], status, kind }]);
  expect(await app.metrics.expose()).toContain(`rutox_rejected_total{reason="${kind}"} 1`);
  await until(() => open() === 0);
}

let connections = 0;
const open = () => connections;
async function start(
  options: Parameters<typeof startApp>[1] = {},
  deps: Parameters<typeof startApp>[0] = {},
) {
  connections = 0;
  app = await startApp(deps, options);
  app.server.prependListener('connection', (socket) => {
    connections++;
    socket.on('close', () => connections--);
  });
}

describe('what is no HTTP', () => {
  test.each([
    ['garbage', 'дурак\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a method nobody knows', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
    ['a bad length', `${POST}Content-Length: many\r\n\r\n`],
    ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ['a length and chunks', `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['a chunk without a length', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ])('gets 400: %s', async (_name, bytes) => {
    await start();
    await expectRefusal(await rawConnection(app.port, bytes).closed, 400, 'malformed_http');
  });

  test('is closed, also when it goes on and on', async () => {
    await start();
    const { socket, closed } = rawConnection(app.port, 'garbage\r\n');
    const timer = setInterval(() => socket.write('garbage\r\n'.repeat(1000)), 5);
    await closed;
    clearInterval(timer);
    await until(() => open() === 0);
    expect(app.log).toHaveLength(1);
  });

  test('gets no answer behind a request that is being answered: it would be taken for that one’s', async () => {
    let answer: () => void = () => undefined;
    const moderator = standInModerator(
      (call) => new Promise((resolve) => (answer = () => resolve(moderationOf(call)))),
    );
    await start({}, { moderator });
    const { socket, closed } = rawConnection(app.port, `${POST}Content-Length: 13\r\n\r\n{"text": "o"}`);
    await until(() => moderator.calls.length === 1);
    socket.write('\x00\x00garbage\r\n\r\n');
    expect(await closed).toBe('');
    answer();
    await until(() => open() === 0);
  });
});

test('headers above 16 KiB get 431', async () => {
  await start();
  const bytes = `GET /livez HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`;
  await expectRefusal(await rawConnection(app.port, bytes).closed, 431, 'headers_too_large');
});

describe('a slow client', () => {
  test.each([
    ['that says nothing', ''],
    ['whose headers do not end', 'POST /v1/classify HTTP/1.1\r\nHost: x\r\n'],
    ['whose body does not end', `${POST}Content-Length: 100\r\n\r\n{"text": "`],
    ['whose chunks do not end', `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n{"tex`],
  ])('%s gets 408', async (_name, bytes) => {
    await start({ timeouts: short });
    await expectRefusal(await rawConnection(app.port, bytes).closed, 408, 'request_timeout');
  });

  test('that sends a byte now and then gets 408, too', async () => {
    await start({ timeouts: short });
    const { socket, closed } = rawConnection(app.port, 'POST /v1/classify HTTP/1.1\r\n');
    const timer = setInterval(() => socket.write('A: b\r\n'), 20);
    const answer = await closed;
    clearInterval(timer);
    await expectRefusal(answer, 408, 'request_timeout');
  });

  test('with nothing more to ask is let go', async () => {
    await start({ timeouts: short });
    const { received, closed } = rawConnection(app.port, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => received().includes('alive'));
    expect((await closed).split('HTTP/1.1')).toHaveLength(2);
    await until(() => open() === 0);
  });

  test('that does not read its answer is let go, large answers and small', async () => {
    await start({ timeouts: short, answerTimeoutMs: 200 });
    // The system's buffers hold some megabytes; ask for more.
    const requests = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20);
    const { socket } = rawConnection(app.port, requests, { read: false });
    await until(() => open() === 1);
    await until(() => open() === 0);
    await until(() => app.log.some(({ status }) => status === 499));
    socket.destroy();
  });

  test('that waits for its verdict is not taken for one that does not read', async () => {
    const moderator = standInModerator(
      (call) => new Promise((resolve) => setTimeout(() => resolve(moderationOf(call)), 450)),
    );
    await start({ timeouts: short, answerTimeoutMs: 300 }, { moderator });
    const body = '{"text": "o"}';
    const { received, socket } = rawConnection(
      app.port,
      `${POST}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => received().includes('toxic_score'));
    socket.destroy();
  });
});

test('what the client expects beside 100-continue is ignored', async () => {
  await start();
  const { closed } = rawConnection(
    app.port,
    'GET /livez HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
  );
  expect(await closed).toMatch(/^HTTP\/1\.1 200 OK/);
});
