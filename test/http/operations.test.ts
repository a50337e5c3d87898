import { afterEach, describe, expect, test } from '@jest/globals';
import { manifest, startApp, type Started } from './support.js';

let app: Started;
afterEach(() => app.close());

test('GET /livez answers as long as the process does', async () => {
  app = await startApp({ isDraining: () => true });
  const response = await fetch(`${app.url}/livez`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }]);
});

describe('GET /readyz', () => {
  test.each([
    { draining: false, status: 200, body: { status: 'ready' } },
    { draining: true, status: 503, body: { status: 'draining' } },
  ])('$body.status', async ({ draining, status, body }) => {
    app = await startApp({ isDraining: () => draining });
    const response = await fetch(`${app.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([status, body]);
    expect(response.headers.get('content-type')).toBe('application/json');
  });
});

test('GET /metrics answers Prometheus text', async () => {
  app = await startApp();
  const response = await fetch(`${app.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await response.text()).toContain('# TYPE rutox_http_request_duration_seconds histogram');
});

describe('models', () => {
  const card = {
    version: '7.3',
    created: manifest.created,
    git_commit: manifest.git_commit,
    labels: manifest.labels,
    served: 'int8',
    default_policy: 'balanced',
    policies: manifest.policies,
    metrics: manifest.metrics,
    dataset: manifest.dataset,
    files: manifest.files,
  };

  test('GET /v1/models lists the model card', async () => {
    app = await startApp();
    expect(await (await fetch(`${app.url}/v1/models`)).json()).toEqual({ models: [card] });
  });

  test('GET /v1/models/{version} answers it alone', async () => {
    app = await startApp();
    expect(await (await fetch(`${app.url}/v1/models/7.3`)).json()).toEqual(card);
  });

  test('an unknown version is told which one is served', async () => {
    app = await startApp();
    const response = await fetch(`${app.url}/v1/models/8.0`);
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ detail: 'No such model version; served is 7.3.' }),
    ]);
  });
});
