import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isUtf8, transcode } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { RutoxError } from '../errors.js';

/**
 * How much of a body over the limit is read and dropped before the answer: a client that is still
 * sending when the connection closes sees a reset in place of the answer.
 */
const DISCARD_BYTES = 16 * 1024 * 1024;

const decompressors = new Map(
  Object.entries({ gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) }),
);

/** What `Accept-Encoding` says in an answer that refuses the content coding. */
export const ACCEPTED_ENCODINGS = [...decompressors.keys()].join(', ');

/** Reads a JSON body by hand: express.json() costs a third of the throughput and tells its errors in its own way. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  checkContentType(request.headers);
  return parseJson(await readBody(request, maxBytes));
}

/**
 * The bytes of the body, inflated if a `Content-Encoding` says so. The limit holds for what is sent and for
 * what it inflates to.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' ? collect(request, maxBytes) : inflated(request, maxBytes, encoding);
}

async function inflated(request: IncomingMessage, maxBytes: number, encoding: string): Promise<Buffer> {
  const decompress = decompressors.get(encoding);
  if (decompress === undefined) {
    throw new RutoxError(
      'unsupported_media_type',
      `Content-Encoding must be one of: ${ACCEPTED_ENCODINGS}; or leave it out.`,
    );
  }
  const compressed = await collect(request, maxBytes);
  try {
    return await decompress(compressed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new RutoxError(
      'malformed_json',
      `The body cannot be decompressed as Content-Encoding ${encoding}.`,
    );
  }
}

const BYTE_ORDER_MARK = '\uFEFF';

/** Strict UTF-8 and strict JSON. What the parser says about an error is not passed on: it quotes the text. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new RutoxError('malformed_json', 'The body is empty; send a JSON object.');
  if (!isUtf8(body)) throw new RutoxError('malformed_json', 'The body is not valid UTF-8.');
  const text = decode(body);
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch (error) {
    throw new RutoxError('malformed_json', `The body is not valid JSON${position(error)}.`);
  }
}

/** Longer bodies go by way of UTF-16: for 128 Russian comments Node 20 takes 0.016 ms in place of 0.14, Node 24 0.015 of 0.012. */
const SHORT_BYTES = 512;

/** The text of UTF-8. */
function decode(bytes: Buffer): string {
  return bytes.length <= SHORT_BYTES
    ? bytes.toString('utf8')
    : transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
}

/** Only the end of the message is looked at: what stands before may be a quotation. */
function position(error: unknown): string {
  const match = /JSON at position (\d+)(?: \(line \d+ column \d+\))?$/.exec((error as Error).message);
  return match === null ? '' : ` (at character ${match[1]})`;
}

function checkContentType(headers: IncomingHttpHeaders): void {
  const header = headers['content-type'];
  if (header === 'application/json') return;
  const [type, ...parameters] = (header ?? '').toLowerCase().split(';');
  if (type?.trim() !== 'application/json') {
    throw new RutoxError('unsupported_media_type', 'Content-Type must be application/json.');
  }
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1];
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
      throw new RutoxError('unsupported_media_type', 'The charset of the body must be utf-8.');
    }
  }
}

/** Whether more than `maxBytes` and what is worth dropping is declared to come: then the connection is closed instead. */
export function isTooLongToDrop(headers: IncomingHttpHeaders, maxBytes = 0): boolean {
  return Number(headers['content-length'] ?? 0) > maxBytes + DISCARD_BYTES;
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (isTooLongToDrop(request.headers, maxBytes)) {
      reject(tooLarge(maxBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      if (size > maxBytes + DISCARD_BYTES) {
        request.pause();
        reject(tooLarge(maxBytes));
      }
    });
    request.on('end', () => {
      if (size > maxBytes) reject(tooLarge(maxBytes));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    // The client left, or its body could not be read (client-errors.ts).
    request.on('error', (error) =>
      reject(
        error instanceof RutoxError
          ? error
          : new RutoxError('cancelled', 'The client closed the connection.'),
      ),
    );
  });
}

function tooLarge(maxBytes: number): RutoxError {
  return new RutoxError(
    'body_too_large',
    `The body has more than ${maxBytes} bytes; send fewer texts in one request (RUTOX_MAX_BODY_BYTES sets the limit).`,
  );
}
