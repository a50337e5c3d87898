import { describe, expect, it } from '@jest/globals';
import { createMergedMetrics, type MergedMetrics } from '../../src/cluster/merged-metrics.js';
import type { ToServer } from '../../src/cluster/messages.js';
import type { ServerProcess } from '../../src/cluster/server-process.js';
import { createMetrics } from '../../src/metrics.js';

/** The real metrics of a server process, without the process. */
function serverProcess(merged: () => MergedMetrics, answers = true) {
  const metrics = createMetrics();
  const process: ServerProcess = {
    pid: 1,
    ready: new Promise(() => {}),
    exited: new Promise(() => {}),
    drain() {},
    kill() {},
    send({ type }: ToServer) {
      if (type === 'collect' && answers) {
        void metrics.snapshot().then((own) => merged().receive(process, copy(own)));
      }
    },
  };
  return { process, metrics };
}

/** As it arrives over the channel. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function cluster(count: number) {
  const servers = Array.from({ length: count }, () => serverProcess(() => merged));
  const merged = createMergedMetrics(() => servers.map(({ process }) => process));
  const value = async (name: string) => {
    const line = (await merged.expose()).split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };
  return { servers, merged, value };
}

describe('merged metrics', () => {
  it('are sums over the processes, and of their own', async () => {
    const { servers, merged, value } = cluster(2);
    servers[0]!.metrics.verdict(true, 0.9);
    servers[1]!.metrics.verdict(true, 0.95);
    servers[1]!.metrics.requestStarted();
    servers[1]!.metrics.workerRestart('thread_ended');
    for (const { metrics } of servers) metrics.modelInfo('1.0', 'ab');
    merged.processEnded();
    merged.reloaded('failed');
    expect(await value('rutox_texts_total{verdict="toxic"}')).toBe(2);
    expect(await value('rutox_toxic_score_bucket{le="0.9"}')).toBe(1);
    expect(await value('rutox_toxic_score_count')).toBe(2);
    expect(await value('rutox_requests_in_flight')).toBe(1);
    expect(await value('rutox_model_info{version="1.0",sha256="ab"}')).toBe(1);
    expect(await value('rutox_worker_restarts_total{reason="thread_ended"}')).toBe(1);
    expect(await value('rutox_worker_restarts_total{reason="process_ended"}')).toBe(1);
    expect(await value('rutox_reloads_total{result="failed"}')).toBe(1);
    expect(await value('rutox_reloads_total{result="done"}')).toBe(0);
    expect(await value('rutox_server_processes')).toBe(2);
  });

  it('keep what a process counted, and none of its gauges, when it is gone', async () => {
    const { servers, merged, value } = cluster(3);
    for (const { metrics } of servers) {
      metrics.verdict(true, 0.9);
      metrics.requestStarted();
    }
    expect(await value('rutox_requests_in_flight')).toBe(3);
    // Two at once: one was heard at the scrape, the other has sent its last words since.
    const [last, first] = [servers.pop()!, servers.shift()!];
    last.metrics.verdict(true, 0.9);
    merged.receive(last.process, copy(await last.metrics.snapshot()));
    merged.retire(first.process);
    merged.retire(last.process);
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      expect(await value('rutox_texts_total{verdict="toxic"}')).toBe(4);
      expect(await value('rutox_toxic_score_count')).toBe(4);
      expect(await value('rutox_requests_in_flight')).toBe(1);
    }
    servers.push(serverProcess(() => merged));
    servers[1]!.metrics.verdict(true, 0.9);
    expect(await value('rutox_texts_total{verdict="toxic"}')).toBe(5);
  });

  it('take a process that does not answer as last heard', async () => {
    const silent = serverProcess(() => merged, false);
    const merged: MergedMetrics = createMergedMetrics(() => [silent.process]);
    silent.metrics.verdict(false, 0.1);
    merged.receive(silent.process, copy(await silent.metrics.snapshot()));
    expect(await merged.expose()).toContain('rutox_texts_total{verdict="harmless"} 1');
  });

  it('do not wait for a process that ends during the scrape', async () => {
    const silent = serverProcess(() => merged, false);
    const merged: MergedMetrics = createMergedMetrics(() => [silent.process]);
    const exposed = merged.expose();
    await new Promise((resolve) => setImmediate(resolve));
    merged.retire(silent.process);
    expect(await exposed).toContain('rutox_server_processes 1');
  });

  it('are collected once for scrapes that come together', async () => {
    const { servers, merged } = cluster(1);
    let asked = 0;
    const { process } = servers[0]!;
    const send = process.send.bind(process);
    process.send = (message) => {
      asked++;
      send(message);
    };
    const texts = await Promise.all([merged.expose(), merged.expose(), merged.expose()]);
    expect(new Set(texts).size).toBe(1);
    expect(asked).toBe(1);
    await merged.expose();
    expect(asked).toBe(2);
  });
});
