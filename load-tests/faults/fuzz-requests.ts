import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from './random.js';

export interface FuzzedRequest {
  readonly bytes: Buffer;
  /** It is framed as HTTP/1.1 says and keeps its connection, so it must be answered, whatever it asks for. */
  readonly proper: boolean;
}

const METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'PURGE',
  'M-SEARCH',
  'QUERY',
];
const NO_METHODS = ['BREW', 'post', '', 'GET POST', 'POST\t', '\0', 'X'.repeat(9000)];
const PATHS = [
  '/',
  '/v1/models',
  '/v1/models/1.0',
  '/v1/models/__proto__',
  '/v1/models/%ff',
  '/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/v1/classify/',
  '/V1/CLASSIFY',
  '/v1/classify?text=%D0%B0&threshold[$gt]=1',
  '/v1/classify#x',
  '/v1//classify',
  '/v1alpha1/comments:analyze',
  '/v1/moderations',
  '/v2/models/toxicity/infer',
  '/livez',
  '/readyz',
  '/metrics',
  '/docs/',
  '/docs/../../package.json',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/docs/swagger-ui.css',
  '/openapi.json',
  '/$discovery/rest',
  '/%00',
  '/%',
  '//x/v1/classify',
  'http://x/v1/classify',
  '*',
  `/${'a'.repeat(6000)}`,
  `/${'%D1%8F'.repeat(500)}`,
];
const NO_PATHS = ['', 'x', '/\0', '/а', 'http://', '/\r', '/ /', `/${'a'.repeat(40_000)}`];
const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'application/json; charset="UTF-8"; a=b',
  'application/json; charset=utf-16',
  'application/json;;;',
  'APPLICATION/JSON',
  'application/jsonp',
  'text/plain',
  'multipart/form-data; boundary=x',
  '',
  ';',
  'a'.repeat(3000),
];
const HEADERS = [
  'Accept: text/html;q=0.1, */*;q=bad',
  'Accept-Encoding: br;q=1, gzip',
  'Range: bytes=0-,5-2',
  'If-None-Match: *',
  'If-Modified-Since: never',
  'Origin: null',
  'Origin: https://example.org',
  'Access-Control-Request-Method: POST',
  'Authorization: Bearer x',
  'Authorization: Basic ====',
  'X-Api-Key: \x80\xff',
  'X-Request-Id: \x80\xff<script>',
  `X-Request-Id: ${'1'.repeat(128)}`,
  'X-Forwarded-For: ,,,999.0.0.1',
  'X-Http-Method-Override: DELETE',
  'Cookie: a=b; __proto__=c',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'TE: trailers',
  'Keep-Alive: timeout=-1',
  'Max-Forwards: 0',
  '__proto__: x',
  'constructor: x',
  'Content-Encoding: identity',
  'Inference-Header-Content-Length: 0',
  'Inference-Header-Content-Length: 12',
  'Inference-Header-Content-Length: 0x1',
  `X-Long: ${'x'.repeat(7000)}`,
];
/** What the parser refuses, or what lets the connection end. */
const NO_HEADERS = [
  'no colon',
  ': no name',
  'sp ace: x',
  'nul: \0',
  ' folded: x',
  'Host: y',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 0x10',
  'Content-Length: 3000000000',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'Connection: close',
  'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x',
  'lf-only: x\nbroken: y',
  `X-Long: ${'x'.repeat(40_000)}`,
  Array.from({ length: 3000 }, (_, i) => `h${i}: x`).join('\r\n'),
];
const TEXTS = [
  'Спасибо за статью',
  'Ты тупой идиот, заткнись',
  '',
  ' \u00a0\u2003',
  '\0\u0001\u001b[31m',
  '\ud83d',
  '\udc00\ud800',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'а\u0301\u0489\u200d\ufeff\u202e',
  'ﷺ'.repeat(300),
  'д.е.б.и.л '.repeat(400),
  'ё'.repeat(20_000),
  'ё'.repeat(20_001),
  '@'.repeat(5000),
  'http://'.repeat(700),
  'a'.repeat(200_000),
];
const tensor = (shape: string, data: string) =>
  `{"inputs":[{"name":"text","datatype":"BYTES","shape":${shape},"data":${data}}]}`;
const NO_JSON = [
  '',
  ' ',
  'null',
  'true',
  '"x"',
  '[]',
  '{}',
  '{"text":"a"',
  '{"text":"a"}}',
  "{'text':'a'}",
  '{"text":"a",}',
  '{"text":NaN}',
  '\ufeff{"text":"а"}',
  '{"text":"\\u12"}',
  '{"text":"\n"}',
  '{"text":"а","text":"б"}',
  '{"texts":["а"],"texts":{}}',
  '{"text":"а","threshold":0.5,"threshold":1e400}',
  '{"__proto__":{"text":"а"}}',
  '{"text":{"__proto__":null},"constructor":1}',
  '{"text":"а","threshold":-0}',
  '{"text":"а","threshold":1e-400}',
  `{"text":"а","threshold":0.${'1'.repeat(10_000)}}`,
  `{"text":"а","threshold":${'9'.repeat(10_000)}}`,
  `{"texts":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  `{"input":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  '{"input":[{"type":"text","text":"а"},[],7,null]}',
  tensor('[1]', `${'['.repeat(50_000)}"а"${']'.repeat(50_000)}`),
  tensor('[1e308,1e308]', '["а"]'),
  tensor('[]', '[[["а"]]]'),
  '['.repeat(100_000),
  '{"a":'.repeat(20_000),
  `{"texts":[${'"а",'.repeat(127)}"а"]}`,
  `{"texts":[${'"а",'.repeat(128)}"а"]}`,
  `{"texts":[${'0,'.repeat(50_000)}0]}`,
  `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`).join()}}`,
];
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** A little that inflates to much more than a body may have. */
const BOMB = Buffer.alloc(64 * 1024 * 1024, ' ');
const BOMBS = [
  ['gzip', gzipSync(BOMB)],
  ['deflate', deflateSync(BOMB)],
  ['br', brotliCompressSync(BOMB, QUICK)],
] as const;
const CODINGS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, QUICK)],
  ['GZIP', gzipSync],
  ['gzip, gzip', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
  ['zstd', (bytes: Buffer) => bytes],
  ['gzip', (bytes: Buffer) => bytes],
  ['br', (bytes: Buffer) => gzipSync(bytes).subarray(0, -5)],
] as const;

/** Node refuses longer ones (16 KiB), and with them what else is on the connection. */
const MOST_HEADER_BYTES = 16_000;

/** One request, anything from proper to no HTTP at all. */
export function inventRequest(random: Random): FuzzedRequest {
  if (random.chance(0.03)) return noise(random);
  let proper = true;
  /** Mostly from the first list, seldom from the one that breaks the framing. */
  const choose = (good: readonly string[], broken: readonly string[]) => {
    if (!random.chance(0.01)) return random.pick(good);
    proper = false;
    return random.pick(broken);
  };

  const method = random.chance(0.75) ? 'POST' : choose(METHODS, NO_METHODS);
  const path = random.chance(0.75)
    ? random.pick(['/v1/classify', '/v1/classify/batch', '/v1/moderations', '/v2/models/toxicity/infer'])
    : choose(PATHS, NO_PATHS);
  const version = random.chance(0.98)
    ? 'HTTP/1.1'
    : random.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'http/1.1', '']);
  if (version !== 'HTTP/1.1') proper = false;
  let body = inventBody(random);
  const headers = random.many(random.below(4), () => choose(HEADERS, NO_HEADERS));
  if (random.chance(0.995)) headers.push('Host: x');
  else proper = false;
  headers.push(`Content-Type: ${random.chance(0.9) ? 'application/json' : random.pick(CONTENT_TYPES)}`);
  if (random.chance(0.1)) {
    const [name, code] = random.pick(CODINGS);
    headers.push(`Content-Encoding: ${name}`);
    body = code(body);
  } else if (random.chance(0.003)) {
    const [name, bomb] = random.pick(BOMBS);
    headers.push(`Content-Encoding: ${name}`);
    body = bomb;
  }
  if (random.chance(0.2)) {
    headers.push('Transfer-Encoding: chunked');
    const isProper = random.chance(0.9);
    if (!isProper) proper = false;
    body = isProper ? chunked(body, random) : brokenChunks(body, random);
  } else {
    const wrong = random.chance(0.02);
    if (wrong) proper = false;
    headers.push(`Content-Length: ${wrong ? random.below(2 * body.length + 2) : body.length}`);
  }
  const head = `${method} ${path} ${version}\r\n${shuffled(headers, random).join('\r\n')}\r\n\r\n`;
  if (head.length > MOST_HEADER_BYTES) proper = false;
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]), proper };
}

function inventBody(random: Random): Buffer {
  const kind = random.below(10);
  if (kind < 2) return Buffer.from(random.pick(NO_JSON));
  const options = random.pick([
    {},
    {},
    {},
    {},
    {},
    { threshold: 0.5 },
    { policy: 'autoban' },
    { threshold: 2 },
    { policy: 1 },
  ]);
  const body = Buffer.from(
    JSON.stringify(
      random.chance(0.5)
        ? { text: inventText(random), ...options }
        : { texts: random.many(1 + random.below(4), () => inventText(random)), ...options },
    ),
  );
  if (kind < 8) return body;
  if (kind === 8 && random.chance(0.02)) return Buffer.concat([body, Buffer.alloc(2_200_000, ' ')]);
  return damaged(body, random);
}

function inventText(random: Random): string {
  if (random.chance(0.6)) return random.pick(TEXTS.slice(0, 2)) + String(random.below(1000));
  if (random.chance(0.7)) {
    const planes = [0x80, 0x500, 0x3000, 0x11_0000];
    return random
      .many(random.below(80), () => String.fromCodePoint(random.below(random.pick(planes))))
      .join('');
  }
  return random.pick(TEXTS);
}

/** A few bytes changed, put in or cut off. */
function damaged(body: Buffer, random: Random): Buffer {
  const bytes = [...body.subarray(0, 2000)];
  for (let i = random.below(5); i >= 0; i--) {
    const place = random.below(bytes.length + 1);
    bytes.splice(place, random.below(3), ...random.many(random.below(3), () => random.below(256)));
  }
  return Buffer.from(random.chance(0.2) ? bytes.slice(0, random.below(bytes.length)) : bytes);
}

function chunked(body: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const end = Math.min(
      body.length,
      start + 1 + random.below(random.pick([3, 1000, 100_000])) + body.length / 500,
    );
    const part = body.subarray(start, Math.floor(end));
    const extension = random.pick(['', '', ';a=b', ';a="b;c"']);
    parts.push(Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, Buffer.from('\r\n'));
    start += part.length;
  }
  parts.push(Buffer.from(random.chance(0.9) ? '0\r\n\r\n' : '0\r\nTrailer-Field: x\r\n\r\n'));
  return Buffer.concat(parts);
}

function brokenChunks(body: Buffer, random: Random): Buffer {
  const size = random.pick([
    'g',
    '-1',
    'ffffffffffffffffff',
    '',
    ' 5',
    '5 ',
    `5;${'a'.repeat(20_000)}`,
    '5\n',
  ]);
  return Buffer.concat([
    Buffer.from(`${size}\r\n`),
    body.subarray(0, 5),
    Buffer.from(random.pick(['', '\r\n', '\r\n0\r\n'])),
  ]);
}

/** No HTTP: bytes, a TLS greeting, the preface of HTTP/2, the start of a request. */
function noise(random: Random): FuzzedRequest {
  const bytes = random.pick([
    Buffer.from(random.many(random.below(300), () => random.below(256))),
    Buffer.from('1603010200010001fc0303', 'hex'),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from('CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from('\r\n'.repeat(random.below(100))),
    Buffer.from(
      'POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"text"'.slice(
        0,
        random.below(66),
      ),
    ),
  ]);
  return { bytes, proper: false };
}

function shuffled(items: readonly string[], random: Random): string[] {
  return items
    .map((item) => [random.below(1e9), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
