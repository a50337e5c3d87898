import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type ReadyServer } from './server.js';

const INSULT = 'Ты тупой идиот, заткнись';
const THANKS = 'Спасибо за интересную статью!';
const KEY = 'the-key-of-the-site';

let folder: string;
let server: ReadyServer;
let strict: ReadyServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-perspective-'));
  writeFileSync(join(folder, 'keys'), `site:${KEY}\n`);
  [server, strict] = await Promise.all([
    startServer({ RUTOX_FEEDBACK_FILE: join(folder, 'feedback.jsonl'), RUTOX_TRUST_PROXY: 'loopback' }),
    startServer({ RUTOX_API_KEYS_FILE: join(folder, 'keys'), RUTOX_RATE_LIMIT: '1', RUTOX_MAX_TEXTS: '2' }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([server.stop(), strict.stop()]);
  rmSync(folder, { recursive: true });
});

interface Score {
  readonly value: number;
  readonly type: string;
}
interface Analysis {
  readonly attributeScores: Record<
    string,
    { summaryScore?: Score; spanScores: { begin: number; end: number; score: Score }[] }
  >;
  readonly languages: string[];
  readonly detectedLanguages: string[];
  readonly clientToken?: string;
}

async function call<T = Analysis>(
  body: unknown,
  { path = 'comments:analyze', url = server.url, headers = {} as Record<string, string> } = {},
): Promise<{ status: number; body: T; response: Response }> {
  const response = await fetch(`${url}/v1alpha1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T, response };
}

const asked = (text: string, more: object = {}) => ({
  comment: { text },
  requestedAttributes: { TOXICITY: {} },
  ...more,
});

describe('comments:analyze', () => {
  test('scores a comment as the native API does', async () => {
    const native = await fetch(`${server.url}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: INSULT }),
    });
    const { toxic_score: value } = (await native.json()) as { toxic_score: number };
    expect(value).toBeGreaterThan(0.9);
    const score = { value, type: 'PROBABILITY' };
    const { status, body, response } = await call(asked(INSULT));
    expect(status).toBe(200);
    expect(body).toEqual({
      attributeScores: {
        TOXICITY: { spanScores: [{ begin: 0, end: INSULT.length, score }], summaryScore: score },
      },
      languages: ['ru'],
      detectedLanguages: ['ru'],
    });
    expect(response.headers.get('server-timing')).toContain('inference');
  });

  test('takes snake_case, null, unknown fields, a query, and JSON of any type', async () => {
    const body = {
      comment: { text: INSULT, type: 'PLAIN_TEXT' },
      context: null,
      requested_attributes: { TOXICITY: { score_type: 'PROBABILITY', score_threshold: null } },
      do_not_store: true,
      client_token: 'т1',
      community_id: 'c',
      colour: 'red',
    };
    const { status, body: answer } = await call(body, {
      path: 'comments:analyze?key=whatever&alt=json&prettyPrint=false',
      headers: { 'content-type': 'text/plain' },
    });
    expect(status).toBe(200);
    expect(answer.attributeScores['TOXICITY']?.summaryScore?.value).toBeGreaterThan(0.9);
    expect(answer.clientToken).toBe('т1');
  });

  test('scores sentences by themselves, at their places in UTF-16', async () => {
    const text = `👍 ${THANKS}   ${INSULT}.`;
    const { body } = await call(asked(text, { spanAnnotations: true }));
    const { spanScores, summaryScore } = body.attributeScores['TOXICITY']!;
    expect(spanScores.map(({ begin, end }) => text.slice(begin, end))).toEqual([
      `👍 ${THANKS}`,
      `${INSULT}.`,
    ]);
    expect(spanScores[0]!.score.value).toBeLessThan(0.5);
    expect(spanScores[1]!.score.value).toBeGreaterThan(0.9);
    expect(summaryScore!.value).toBeGreaterThan(0.5);
  });

  test('reads HTML, and points at what was sent', async () => {
    const text = `<p>Спасибо&nbsp;за статью!</p><p>А ты&#33; <b>заткнись</b>, идиот.</p><script>x()</script>`;
    const html = { comment: { text, type: 'HTML' }, requestedAttributes: { TOXICITY: {} } };
    const { body } = await call({ ...html, spanAnnotations: true });
    const spans = body.attributeScores['TOXICITY']!.spanScores;
    expect(spans.map(({ begin, end }) => text.slice(begin, end))).toEqual([
      'Спасибо&nbsp;за статью!',
      'А ты&#33;',
      'заткнись</b>, идиот.',
    ]);
    expect(spans[2]!.score.value).toBeGreaterThan(0.9);
  });

  test('leaves out what is below the threshold', async () => {
    const requestedAttributes = { TOXICITY: { scoreThreshold: 0.9 } };
    const { body } = await call({ comment: { text: THANKS }, requestedAttributes });
    expect(body.attributeScores).toEqual({});
    const two = { comment: { text: `${THANKS} ${INSULT}.` }, requestedAttributes, spanAnnotations: true };
    const spans = (await call(two)).body.attributeScores['TOXICITY']!.spanScores;
    expect(spans).toHaveLength(1);
  });

  test('never fails on language', async () => {
    for (const [text, languages] of [
      ['ок', ['en']],
      ['👍', ['und']],
      ['thanks a lot', []],
    ] as const) {
      const { status, body } = await call(asked(text, { languages }));
      expect([status, body.languages, body.detectedLanguages]).toEqual([200, [...languages], ['ru']]);
    }
  });

  test('a long comment in many sentences is still one request', async () => {
    const text = 'Хорошая погода. '.repeat(1000);
    const { status, body } = await call(asked(text, { spanAnnotations: true }));
    expect(status).toBe(200);
    const spans = body.attributeScores['TOXICITY']!.spanScores;
    expect(spans.length).toBeGreaterThan(100);
    expect(spans.length).toBeLessThan(128);
    expect([spans[0]!.begin, spans.at(-1)!.end]).toEqual([0, text.trimEnd().length]);
  });
});

describe('an attribute that is not TOXICITY', () => {
  const requestedAttributes = { TOXICITY: {}, INSULT: {}, SEVERE_TOXICITY: {} };

  test('is refused alone, so that clients drop it and ask again', async () => {
    const { status, body } = await call<{ error: object }>({
      comment: { text: 'ок' },
      requestedAttributes,
      languages: ['ru'],
    });
    expect(status).toBe(400);
    expect(body.error).toEqual({
      code: 400,
      message: 'Attribute INSULT does not support request languages: ru',
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.commentanalyzer.v1alpha1.Error',
          errorType: 'LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE',
          languageNotSupportedByAttributeError: { detectedLanguages: ['ru'], attribute: 'INSULT' },
        },
      ],
    });
  });

  test('is dropped on demand, and no number is made up for it', async () => {
    const drop = { requestedAttributes, dropUnsupportedAttributes: true };
    expect(Object.keys((await call(asked('ок', drop))).body.attributeScores)).toEqual(['TOXICITY']);
    const alone = { ...drop, requestedAttributes: { INSULT: {} } };
    expect((await call(asked('ок', alone))).body.attributeScores).toEqual({});
  });
});

describe('errors are those of Perspective', () => {
  test.each([
    [{ requestedAttributes: { TOXICITY: {} } }, 'COMMENT_EMPTY', 'Comment must be non-empty.'],
    [asked(' \n'), 'COMMENT_EMPTY', 'Comment must be non-empty.'],
    [{ ...asked(''), comment: { text: '<p> </p>', type: 'HTML' } }, 'COMMENT_EMPTY', expect.any(String)],
    [asked('о'.repeat(20_481)), 'COMMENT_TOO_LONG', 'Comment text too long.'],
    [{ comment: { text: 'ок' } }, 'NO_REQUESTED_ATTRIBUTES', 'Missing requested_attributes'],
    [asked('ок', { requestedAttributes: {} }), 'NO_REQUESTED_ATTRIBUTES', expect.any(String)],
    [
      asked('ок', { requestedAttributes: { TOXIC: {} } }),
      'INVALID_REQUEST',
      'Unknown requested attribute: TOXIC',
    ],
    [
      asked('ок', { requestedAttributes: { TOXICITY: { scoreType: 'RAW' } } }),
      'INVALID_REQUEST',
      'Requested score type RAW is not supported by attribute TOXICITY',
    ],
    [{ ...asked(''), comment: { text: 'ок', type: 'PDF' } }, 'INVALID_REQUEST', 'Unknown text type'],
    [
      asked('ок', { context: { entries: [], articleAndParentComment: {} } }),
      'INVALID_REQUEST',
      expect.stringContaining('both fields were populated'),
    ],
    [asked('ок', { languages: 'ru' }), 'INVALID_REQUEST', 'languages must be an array.'],
    ['{"comment":', 'INVALID_REQUEST', expect.stringContaining('not valid JSON')],
    ['[]', 'INVALID_REQUEST', 'The body must be an object.'],
    [' '.repeat(3_000_000), 'COMMENT_TOO_LONG', expect.stringContaining('2097152 bytes')],
  ])('%#: %s', async (body, errorType, message) => {
    const answer = await call<{ error: object }>(body);
    expect([answer.status, answer.body.error]).toEqual([
      400,
      { code: 400, status: 'INVALID_ARGUMENT', message, details: [expect.objectContaining({ errorType })] },
    ]);
  });

  test('of keys, quota and methods too', async () => {
    const url = strict.url;
    const missing = await call<{ error: object }>(asked('ок'), { url });
    expect([missing.status, missing.body.error]).toMatchObject([403, { status: 'PERMISSION_DENIED' }]);
    const wrong = await call<{ error: object }>(asked('ок'), { url, path: 'comments:analyze?key=wrong' });
    expect([wrong.status, wrong.body.error]).toMatchObject([
      400,
      {
        message: 'API key not valid. Please pass a valid API key.',
        details: [{ reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
      },
    ]);
    for (const headers of [{ 'x-goog-api-key': KEY }, { authorization: `Bearer ${KEY}` }])
      expect((await call(asked('ок'), { url, headers })).status).toBe(200);
    const path = `comments:analyze?alt=json&key=${KEY}`;
    for (;;) {
      const { status, body, response } = await call<{ error: object }>(asked('ок'), { url, path });
      if (status === 200) continue;
      expect([status, body.error]).toMatchObject([
        429,
        { status: 'RESOURCE_EXHAUSTED', details: [{ reason: 'RATE_LIMIT_EXCEEDED' }] },
      ]);
      expect(response.headers.get('retry-after')).toBe('1');
      break;
    }
    const got = await fetch(`${url}/v1alpha1/comments:analyze`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(await got.json()).toMatchObject({ error: { code: 405 } });
    expect(strict.output()).not.toContain(KEY);
  });
});

describe('comments:suggestscore', () => {
  const suggestion = {
    comment: { text: 'Какой же ты молодец' },
    attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
    clientToken: 'comment:18',
    communityId: 'Coral:https://example.org',
  };

  test('keeps the suggestion for a later training, for the eyes of the owner alone', async () => {
    const { status, body } = await call<object>(suggestion, { path: 'comments:suggestscore' });
    expect([status, body]).toEqual([
      200,
      { clientToken: 'comment:18', detectedLanguages: ['ru'], requestedLanguages: ['ru'] },
    ]);
    const file = join(folder, 'feedback.jsonl');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      text: 'Какой же ты молодец',
      attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
      languages: ['ru'],
      communityId: 'Coral:https://example.org',
      clientToken: 'comment:18',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(server.output()).not.toContain('молодец');
  });

  test('is refused without scores, or with spans that have no place', async () => {
    const path = 'comments:suggestscore';
    const spans = { TOXICITY: { spanScores: [{ score: { value: 1 } }] } };
    for (const attributeScores of [{}, spans])
      expect((await call({ ...suggestion, attributeScores }, { path })).status).toBe(400);
  });

  test('is answered and dropped where no file is set', async () => {
    const headers = { 'x-api-key': KEY };
    let status = 429;
    while (status === 429)
      ({ status } = await call(suggestion, { path: 'comments:suggestscore', url: strict.url, headers }));
    expect(status).toBe(200);
  });
});

/** What Coral sends: `en` for a Russian site, and what the comment answers as context. */
describe('requests of Coral', () => {
  test('analyze', async () => {
    const { status, body } = await call(
      {
        comment: { text: INSULT },
        doNotStore: true,
        languages: ['en'],
        requestedAttributes: { TOXICITY: {} },
      },
      { path: 'comments:analyze?key=abc' },
    );
    expect(status).toBe(200);
    expect(body.attributeScores['TOXICITY']!.summaryScore!.value).toBeGreaterThan(0.8);
  });

  test('suggestscore', async () => {
    const { status, body } = await call<object>(
      {
        comment: { text: THANKS },
        context: { entries: [{ text: 'https://example.org/article' }] },
        attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
        communityId: 'Coral:https://example.org',
        clientToken: 'comment:5a0b',
        languages: ['en'],
      },
      { path: 'comments:suggestscore?key=abc' },
    );
    expect([status, body]).toMatchObject([200, { clientToken: 'comment:5a0b', requestedLanguages: ['en'] }]);
  });
});
