import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../src/http/body.js';
import { post, standInModerator, startApp, until, type Started } from './support.js';

const json = { 'content-type': 'application/json' };
const moderator = standInModerator();
let app: Started;
let url: string;
beforeAll(async () => {
  app = await startApp({ moderator });
  url = `${app.url}/v1/classify`;
});
afterAll(() => app.close());

/** Status and detail of a refusal. */
async function refusal(
  body: unknown,
  headers?: Record<string, string>,
): Promise<[status: number, detail: string]> {
  const response = await post(url, body, headers);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { detail } = (await response.json()) as { detail: string };
  return [response.status, detail];
}

describe('400: not JSON', () => {
  const cases: [name: string, body: string | Buffer, detail: string][] = [
    ['empty', '', 'The body is empty; send a JSON object.'],
    ['cut off', '{"text": "а', 'The body is not valid JSON (at character 11).'],
    ['a bare text', 'Ты дурак', 'The body is not valid JSON.'],
    ['two values', '{"text": "а"}{}', 'The body is not valid JSON (at character 13).'],
    ['a raw NUL', '{"text": "а\0"}', 'The body is not valid JSON (at character 11).'],
    ['NaN', '{"text": "а", "threshold": NaN}', 'The body is not valid JSON.'],
    ['a comment that looks like a position', '{"text": at position 12345678}', 'The body is not valid JSON.'],
    ['deeply nested and cut off', '['.repeat(9000), 'The body is not valid JSON.'],
    [
      'Windows-1251',
      Buffer.from('{"text": "\xcf\xf0\xe8\xe2\xe5\xf2"}', 'latin1'),
      'The body is not valid UTF-8.',
    ],
    [
      'a surrogate as three bytes',
      Buffer.from('{"text": "\xed\xa0\xbd"}', 'latin1'),
      'The body is not valid UTF-8.',
    ],
    ['UTF-16', Buffer.from('{"text": "а"}', 'utf16le'), 'The body is not valid JSON'],
  ];
  test.each(cases)('%s', async (_name, body, detail) => {
    expect(await refusal(body)).toEqual([400, expect.stringContaining(detail)]);
  });
});

test.each([1, 20, 400])('what was sent arrives, %d times over', (times) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (part) => {
      const text = part.toWellFormed().repeat(times);
      for (const mark of ['', '\ufeff'])
        expect(parseJson(Buffer.from(`${mark}${JSON.stringify(text)}`))).toBe(text);
    }),
  );
});

test('a byte order mark is skipped', async () => {
  expect((await post(url, '\ufeff{"text": "а"}')).status).toBe(200);
});

describe('415: not declared as JSON in UTF-8', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json5, application/json',
    'multipart/form-data; boundary=application/json',
  ])('%s', async (type) => {
    expect(await refusal('{"text": "а"}', { 'content-type': type })).toEqual([
      415,
      'Content-Type must be application/json.',
    ]);
  });

  test('no content type', async () => {
    expect(await refusal(new TextEncoder().encode('{"text": "а"}'), {})).toEqual([
      415,
      'Content-Type must be application/json.',
    ]);
  });

  test.each(['windows-1251', 'utf-16', '""'])('charset %s', async (charset) => {
    expect(
      await refusal('{"text": "а"}', { 'content-type': `application/json; charset=${charset}` }),
    ).toEqual([415, 'The charset of the body must be utf-8.']);
  });

  test.each([
    'application/json;charset=utf-8',
    'Application/JSON; Charset="UTF-8"',
    'application/json; charset=utf8',
    'application/json ; odata=verbose',
  ])('but %s is accepted', async (type) => {
    expect((await post(url, '{"text": "а"}', { 'content-type': type })).status).toBe(200);
  });
});

describe('Content-Encoding', () => {
  const body = JSON.stringify({ text: 'хоровод' });
  test.each([
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['GZIP', gzipSync(body)],
    ['identity', Buffer.from(body)],
  ])('%s', async (encoding, bytes) => {
    expect((await post(url, bytes, { ...json, 'content-encoding': encoding })).status).toBe(200);
    expect(moderator.calls.at(-1)?.texts).toEqual(['хоровод']);
  });

  test.each(['zstd', 'gzip, gzip', 'x'])('%s is refused with what is accepted', async (encoding) => {
    const response = await post(url, body, { ...json, 'content-encoding': encoding });
    expect(response.status).toBe(415);
    expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, br');
  });

  test.each(['gzip', 'deflate', 'br'])('what is not %s is refused', async (encoding) => {
    expect(await refusal(body, { ...json, 'content-encoding': encoding })).toEqual([
      400,
      `The body cannot be decompressed as Content-Encoding ${encoding}.`,
    ]);
    const cutOff = gzipSync(body).subarray(0, 20);
    expect(await refusal(cutOff, { ...json, 'content-encoding': encoding })).toEqual([
      400,
      expect.any(String),
    ]);
  });

  test('the limit holds for the inflated size', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000, ' '));
    expect(bomb.length).toBeLessThan(10_000);
    expect(await refusal(bomb, { ...json, 'content-encoding': 'gzip' })).toEqual([
      413,
      expect.stringContaining('more than 10000 bytes'),
    ]);
  });
});

describe('413: more than RUTOX_MAX_BODY_BYTES', () => {
  const detail = expect.stringContaining('The body has more than 10000 bytes');
  const padded = (bytes: number) => '{"text": "a"}'.padEnd(bytes);

  test('the limit itself passes, one byte more does not', async () => {
    expect((await post(url, padded(10_000))).status).toBe(200);
    expect(await refusal(padded(10_001))).toEqual([413, detail]);
  });

  test('10 MB get their answer, and the connection goes on', async () => {
    const response = await post(url, padded(10_000_000));
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).toBe('keep-alive');
    expect(await response.json()).toMatchObject({ status: 413, title: 'The body is too large', detail });
  });

  test('a declared length far above the limit is refused without waiting for the body', async () => {
    const answer = await raw('Content-Length: 1000000000\r\n\r\n{"text"');
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\n/);
    expect(answer).toContain('Connection: close');
  });

  test('a body without a declared length is cut off, however long it goes on', async () => {
    const chunk = `100000\r\n${' '.repeat(0x10_0000)}\r\n`;
    const answer = await raw(`Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\n/);
    expect(answer).toContain('Connection: close');
  });
});

test('a client that leaves in the middle of its body is counted as gone', async () => {
  const socket = connect(app.port, '127.0.0.1');
  const headers =
    'Host: x\r\nX-Request-Id: left-early\r\nContent-Type: application/json\r\nContent-Length: 100\r\n';
  socket.write(`POST /v1/classify HTTP/1.1\r\n${headers}\r\n{"text": "`);
  await until(() => moderator.calls.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  await until(() => app.log.some(({ requestId }) => requestId === 'left-early'));
  expect(app.log.find(({ requestId }) => requestId === 'left-early')).toMatchObject({
    status: 499,
    kind: 'cancelled',
  });
});

/** Sends a request head and whatever follows it, and returns all that comes back until the connection closes. */
function raw(rest: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(app.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (answer += data));
    // A reset after the answer is as good as an end.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(`POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${rest}`);
  });
}
