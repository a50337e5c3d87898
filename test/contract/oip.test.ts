import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InferResponse } from '../../src/http/oip/schemas.js';
import { binaryRequest } from '../http/oip/wire.js';
import { post } from '../http/support.js';
import { startServer, type ReadyServer } from './server.js';

/** Requests as clients of the Open Inference Protocol send them: those of `tritonclient` byte for byte, without a Content-Type. */

const KEY = 'key-of-the-contract';
const KIND = 'Спасибо за интересную статью!';
const RUDE = 'Ты тупой идиот, заткнись';

let real: ReadyServer;
/** Asks for a key. */
let strict: ReadyServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-oip-'));
  writeFileSync(join(folder, 'keys'), `shop:${KEY}\n`);
  [real, strict] = await Promise.all([
    startServer(),
    startServer({ RUTOX_API_KEYS_FILE: join(folder, 'keys') }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([real.stop(), strict.stop()]);
  rmSync(folder, { recursive: true });
});

const INFER = '/v2/models/toxicity/infer';
const data = { name: 'text', shape: [2], datatype: 'BYTES', data: [KIND, RUDE] };

const get = async (path: string, server = real) => {
  const response = await fetch(server.url + path);
  return { status: response.status, body: await response.json() };
};

interface Scores {
  readonly json: InferResponse;
  readonly scores: readonly number[];
}

/** Sends bytes as they are and reads the answer as `tritonclient` does. */
async function infer(
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = INFER,
): Promise<Scores> {
  const response = await fetch(real.url + path, { method: 'POST', headers, body: Buffer.from(body) });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect([response.status, response.ok ? '' : bytes.toString()]).toEqual([200, '']);
  expect(response.headers.get('server-timing')).toContain('inference;dur=');
  const length = response.headers.get('inference-header-content-length');
  const json = JSON.parse(bytes.subarray(0, Number(length ?? bytes.length)).toString()) as InferResponse;
  const [output] = json.outputs;
  if (length === null) return { json, scores: output!.data! };
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  const binary = bytes.subarray(Number(length));
  expect(output!.parameters).toEqual({ binary_data_size: binary.length });
  return {
    json,
    scores: Array.from({ length: binary.length / 4 }, (_, index) => binary.readFloatLE(index * 4)),
  };
}

function expectVerdicts(scores: readonly number[]): void {
  expect(scores).toHaveLength(2);
  expect(scores[0]).toBeLessThan(0.1);
  expect(scores[1]).toBeGreaterThan(0.9);
}

describe('metadata and health', () => {
  test.each([
    ['/v2', { name: 'rutox', version: expect.any(String), extensions: ['binary_tensor_data'] }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/models/toxicity/ready', { name: 'toxicity', ready: true }],
    ['/v2/models/toxicity/versions/1.1/ready', { name: 'toxicity', ready: true }],
    ...['/v2/models/toxicity', '/v2/models/toxicity/versions/1.1'].map((path): [string, object] => [
      path,
      {
        name: 'toxicity',
        versions: ['1.1'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
        outputs: [{ name: 'toxicity', datatype: 'FP32', shape: [-1] }],
      },
    ]),
  ])('%s', async (path, body) => {
    expect(await get(path)).toEqual({ status: 200, body });
  });

  test.each([
    '/v2/',
    '/v2/models/other',
    '/v2/models/other/ready',
    '/v2/models/toxicity/versions/2',
    '/v2/models/toxicity/versions/2/ready',
    '/v2/models/toxicity/versions/%ff',
    // Not implemented, and not declared.
    '/v2/models/toxicity/config',
    '/v2/models/toxicity/stats',
    '/v2/models/stats',
    '/v2/logging',
  ])('%s: 404 with an error in one sentence', async (path) => {
    expect(await get(path)).toEqual({ status: 404, body: { error: expect.any(String) } });
  });

  test('a key is asked for where there is something to know or to score, and not by probes', async () => {
    const open = ['/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/toxicity/ready'];
    for (const path of open) expect([path, (await get(path, strict)).status]).toEqual([path, 200]);
    expect(await get('/v2/models/toxicity', strict)).toEqual({
      status: 401,
      body: { error: expect.any(String) },
    });
    const request = { inputs: [data] };
    expect((await post(strict.url + INFER, request)).status).toBe(401);
    expect((await post(strict.url + INFER, request, { authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect((await post(strict.url + INFER, request, { 'x-api-key': KEY })).status).toBe(200);
  });
});

describe('inference', () => {
  test('from JSON to JSON, with the scores of the native API', async () => {
    const { json, scores } = await infer(JSON.stringify({ id: '42', inputs: [data] }));
    expect(json).toEqual({
      model_name: 'toxicity',
      model_version: '1.1',
      id: '42',
      outputs: [{ name: 'toxicity', shape: [2], datatype: 'FP32', data: scores }],
    });
    expectVerdicts(scores);
    const native = await post(`${real.url}/v1/classify/batch`, { texts: [KIND, RUDE] });
    const { results } = (await native.json()) as { results: { toxic_score: number }[] };
    scores.forEach((score, index) => expect(score).toBeCloseTo(results[index]!.toxic_score, 4));
  });

  test('of a column, whose shape the output has', async () => {
    const column = { ...data, shape: [2, 1], data: [[KIND], [RUDE]] };
    const { json, scores } = await infer(JSON.stringify({ inputs: [column] }));
    expect(json.outputs[0]!.shape).toEqual([2, 1]);
    expectVerdicts(scores);
  });

  test('as tritonclient asks for it by default: binary both ways', async () => {
    const { body, headers } = binaryRequest([KIND, RUDE], { parameters: { binary_data_output: true } });
    const { json, scores } = await infer(body, headers);
    expect(json.outputs[0]).not.toHaveProperty('data');
    expectVerdicts(scores);
  });

  test('binary in, JSON out', async () => {
    const outputs = [{ name: 'toxicity', parameters: { binary_data: false } }];
    const { body, headers } = binaryRequest([KIND, RUDE], { outputs });
    const { json, scores } = await infer(body, headers);
    expect(json.outputs[0]).toHaveProperty('data');
    expectVerdicts(scores);
  });

  test('of a named version', async () => {
    const { json } = await infer(
      JSON.stringify({ inputs: [data] }),
      {},
      '/v2/models/toxicity/versions/1.1/infer',
    );
    expect(json.model_version).toBe('1.1');
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('of a %s body, whose lengths are those before', async (coding, compress) => {
    const { body, headers } = binaryRequest([KIND, RUDE]);
    const { scores } = await infer(compress(body), { ...headers, 'content-encoding': coding });
    expectVerdicts(scores);
  });

  test('of a body that is one text and nothing else', async () => {
    const { json, scores } = await infer(RUDE, { 'inference-header-content-length': '0' });
    expect(json.outputs[0]!.shape).toEqual([1]);
    expect(scores[0]).toBeGreaterThan(0.9);
  });

  test('under another content type, or several parameters that mean nothing', async () => {
    const parameters = { priority: 1, timeout: 10, sequence_id: 7, sequence_start: true };
    const request = JSON.stringify({ inputs: [data], parameters });
    expectVerdicts((await infer(request, { 'content-type': 'application/octet-stream' })).scores);
  });
});

describe('errors: a status of 400 and more, and one sentence', () => {
  const request = (more: object) => JSON.stringify({ inputs: [{ ...data, ...more }] });

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['not JSON', '{', {}, 400],
    ['an empty body', '', {}, 400],
    ['another datatype', request({ datatype: 'FP32' }), {}, 400],
    ['another input', request({ name: 'words' }), {}, 400],
    ['a shape that does not fit', request({ shape: [3] }), {}, 400],
    ['too many texts', request({ shape: [129], data: Array(129).fill(KIND) }), {}, 400],
    ['too long a text', request({ data: [KIND, KIND.repeat(1000)] }), {}, 400],
    ['a header length beyond the body', request({}), { 'inference-header-content-length': '99999' }, 400],
    [
      'binary data that is cut',
      binaryRequest([KIND]).body.subarray(0, -1),
      binaryRequest([KIND]).headers,
      400,
    ],
    ['a body that is too large', ' '.repeat(3_000_000), {}, 413],
    ['a coding that is not known', request({}), { 'content-encoding': 'zstd' }, 415],
    [
      'an extension that is not implemented',
      request({ parameters: { shared_memory_region: 'a', shared_memory_byte_size: 1 } }),
      {},
      501,
    ],
  ])('%s', async (_name, body, headers, status) => {
    const response = await fetch(real.url + INFER, { method: 'POST', headers, body: Buffer.from(body) });
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^\S.*\.$/) });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('an unknown model or version, and another method', async () => {
    for (const [path, method, status] of [
      ['/v2/models/other/infer', 'POST', 404],
      ['/v2/models/toxicity/versions/2/infer', 'POST', 404],
      [INFER, 'GET', 405],
      ['/v2/repository/index', 'POST', 404],
      ['/v2/repository/models/toxicity/load', 'POST', 404],
    ] as const) {
      const response = await fetch(real.url + path, { method });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        status,
        { error: expect.any(String) },
      ]);
    }
  });
});

test('metrics know the pattern of the route', async () => {
  await infer(JSON.stringify({ inputs: [data] }), {}, '/v2/models/toxicity/versions/1.1/infer');
  const metrics = await (await fetch(`${real.url}/metrics`)).text();
  expect(metrics).toContain('route="/v2/models/toxicity/infer"');
  expect(metrics).toContain('route="/v2/models/toxicity/versions/{version}/infer"');
});
