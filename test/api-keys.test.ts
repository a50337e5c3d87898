import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiKeysError, openApiKeys, readApiKeys, type ApiKeys } from '../src/api-keys.js';
import { createLogger } from '../src/logger.js';
import { until } from './http/support.js';

const SHOP = 'shop-key-0123456789';
const FORUM = 'forum~key!0123456789:with#signs';
const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');

let folder: string;
let path: string;
let keys: ApiKeys | undefined;
const log: Record<string, unknown>[] = [];
const logger = createLogger('info', { write: (line) => void log.push(JSON.parse(line)) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-keys-'));
  path = join(folder, 'keys');
  log.length = 0;
});
afterEach(() => {
  keys?.close();
  rmSync(folder, { recursive: true });
});

function open(content: string): ApiKeys {
  writeFileSync(path, content);
  keys = openApiKeys(path, logger);
  return keys;
}

describe('a file of API keys', () => {
  it('names each key, given as it is or as its digest', () => {
    const file = open(`# who may call\n\n  shop:${SHOP}\r\nforum_2:sha256:${sha256(FORUM).toUpperCase()}\n`);
    expect([file.nameOf(SHOP), file.nameOf(FORUM)]).toEqual(['shop', 'forum_2']);
    expect(log).toMatchObject([{ keys: 2, msg: 'API keys read' }]);
  });

  it.each([
    '',
    'x',
    SHOP.slice(0, -1),
    `${SHOP}0`,
    SHOP.toUpperCase(),
    ` ${SHOP}`,
    sha256(FORUM),
    `sha256:${sha256(FORUM)}`,
  ])('does not know %j', (other) => {
    const file = open(`shop:${SHOP}\nforum:sha256:${sha256(FORUM)}`);
    expect(file.nameOf(other)).toBeUndefined();
  });

  const good = `shop:${SHOP}`;
  const bad: [rule: string, line: number | undefined, content: string][] = [
    ['empty', undefined, ''],
    ['empty', undefined, '# shop:0123456789abcdef\n\n'],
    ['no_colon', 2, `${good}\n${FORUM.replaceAll(':', '')}`],
    ['bad_name', 3, `${good}\n\nForum:${FORUM}`],
    ['bad_name', 1, `:${FORUM}`],
    ['bad_name', 1, `${'x'.repeat(41)}:${FORUM}`],
    ['bad_key', 1, 'shop:fifteen-letters'],
    ['bad_key', 1, `shop:${'x'.repeat(257)}`],
    ['bad_key', 1, 'shop:0123456789 abcdef'],
    ['bad_key', 1, 'shop:ключ-из-русских-букв'],
    ['bad_digest', 1, `shop:sha256:${sha256(SHOP).slice(1)}`],
    ['bad_digest', 1, `shop:sha256:${sha256(SHOP)}0`],
    ['same_name', 2, `${good}\nshop:${FORUM}`],
    ['same_key', 2, `${good}\nforum:sha256:${sha256(SHOP)}`],
    ['too_many', 1001, Array.from({ length: 1001 }, (_, i) => `n${i}:${SHOP}${i}`).join('\n')],
  ];
  it.each(bad)('is refused: %s on line %s', (rule, line, content) => {
    writeFileSync(path, content);
    let error: unknown;
    try {
      readApiKeys(path);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ApiKeysError);
    expect(error).toMatchObject({ rule, line });
    expect(String(error)).not.toMatch(/0123456789|shop|forum|fifteen/i);
  });

  it('is refused where there is none', () => {
    expect(() => readApiKeys(join(folder, 'none'))).toThrow('the file cannot be read');
    expect(() => readApiKeys(folder)).toThrow('the file cannot be read');
  });
});

describe('a change of the file', () => {
  it('holds within seconds, also when a link is turned as Kubernetes does; a wrong one leaves the keys as they were', async () => {
    // keys -> ..data/keys, ..data -> folder of the version
    for (const [name, content] of [
      ['v1', `shop:${SHOP}`],
      ['v2', `shop-old:${SHOP}\nshop-new:${FORUM}`],
    ] as const) {
      writeFileSync(join(folder, name), content);
    }
    symlinkSync('v1', path);
    keys = openApiKeys(path, logger);
    expect([keys.nameOf(SHOP), keys.nameOf(FORUM)]).toEqual(['shop', undefined]);

    symlinkSync('v2', join(folder, 'next'));
    renameSync(join(folder, 'next'), path);
    await until(() => log.length === 2);
    expect([keys.nameOf(SHOP), keys.nameOf(FORUM)]).toEqual(['shop-old', 'shop-new']);
    expect(log[1]).toMatchObject({ level: 30, keys: 2, msg: 'API keys read again' });

    writeFileSync(join(folder, 'v2'), `shop:${FORUM}\nshop:${SHOP}`);
    await until(() => log.length === 3);
    expect(log[2]).toMatchObject({ level: 50, kind: 'same_name', line: 2, keys: 2 });
    rmSync(path);
    await until(() => log.length === 4);
    expect(log[3]).toMatchObject({ level: 50, kind: 'unreadable', keys: 2 });
    expect([keys.nameOf(SHOP), keys.nameOf(FORUM)]).toEqual(['shop-old', 'shop-new']);
    expect(JSON.stringify(log)).not.toMatch(/0123456789/);
  }, 30_000);
});
