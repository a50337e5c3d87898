import { hash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Logger } from './logger.js';

export interface ApiKeys {
  /** The name of a key; undefined for one that is not in the file. */
  nameOf(key: string): string | undefined;
  /** Looks at the file no more. */
  close(): void;
}

interface NamedDigest {
  readonly name: string;
  /** SHA-256 of the key: all that is kept of it. */
  readonly digest: Buffer;
}

const RULES = {
  unreadable: 'the file cannot be read',
  empty: 'there must be at least one key',
  too_many: 'there may be 1000 keys at most',
  no_colon: 'a line must be name:key or name:sha256:digest',
  bad_name: 'a name must have 1 to 40 characters of a-z, 0-9, _ and -',
  bad_key: 'a key must have 16 to 256 printable ASCII characters and no blank',
  bad_digest: 'a digest must have 64 hexadecimal digits',
  same_name: 'the name stands on an earlier line',
  same_key: 'the key stands on an earlier line',
} as const;

/** What is wrong with the file, and where. Never quotes it. */
export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError';

  constructor(
    readonly rule: keyof typeof RULES,
    /** Counted from 1; undefined where the whole file is meant. */
    readonly line?: number,
  ) {
    super(`${line === undefined ? '' : `line ${line}: `}${RULES[rule]}`);
  }
}

const NAME = /^[a-z0-9_-]{1,40}$/;
const KEY = /^[\x21-\x7e]{16,256}$/;
const DIGEST_PREFIX = 'sha256:';
/** Each request is compared with all keys, at some 70 ns each. */
const MAX_KEYS = 1000;

/** Looked at, not waited for: of a secret that Kubernetes exchanges under a link no notice comes. */
const POLL_MS = 2000;

/**
 * The keys of a file, one `name:key` or `name:sha256:digest` a line; `#` begins a comment. A change of the file
 * holds within two seconds; one that is wrong is logged, and the keys from before hold on.
 * @throws ApiKeysError
 */
export function openApiKeys(path: string, logger: Logger): ApiKeys {
  let seen = fingerprint(path);
  let keys = readApiKeys(path);
  logger.info({ keys: keys.length }, 'API keys read');

  const reload = () => {
    const now = fingerprint(path);
    if (now === seen) return;
    seen = now;
    try {
      keys = readApiKeys(path);
      logger.info({ keys: keys.length }, 'API keys read again');
    } catch (error) {
      if (!(error instanceof ApiKeysError)) throw error;
      const { rule, line } = error;
      const where = line === undefined ? {} : { line };
      logger.error(
        { kind: rule, ...where, keys: keys.length },
        'the file of API keys is wrong: the keys from before hold on',
      );
    }
  };
  const timer = setInterval(reload, POLL_MS).unref();

  return {
    nameOf(key) {
      if (!KEY.test(key)) return undefined;
      const digest = hash('sha256', key, 'buffer');
      let name: string | undefined;
      // To the end, so that the time tells nothing about which key fits or how nearly.
      for (const each of keys) {
        if (timingSafeEqual(digest, each.digest)) name = each.name;
      }
      return name;
    },
    close: () => clearInterval(timer),
  };
}

/** Tells one content of the file from another, without keeping it. */
function fingerprint(path: string): string | undefined {
  try {
    return hash('sha256', readFileSync(path));
  } catch {
    return undefined;
  }
}

/** @throws ApiKeysError */
export function readApiKeys(path: string): readonly NamedDigest[] {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ApiKeysError('unreadable');
  }
  const keys: NamedDigest[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const key = parseLine(line, index + 1);
    if (keys.some(({ name }) => name === key.name)) throw new ApiKeysError('same_name', index + 1);
    if (keys.some(({ digest }) => digest.equals(key.digest))) throw new ApiKeysError('same_key', index + 1);
    if (keys.push(key) > MAX_KEYS) throw new ApiKeysError('too_many', index + 1);
  });
  if (keys.length === 0) throw new ApiKeysError('empty');
  return keys;
}

function parseLine(text: string, line: number): NamedDigest {
  const colon = text.indexOf(':');
  if (colon === -1) throw new ApiKeysError('no_colon', line);
  const name = text.slice(0, colon);
  const secret = text.slice(colon + 1);
  if (!NAME.test(name)) throw new ApiKeysError('bad_name', line);
  if (secret.startsWith(DIGEST_PREFIX)) {
    const hex = secret.slice(DIGEST_PREFIX.length);
    if (!/^[0-9a-f]{64}$/i.test(hex)) throw new ApiKeysError('bad_digest', line);
    return { name, digest: Buffer.from(hex, 'hex') };
  }
  if (!KEY.test(secret)) throw new ApiKeysError('bad_key', line);
  return { name, digest: hash('sha256', secret, 'buffer') };
}
