import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type Started } from './support.js';

let app: Started;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

describe('Swagger UI', () => {
  test('/docs leads to /docs/, also behind a prefix', async () => {
    const response = await fetch(`${app.url}/docs`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([308, 'docs/']);
    expect((await fetch(`${app.url}/docs`)).url).toBe(`${app.url}/docs/`);
  });

  test('the page loads its assets from this server, by relative addresses', async () => {
    const response = await fetch(`${app.url}/docs/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await response.text();
    const addresses = [...html.matchAll(/\b(?:src|href)\s*=\s*["']([^"']*)/g)].map((match) => match[1]!);
    expect(addresses.length).toBeGreaterThanOrEqual(5);
    for (const address of addresses) {
      expect(address).toMatch(/^\.\/[\w.-]+$/);
      const asset = await fetch(new URL(address, `${app.url}/docs/`));
      expect([address, asset.status]).toEqual([address, 200]);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('neither the page nor its setup names another host', async () => {
    for (const path of ['/docs/', '/docs/swagger-ui-init.js']) {
      const text = await (await fetch(app.url + path)).text();
      // Names of XML namespaces look like addresses, but nobody fetches them.
      expect(text.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:|["'(]\/\//);
    }
    const setup = await (await fetch(`${app.url}/docs/swagger-ui-init.js`)).text();
    expect(setup).toContain('"swaggerUrl": "../openapi.json"');
    expect(setup).toContain('"validatorUrl": null');
  });

  test('the browser is told to ask no other host and to run no other script', async () => {
    const { headers } = await fetch(`${app.url}/docs/`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    // No script stands in the page itself, which the policy would stop.
    const html = await (await fetch(`${app.url}/docs/`)).text();
    expect(html).not.toMatch(/<script>|\son\w+=/);
  });
});
