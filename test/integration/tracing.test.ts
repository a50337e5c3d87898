import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { startServer } from '../contract/server.js';
import { spawnServer } from '../fixtures/server-process.js';
import { startCollector, type Span } from '../fixtures/trace-collector.js';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'rutox-tracing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const COMMENT = 'Спасибо за статью, qzxjvw';

const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const attribute = ({ attributes }: Pick<Span, 'attributes'>, name: string) =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];

/**
 * The packages of OpenTelemetry that a server had loaded when it ended. The interfaces alone (api) come with
 * prom-client, which links them for its exemplars; they do nothing by themselves.
 */
async function telemetryLoaded(env: NodeJS.ProcessEnv): Promise<string[]> {
  const record = join(folder, 'modules.txt');
  const recorder = pathToFileURL(join(packageRoot, 'test', 'fixtures', 'module-recorder.mjs')).href;
  const server = spawnServer({ MODULE_RECORD: record, ...env }, ['--import', recorder]);
  const port = await server.ready;
  expect((await post(`http://127.0.0.1:${port}`, '/v1/classify', { text: COMMENT })).status).toBe(200);
  server.kill('SIGTERM');
  expect((await server.exit).code).toBe(0);
  const files = readFileSync(record, 'utf8');
  expect(files).toContain('/express/');
  const packages = [...files.matchAll(/node_modules\/@opentelemetry\/([\w-]+)/g)].map(([, name]) => name!);
  return [...new Set(packages)].filter((name) => name !== 'api');
}

describe('tracing', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(() => void collector.close());

  it.each(['1', '2'])('sends the spans of a request from a server of %s processes', async (processes) => {
    const server = await startServer({
      RUTOX_PROCESSES: processes,
      RUTOX_LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    const answer = await post(server.url, '/v1/classify', { text: COMMENT }, { traceparent });
    expect(answer.status).toBe(200);
    const { status } = await post(server.url, `/${encodeURIComponent(COMMENT)}?${COMMENT}`, COMMENT);
    expect(status).toBe(404);
    await fetch(`${server.url}/readyz`);
    expect(await server.stop()).toBe(0);

    const spans = collector.spans();
    const [request] = spans.filter(
      ({ traceId, parentSpanId }) => traceId === TRACE && parentSpanId === PARENT,
    );
    expect(request).toMatchObject({ name: 'POST /v1/classify' });
    expect(attribute(request!, 'http.route')).toBe('/v1/classify');
    expect(attribute(request!, 'http.response.status_code')).toBe(200);
    expect(attribute(request!, 'rutox.texts')).toBe(1);
    expect(attribute(request!, 'rutox.request_id')).toBe(answer.headers.get('x-request-id'));
    const stages = spans.filter(({ parentSpanId }) => parentSpanId === request!.spanId);
    expect(stages.map(({ name }) => name)).toEqual(['queue', 'tokenize', 'inference']);
    // One after the other, inside the request.
    const times = stages.flatMap(({ startTimeUnixNano, endTimeUnixNano }) => [
      BigInt(startTimeUnixNano),
      BigInt(endTimeUnixNano),
    ]);
    expect(times.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(times);
    expect(times[0]! >= BigInt(request!.startTimeUnixNano)).toBe(true);
    expect(times.at(-1)! <= BigInt(request!.endTimeUnixNano)).toBe(true);

    const unknown = spans.find(({ name }) => name === 'POST (unknown)');
    expect(attribute(unknown!, 'error.type')).toBe('not_found');
    expect(spans).toHaveLength(5);
    expect(attribute({ attributes: collector.resource() }, 'service.name')).toBe('rutox');
    expect(attribute({ attributes: collector.resource() }, 'deployment.environment.name')).toBe('test');
    // The log names the trace, and no span holds what a client wrote.
    expect(server.output()).toMatch(new RegExp(`"route":"/v1/classify".*"traceId":"${TRACE}"`));
    expect(collector.text()).not.toMatch(/qzxjvw|Спасибо|%D0/);
  });

  it('answers and stops in time when the collector does not answer', async () => {
    collector.close();
    const server = await startServer({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` });
    expect((await post(server.url, '/v1/classify', { text: COMMENT })).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('takes the variables from a file of settings', async () => {
    const file = join(folder, 'settings.env');
    writeFileSync(file, `OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url}\nOTEL_SERVICE_NAME=moderation\n`);
    const server = spawnServer({}, [], ['--env-file', file]);
    const port = await server.ready;
    await post(`http://127.0.0.1:${port}`, '/v1/classify', { text: COMMENT });
    server.kill('SIGTERM');
    await server.exit;
    expect(attribute({ attributes: collector.resource() }, 'service.name')).toBe('moderation');
  });

  it('loads nothing of OpenTelemetry where it is off, and is off unless a collector is named', async () => {
    expect(await telemetryLoaded({ OTEL_SERVICE_NAME: 'rutox' })).toEqual([]);
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' };
    expect(await telemetryLoaded(disabled)).toEqual([]);
    expect(await telemetryLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })).toContain('sdk-trace-base');
  });
});
