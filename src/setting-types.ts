/** What a setting may be: its type in words, and how its text is read. What cannot be used throws an Error that says what must be there. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { readApiKeys } from './api-keys.js';

export interface SettingType<T> {
  /** What may stand there, in words. */
  readonly type: string;
  /** Given text, as a value; throws an Error that says what was expected. */
  readonly parse: (text: string) => T;
}

/** Express' `trust proxy`: nobody, a number of hops, or the addresses of the proxies. */
export type TrustProxy = false | number | readonly string[];

export function string(type: string) {
  return { type, parse: (text: string) => text };
}

export function integer(min: number, max: number) {
  return {
    type: `whole number from ${min} to ${max}`,
    parse: (text: string) => {
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < min || value > max) {
        throw new Error(`must be a whole number from ${min} to ${max}`);
      }
      return value;
    },
  };
}

export function offOr<T>({ type, parse }: SettingType<T>) {
  return {
    type: `off or ${type}`,
    parse: (text: string): T | false => (text === 'off' ? false : parse(text)),
  };
}

export function oneOf<T extends string>(values: readonly T[]) {
  return {
    type: values.join(' | '),
    parse: (text: string) => {
      const value = values.find((each) => each === text);
      if (value === undefined) throw new Error(`must be one of ${values.join(', ')}`);
      return value;
    },
  };
}

/** Read here, too, so that a bad file stops the start before anything runs. */
export function parseApiKeysFile(text: string): string {
  const path = resolve(text);
  try {
    readApiKeys(path);
  } catch (error) {
    throw new Error(`must be a file of name:key lines; ${(error as Error).message}`, { cause: error });
  }
  return path;
}

export function parseOrigins(text: string): readonly string[] {
  const origins = text.split(',').map((origin) => origin.trim());
  const isOrigin = (each: string) =>
    /^https?:/.test(each) && URL.canParse(each) && new URL(each).origin === each;
  if (text !== '*' && !origins.every(isOrigin)) {
    throw new Error(
      'must be * or a list of origins as a browser sends them: https://example.org, without a path',
    );
  }
  return origins;
}

/** `true` (believe any address) is left out on purpose: it lets every client choose its own address. */
export function parseTrustProxy(text: string): TrustProxy {
  if (text === 'off') return false;
  if (/^\d+$/.test(text)) return integer(1, 32).parse(text);
  const addresses = text.split(',').map((address) => address.trim());
  for (const address of addresses) {
    if (!isProxyAddress(address)) {
      throw new Error(
        'must be off, a number of hops, or a list of IP addresses, CIDR ranges, loopback, linklocal, uniquelocal',
      );
    }
  }
  return addresses;
}

function isProxyAddress(address: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(address)) return true;
  const [ip = '', bits, ...rest] = address.split('/');
  const version = isIP(ip);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
