import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startServer, type ReadyServer } from './server.js';

/**
 * Part of every comment sent here: short, because what leaks is often cut (JSON.parse quotes ten characters).
 * One survives any way to encode it, the other is as real comments are.
 */
const LATIN = 'zqxj';
const RUSSIAN = 'зюйд';
const comment = `${RUSSIAN} ${LATIN} и ещё`;
const forms = [LATIN, RUSSIAN, RUSSIAN.toUpperCase(), encodeURI(RUSSIAN), escaped(RUSSIAN)];
const traces = forms.flatMap((form) => [form, latin1(form)]);

/** A key that holds, and one that nearly does. */
const KEY = 'kq7-x1zz-9w0v-b4m2';
const WRONG_KEY = `${KEY}-wjgh`;

let folder: string;
let server: ReadyServer;
/** Everything that the server answered. */
const answers: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-privacy-'));
  const keysFile = join(folder, 'keys');
  writeFileSync(keysFile, `shop:${KEY}\n`);
  server = await startServer({
    RUTOX_API_KEYS_FILE: keysFile,
    RUTOX_LOG_LEVEL: 'trace',
    RUTOX_MAX_QUEUE: '2',
    RUTOX_MAX_TEXTS: '2',
    RUTOX_MAX_TEXT_CHARS: '1000000',
    RUTOX_REQUEST_TIMEOUT_MS: '100',
  });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('no comment and no API key reaches the log, the metrics or an answer, however the request ends', async () => {
  const long = `${comment}. `.repeat(30_000);
  const statuses = new Set<number>();
  const send = async (path: string, init: RequestInit) => {
    const response = await fetch(server.url + path, init);
    statuses.add(response.status);
    const body = await response.text();
    answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${body}`);
  };
  const json = { 'content-type': 'application/json', 'x-api-key': KEY };
  const classify = (body: unknown, headers: Record<string, string> = json, path = '/v1/classify') =>
    send(path, {
      method: 'POST',
      headers,
      body:
        typeof body === 'string' || body instanceof Uint8Array
          ? (body as NonNullable<RequestInit['body']>)
          : JSON.stringify(body),
    });

  // Answered.
  await classify({ text: comment });
  await classify({ texts: [comment, `${comment} дебил`] }, json, '/v1/classify/batch');
  await classify({ text: comment, threshold: 0.1 }, { ...json, 'x-request-id': latin1(comment) });
  await classify({ text: `${comment} дебил`, explain: true });
  await classify({ text: comment }, json, '/v1/explain');
  // Not JSON.
  await classify(comment);
  await classify(`"${comment}`);
  await classify(`{"text": "${comment}"`);
  await classify(`{"text": "${comment}" "x"}`);
  await classify(`{"text": ${comment}}`);
  await classify(`{${comment}: 1}`);
  await classify(Buffer.concat([Buffer.from(comment), Buffer.from([0xff])]));
  await classify(comment, { ...json, 'content-encoding': 'gzip' });
  await classify(gzipSync(comment).subarray(0, -9), { ...json, 'content-encoding': 'gzip' });
  // Against the schema.
  await classify(JSON.stringify(comment));
  await classify([comment]);
  await classify({ text: [comment] });
  await classify({ text: { [comment]: comment } });
  await classify({ [comment]: true });
  await classify({ text: comment, [comment]: comment });
  await classify({ text: comment, threshold: comment });
  await classify({ text: comment, policy: comment });
  await classify({ text: comment, explain: comment });
  await classify({ text: comment.repeat(60_000) });
  await classify({ texts: [comment, ''] }, json, '/v1/classify/batch');
  await classify({ texts: [comment, comment, comment] }, json, '/v1/classify/batch');
  await classify({ texts: comment }, json, '/v1/classify/batch');
  await classify({ texts: { [comment]: 1 } }, json, '/v1/classify/batch');
  // In the words of OpenAI.
  const moderate = (body: unknown, headers = json) => classify(body, headers, '/v1/moderations');
  await moderate({ input: comment, model: comment });
  await moderate(`{"input": "${comment}`);
  await moderate({ [comment]: comment });
  await moderate({ input: [comment, { [comment]: comment }] });
  await moderate({ input: [comment, comment, comment] });
  await moderate({ input: [{ type: comment, text: comment, image_url: { url: comment } }] });
  await moderate({ input: [{ type: 'image_url', image_url: { url: comment } }] });
  await moderate({ input: comment }, { ...json, 'x-api-key': WRONG_KEY });
  // As tensors.
  const infer = (body: unknown, headers: Record<string, string> = json) =>
    classify(body, headers, '/v2/models/toxicity/infer');
  const tensor = { name: 'text', datatype: 'BYTES', shape: [1], data: [comment] };
  await infer({ inputs: [tensor], [comment]: comment });
  await infer({ inputs: [{ ...tensor, parameters: { [comment]: comment } }] });
  await infer({ inputs: [{ ...tensor, name: comment, datatype: comment, shape: [comment] }] });
  await infer({ inputs: [{ ...tensor, data: [comment, comment] }] });
  await infer({ inputs: [tensor], outputs: [{ name: comment }] });
  await infer({ inputs: [{ ...tensor, parameters: { shared_memory_region: comment } }] });
  await infer(comment, { ...json, 'inference-header-content-length': '0' });
  await infer(comment, { ...json, 'inference-header-content-length': '3' });
  await infer(comment, { ...json, 'inference-header-content-length': LATIN });
  await infer(Buffer.concat([Buffer.from(comment), Buffer.from([0xff])]), {
    ...json,
    'inference-header-content-length': '0',
  });
  await send(`/v2/models/${encodeURIComponent(comment)}`, { method: 'GET' });
  await send(`/v2/models/toxicity/versions/${encodeURIComponent(comment)}`, { method: 'GET', headers: json });
  // Too large, wrong type, coding or charset.
  await classify({ text: comment.repeat(200_000) });
  await classify({ text: comment }, { ...json, 'content-type': `text/plain; a=${latin1(comment)}` });
  await classify({ text: comment }, { ...json, 'content-type': `application/json; charset=${LATIN}` });
  await classify({ text: comment }, { ...json, 'content-encoding': LATIN });
  // Elsewhere.
  await send(`/v1/classify?text=${encodeURIComponent(comment)}`, { method: 'GET' });
  await send(`/${encodeURIComponent(comment)}`, { method: 'GET' });
  await send(`/%ff${encodeURIComponent(comment)}?${LATIN}`, { method: 'GET' });
  await send(`/v1/models/${encodeURIComponent(comment)}`, { method: 'GET', headers: json });
  await send(`/docs/${encodeURIComponent(comment)}`, { method: 'GET' });
  await send('/livez', {
    method: 'GET',
    headers: { cookie: latin1(comment), 'user-agent': LATIN, referer: `/${LATIN}` },
  });
  // With the key in other places, with a wrong one, with none.
  const bearer = (key: string) => ({ 'content-type': 'application/json', authorization: `Bearer ${key}` });
  await classify({ text: comment }, bearer(KEY));
  await classify({ text: comment }, bearer(WRONG_KEY));
  await classify({ text: comment }, { ...json, 'x-api-key': WRONG_KEY });
  await classify({ text: comment }, { ...json, 'x-api-key': latin1(comment) });
  await classify({ text: comment }, { 'content-type': 'application/json' });
  await send(`/v1/models/${WRONG_KEY}`, { method: 'GET', headers: json });
  await send(`/v1/models?key=${WRONG_KEY}`, { method: 'GET' });
  // Overloaded and too late.
  await Promise.all(Array.from({ length: 12 }, () => classify({ text: long })));
  // Clients that leave, before and after their body is complete, and one that speaks no HTTP.
  const head = `POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: ${KEY}\r\n`;
  const body = JSON.stringify({ text: long });
  await leave(`${head}Content-Length: 9999\r\n\r\n{"text": "${comment}`);
  await leave(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await leave(`${comment} /${LATIN} HTTP/1.1\r\n\r\n`);
  await leave(`${head}${LATIN}: ${comment.repeat(2000)}\r\n\r\n`);

  expect([...statuses].toSorted((a, b) => a - b)).toEqual([
    200, 400, 401, 404, 405, 413, 415, 422, 501, 503, 504,
  ]);
  await send('/metrics', { method: 'GET' });
  await server.stop();
  const log = server.output();
  expect(log.split('\n').length).toBeGreaterThan(answers.length);
  expect(log).toContain('"msg":"stopped"');
  for (const said of [log, ...answers]) {
    for (const trace of [...traces, KEY]) expect(said).not.toContain(trace);
  }
}, 60_000);

/** Sends this, waits a little and hangs up. */
function leave(data: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(data);
      setTimeout(() => socket.destroy(), 100);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => void answers.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

/** As header values have to be: one byte a character. */
function latin1(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e\x80-\xff]/g, '');
}

function escaped(text: string): string {
  return text.replaceAll(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
