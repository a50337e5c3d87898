import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { manifest, post, standInModerator, startApp, until, type Started } from '../http/support.js';
import { ServedDocument } from './document.js';
import { startServer, type ReadyServer } from './server.js';

const KEY = 'key-of-the-contract';

let real: ReadyServer;
/** Takes one text at a time, and has no time for it. */
let hurried: ReadyServer;
/** Asks for a key, and gives each two texts, then one a second. */
let strict: ReadyServer;
let folder: string;
/** Only here can the server be made to make a mistake: no request is known that does. */
let faulty: Started;
/** Cannot keep suggestions. */
let forgetful: Started;
let served: ServedDocument;

beforeAll(async () => {
  const oneText = { RUTOX_MAX_QUEUE: '1', RUTOX_MAX_TEXTS: '1', RUTOX_MAX_TEXT_CHARS: '1000000' };
  folder = mkdtempSync(join(tmpdir(), 'rutox-contract-'));
  writeFileSync(join(folder, 'keys'), `shop:${KEY}\n`);
  const strictly = {
    RUTOX_API_KEYS_FILE: join(folder, 'keys'),
    RUTOX_RATE_LIMIT: '1',
    RUTOX_MAX_TEXTS: '2',
  };
  [real, strict, hurried, faulty, forgetful] = await Promise.all([
    startServer(),
    startServer(strictly),
    startServer({ ...oneText, RUTOX_REQUEST_TIMEOUT_MS: '1' }),
    startApp({
      moderator: standInModerator(() => Promise.reject(new Error('a mistake'))),
      exposeMetrics: () => Promise.reject(new Error('a mistake')),
    }),
    startApp({ feedback: { append: () => Promise.reject(new Error('the disk is full')) } }),
  ]);
  served = await ServedDocument.of(real.url);
}, 60_000);
afterAll(async () => {
  await Promise.all([real.stop(), strict.stop(), hurried.stop(), faulty.close(), forgetful.close()]);
  rmSync(folder, { recursive: true });
});

describe('the document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate({ ...served.document });
    expect(result).toEqual({ valid: true });
    expect(served.document).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
  });

  test('has an example of every JSON message, and each fits its schema', () => {
    for (const [name, { requestBody, responses }] of served.operations) {
      // These are documents themselves.
      if (name === 'GET /openapi.json' || name === 'GET /$discovery/rest') continue;
      const messages = [
        requestBody?.content ?? {},
        ...Object.values(responses).map(({ content }) => content),
      ];
      for (const [type, { schema, example, examples = {} }] of messages.flatMap((content) =>
        Object.entries(content),
      )) {
        if (!type.includes('json')) continue;
        const values = Object.values(examples).map(({ value }) => value as unknown);
        if (example !== undefined) values.push(example);
        expect([name, values.length]).not.toEqual([name, 0]);
        for (const value of values) expect(served.violations(schema, value)).toEqual([]);
      }
    }
  });

  test('shows comments in Russian', () => {
    for (const name of ['POST /v1/classify', 'POST /v1/explain', 'POST /v1/classify/batch']) {
      expect(JSON.stringify(served.operations.get(name)?.requestBody)).toMatch(/\p{Script=Cyrillic}{4}/u);
    }
  });

  test('names every path of the server but the page that shows it', async () => {
    const text = await (await fetch(`${real.url}/docs/`)).text();
    expect(text).toContain('swagger-ui');
    expect([...served.operations.keys()]).toEqual([
      'POST /v1/classify',
      'POST /v1/explain',
      'POST /v1/classify/batch',
      'GET /v1/models',
      'GET /v1/models/{version}',
      'GET /livez',
      'GET /readyz',
      'GET /metrics',
      'GET /openapi.json',
      'POST /v1alpha1/comments:analyze',
      'POST /v1alpha1/comments:suggestscore',
      'GET /$discovery/rest',
      'POST /v1/moderations',
      'GET /v2',
      'GET /v2/health/live',
      'GET /v2/health/ready',
      'GET /v2/models/toxicity',
      'GET /v2/models/toxicity/ready',
      'POST /v2/models/toxicity/infer',
      'GET /v2/models/toxicity/versions/{version}',
      'GET /v2/models/toxicity/versions/{version}/ready',
      'POST /v2/models/toxicity/versions/{version}/infer',
    ]);
  });
});

describe('its examples', () => {
  test.each([
    'POST /v1/classify',
    'POST /v1/explain',
    'POST /v1/classify/batch',
    'POST /v1alpha1/comments:analyze',
    'POST /v1alpha1/comments:suggestscore',
    'POST /v1/moderations',
    'POST /v2/models/toxicity/infer',
  ])('%s: answered as shown', async (name) => {
    const operation = served.operations.get(name)!;
    const requests = Object.entries(operation.requestBody!.content['application/json']!.examples!);
    expect(requests.length).toBeGreaterThan(0);
    for (const [key, { value }] of requests) {
      const response = await post(real.url + name.replace('POST ', ''), value);
      const body = await served.expectDocumented(name, response);
      const shown = operation.responses[200]!.content['application/json']!.examples![key]!.value;
      expect([key, withoutScores(body)]).toEqual([key, withoutScores(shown)]);
    }
  });

  test('the model cards are the ones that are served', async () => {
    for (const [name, path] of [
      ['GET /v1/models', '/v1/models'],
      ['GET /v1/models/{version}', '/v1/models/1.1'],
    ] as const) {
      const { example } = served.operations.get(name)!.responses[200]!.content['application/json']!;
      expect(await (await fetch(real.url + path)).json()).toEqual(example);
    }
  });

  function withoutScores(body: unknown): unknown {
    return JSON.parse(
      JSON.stringify(body, (key, value: unknown) =>
        ['toxic_score', 'spans', 'value', 'category_scores', 'id', 'data'].includes(key) ? undefined : value,
      ),
    );
  }
});

describe('every documented answer is given for real', () => {
  const text = 'Завтра обещают дождь';
  const long = 'Завтра обещают дождь, возьмите зонт. '.repeat(20_000);
  const octets = { 'content-type': 'application/octet-stream' };

  /** Operation and status, and how to get there. */
  const provocations: Record<string, Record<number, () => Promise<Response>>> = {
    'POST /v1/classify': scoring('/v1/classify', { text }, { text: long }),
    'POST /v1/explain': scoring('/v1/explain', { text }, { text: long }),
    'POST /v1/classify/batch': scoring('/v1/classify/batch', { texts: [text, text] }, { texts: [long] }),
    'GET /v1/models': {
      200: () => fetch(`${real.url}/v1/models`),
      401: () => fetch(`${strict.url}/v1/models`),
    },
    'GET /v1/models/{version}': {
      200: () => fetch(`${real.url}/v1/models/1.1`),
      401: () => fetch(`${strict.url}/v1/models/1.1`),
      404: () => fetch(`${real.url}/v1/models/0.9`),
    },
    'GET /livez': { 200: () => fetch(`${real.url}/livez`) },
    'GET /readyz': {
      200: () => fetch(`${real.url}/readyz`),
      503: () => readinessOfAStoppingServer('/readyz'),
    },
    'GET /metrics': { 200: () => fetch(`${real.url}/metrics`), 500: () => fetch(`${faulty.url}/metrics`) },
    'GET /openapi.json': { 200: () => fetch(`${real.url}/openapi.json`) },
    'POST /v1alpha1/comments:analyze': inGoogleStatuses(
      scoring(
        '/v1alpha1/comments:analyze',
        { comment: { text }, requestedAttributes: { TOXICITY: {} } },
        { comment: { text: long }, requestedAttributes: { TOXICITY: {} } },
      ),
      '/v1alpha1/comments:analyze',
    ),
    'POST /v1alpha1/comments:suggestscore': suggesting('/v1alpha1/comments:suggestscore'),
    'GET /$discovery/rest': { 200: () => fetch(`${real.url}/$discovery/rest?version=v1alpha1`) },
    'POST /v1/moderations': inOneStatus(scoring('/v1/moderations', { input: text }, { input: long })),
    'GET /v2': { 200: () => fetch(`${real.url}/v2`) },
    'GET /v2/health/live': { 200: () => fetch(`${real.url}/v2/health/live`) },
    'GET /v2/health/ready': {
      200: () => fetch(`${real.url}/v2/health/ready`),
      503: () => readinessOfAStoppingServer('/v2/health/ready'),
    },
    ...ofTheModel('/v2/models/toxicity'),
    ...ofTheModel('/v2/models/toxicity/versions/{version}'),
  };

  /** Google calls all that is wrong with a request 400, and tells a missing key by 403. */
  function inGoogleStatuses(
    answers: Record<number, () => Promise<Response>>,
    path: string,
  ): Record<number, () => Promise<Response>> {
    const rest = Object.entries(answers).filter(([status]) => !['401', '413', '415', '422'].includes(status));
    return { ...Object.fromEntries(rest), 403: () => post(strict.url + path, {}) };
  }

  function suggesting(path: string): Record<number, () => Promise<Response>> {
    const suggestion = { comment: { text }, attributeScores: { TOXICITY: { summaryScore: { value: 0 } } } };
    const all = inGoogleStatuses(scoring(path, suggestion, suggestion), path);
    return {
      200: all[200]!,
      400: all[400]!,
      403: all[403]!,
      429: all[429]!,
      503: () => post(forgetful.url + path, suggestion),
    };
  }

  /** Some APIs call a body that breaks the schema 400, as they do one that is not JSON. */
  function inOneStatus(answers: Record<number, () => Promise<Response>>): typeof answers {
    return Object.fromEntries(Object.entries(answers).filter(([status]) => status !== '422'));
  }

  function ofTheModel(pattern: string): Record<string, Record<number, () => Promise<Response>>> {
    const path = pattern.replace('{version}', '1.1');
    const absent = (suffix: string, init?: RequestInit) =>
      path === pattern
        ? {}
        : { 404: () => fetch(real.url + pattern.replace('{version}', '0.9') + suffix, init) };
    const tensor = { name: 'text', datatype: 'BYTES', shape: [1], data: [text] };
    const shared = { ...tensor, parameters: { shared_memory_region: 'a' } };
    const slow = { inputs: [{ ...tensor, data: [long] }] };
    const infer = inOneStatus(scoring(`${path}/infer`, { inputs: [tensor] }, slow));
    const ofFaulty = pattern.replace('{version}', manifest.version);
    return {
      [`GET ${pattern}`]: {
        200: () => fetch(real.url + path),
        401: () => fetch(strict.url + path),
        ...absent(''),
      },
      [`GET ${pattern}/ready`]: {
        200: () => fetch(`${real.url}${path}/ready`),
        503: () => readinessOfAStoppingServer(`${path}/ready`),
        ...absent('/ready'),
      },
      [`POST ${pattern}/infer`]: {
        ...infer,
        ...absent('/infer', { method: 'POST' }),
        415: () => post(`${real.url}${path}/infer`, {}, { 'content-encoding': 'zstd' }),
        500: () => post(`${faulty.url}${ofFaulty}/infer`, { inputs: [tensor] }),
        501: () => post(`${real.url}${path}/infer`, { inputs: [shared] }),
      },
    };
  }

  function scoring(path: string, good: object, slow: object): Record<number, () => Promise<Response>> {
    return {
      200: () => post(real.url + path, good),
      400: () => post(real.url + path, '{'),
      401: () => post(strict.url + path, good),
      413: () => post(real.url + path, ' '.repeat(3_000_000)),
      415: () => post(real.url + path, good, octets),
      422: () => post(real.url + path, {}),
      429: async () => {
        for (;;) {
          const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}` };
          const response = await post(strict.url + path, good, headers);
          if (response.status !== 200) return response;
        }
      },
      500: () => post(faulty.url + path, good),
      503: async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => post(hurried.url + path, slow)));
        return answers.find(({ status }) => status === 503) ?? answers[0]!;
      },
      504: () => post(hurried.url + path, slow),
    };
  }

  const cases = Object.entries(provocations).flatMap(([operation, answers]) =>
    Object.entries(answers).map(([status, provoke]) => ({ operation, status: Number(status), provoke })),
  );
  test.each(cases)('$operation: $status', async ({ operation, status, provoke }) => {
    const response = await provoke();
    expect(response.status).toBe(status);
    await served.expectDocumented(operation, response);
  });

  test('none is left out', () => {
    const documented = [...served.operations].map(([name, { responses }]) => [name, Object.keys(responses)]);
    const provoked = Object.entries(provocations).map(([name, answers]) => [name, Object.keys(answers)]);
    expect(Object.fromEntries(provoked)).toEqual(Object.fromEntries(documented));
  });

  /** For a moment a server that was told to stop still answers on connections that are open. */
  async function readinessOfAStoppingServer(path: string): Promise<Response> {
    const server = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await overConnection(agent, `${server.url}/livez`);
    const stopped = server.stop();
    await until(() => server.output().includes('"msg":"stopping"'));
    const response = await overConnection(agent, server.url + path);
    expect(response.headers.get('connection')).toBe('close');
    expect(await stopped).toBe(0);
    return response;
  }
});

test('a key is optional in the document, and asked for by the APIs alone', () => {
  for (const [name, operation] of served.operations) {
    const native = / \/v1\/| \/v2\/models\/.*(?<!\/ready)$/.test(name)
      ? [{}, { bearer: [] }, { apiKey: [] }]
      : undefined;
    const security = name.includes(' /v1alpha1/')
      ? [{}, { bearer: [] }, { apiKey: [] }, { queryKey: [] }]
      : native;
    expect([name, operation.security]).toEqual([name, security]);
  }
});

/** Paths whose errors are no problem documents. */
const HAS_OWN_ERRORS = /^\/(v1alpha1|\$discovery|v1\/moderations|v2)/;

describe('nothing else is answered', () => {
  const paths = [
    '/v1/classify',
    '/v1/explain',
    '/v1/classify/batch',
    '/v1/moderations',
    '/v2/models/toxicity/infer',
  ];

  test('to whatever body', async () => {
    const field = fc.constantFrom(
      'text',
      'texts',
      'threshold',
      'policy',
      'explain',
      'input',
      'inputs',
      'constructor',
    );
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.constant(0.5),
    );
    const body = fc.oneof(
      fc.dictionary(field, value).map((fields) => JSON.stringify(fields)),
      fc
        .record({ text: fc.string({ unit: 'grapheme' }), threshold: value })
        .map((fields) => JSON.stringify(fields)),
      fc.json(),
      fc.string(),
      fc.uint8Array(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async (path, sent) => {
        const response = await post(real.url + path, sent);
        expect([200, 400, 422]).toContain(response.status);
        await served.expectDocumented(`POST ${path}`, response);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  test('to whatever method', async () => {
    for (const [name] of served.operations) {
      const [method, path] = name.replace('{version}', '1.1').split(' ') as [string, string];
      for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter(
        (each) => each !== method,
      )) {
        const response = await fetch(real.url + path, { method: other });
        expect(response.status).toBe(405);
        if (!HAS_OWN_ERRORS.test(path)) await served.expectProblem(405, response);
        expect(response.headers.get('allow')?.split(', ')).toContain(method);
      }
    }
  });

  test('on whatever path', async () => {
    for (const path of [
      '/index.html',
      '/playground',
      '/playground/',
      '/playground/x',
      '/v1',
      '/v3',
      '/v1/classify/',
      '/api',
      '/docs/x',
      '/.env',
      '/%ff',
    ]) {
      await served.expectProblem(404, await fetch(real.url + path));
    }
  });
});

/** As fetch, but on the connection of the agent. */
function overConnection(agent: Agent, url: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const headers = new Headers(incoming.headers as Record<string, string>);
        resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode!, headers }));
      });
    }).on('error', reject);
  });
}
