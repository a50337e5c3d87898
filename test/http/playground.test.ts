import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { config, startApp, type Started } from './support.js';

let app: Started;
let modelDir: string;
const PLOT = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);

beforeAll(async () => {
  modelDir = mkdtempSync(join(tmpdir(), 'rutox-plots-'));
  mkdirSync(join(modelDir, 'plots'));
  writeFileSync(join(modelDir, 'plots', 'roc_pr.png'), PLOT);
  writeFileSync(join(modelDir, 'plots', 'secret.txt'), 'x');
  writeFileSync(join(modelDir, 'plots', 'a b.png'), 'x');
  app = await startApp({ config: { ...config, modelDir } });
});
afterAll(async () => {
  await app.close();
  rmSync(modelDir, { recursive: true });
});

/** The page and everything that it loads, by address. */
async function loaded(): Promise<Map<string, Response>> {
  const files = new Map<string, Response>();
  const load = async (address: string) => {
    if (files.has(address)) return;
    const response = await fetch(address);
    files.set(address, response.clone());
    const text = await response.text();
    const pattern = /\bsrc="([^"]+)"|\bhref="([\w/]+\.css)"|\bfrom\s*'([^']+)'|\bfrom\s*"([^"]+)"/g;
    for (const [, ...names] of text.matchAll(pattern)) {
      await load(
        new URL(
          names.find((name) => name !== undefined)!,
          address,
        ).href,
      );
    }
  };
  await load(`${app.url}/`);
  return files;
}

describe('the page at /', () => {
  test('and all that it loads is there, small, and from this server', async () => {
    const files = await loaded();
    expect(files.size).toBeGreaterThan(8);
    let bytes = 0;
    for (const [address, response] of files) {
      expect([address, response.status]).toEqual([address, 200]);
      expect(address.startsWith(app.url)).toBe(true);
      bytes += (await response.arrayBuffer()).byteLength;
    }
    expect(bytes).toBeLessThan(70_000);
    expect(files.get(`${app.url}/`)!.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('may run, load and ask nothing else', async () => {
    const { headers } = await fetch(`${app.url}/`);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const html = await (await fetch(`${app.url}/`)).text();
    expect(html).not.toMatch(
      /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?:(?!\/\/www\.w3\.org\/2000\/svg)/,
    );
  });

  test('is asked for again each time, and sent only when it has changed', async () => {
    for (const path of [
      '/',
      '/playground/main.js',
      '/playground/plots/roc_pr.png',
      '/playground/config.json',
    ]) {
      const { headers } = await fetch(app.url + path);
      expect(headers.get('cache-control')).toBe('no-cache');
      const etag = headers.get('etag')!;
      const again = await fetch(app.url + path, { headers: { 'if-none-match': `"x", W/${etag}` } });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect((await fetch(app.url + path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    }
  });

  test('knows the limits of the server and the plots of the model', async () => {
    expect(await (await fetch(`${app.url}/playground/config.json`)).json()).toEqual({
      max_texts: 4,
      max_text_chars: 100,
      max_body_bytes: 10_000,
      plots: ['roc_pr.png'],
    });
    const plot = await fetch(`${app.url}/playground/plots/roc_pr.png`);
    expect(plot.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await plot.arrayBuffer())).toEqual(PLOT);
    expect((await fetch(`${app.url}/playground/plots/secret.txt`)).status).toBe(404);
  });

  test('says everything in both languages: each word of the page is known', () => {
    const html = readFileSync(new URL('../../playground/index.html', import.meta.url), 'utf8');
    const words = readFileSync(new URL('../../playground/words.ts', import.meta.url), 'utf8');
    const used = [...html.matchAll(/data-t(?:-label|-placeholder)?="(\w+)"/g)].map(([, word]) => word!);
    expect(used.length).toBeGreaterThan(30);
    expect(used.filter((word) => words.split(`\n  ${word}: `).length !== 3)).toEqual([]);
  });

  test('can be switched off', async () => {
    const without = await startApp({ config: { ...config, playground: false } });
    for (const path of ['/', '/playground/main.js', '/playground/config.json']) {
      expect((await fetch(without.url + path)).status).toBe(404);
    }
    expect((await fetch(`${without.url}/v1/models`)).status).toBe(200);
    await without.close();
  });
});
