import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { createMetrics } from '../src/metrics.js';

describe('createMetrics', () => {
  it('exposes under the documented names what was recorded', async () => {
    const metrics = createMetrics();
    metrics.requestStarted();
    metrics.requestStarted();
    metrics.requestEnded();
    metrics.connections(9);
    metrics.connections(8);
    metrics.httpRequest('/v1/classify', 'POST', 200, 0.002);
    metrics.rejected('overloaded');
    metrics.keyRequest('shop', 200);
    metrics.batch({
      size: 3,
      queueWaitSeconds: [0.001, 0.002, 0.003],
      tokenizeSeconds: 0.0004,
      inferenceSeconds: 0.002,
    });
    metrics.verdict(true, 0.97);
    metrics.verdict(false, 0.02);
    metrics.verdict(false, 0.03);
    metrics.setQueueDepthSource(() => 17);
    metrics.workerRestart('thread_ended');
    metrics.modelInfo('1.0', 'ab12');

    const body = await metrics.expose();
    for (const line of [
      'rutox_requests_in_flight 1',
      'rutox_connections 8',
      'rutox_http_request_duration_seconds_count{route="/v1/classify",method="POST",status="200"} 1',
      'rutox_http_request_duration_seconds_bucket{le="0.0025",route="/v1/classify",method="POST",status="200"} 1',
      'rutox_rejected_total{reason="overloaded"} 1',
      'rutox_key_requests_total{key="shop",status="200"} 1',
      'rutox_batch_size_sum 3',
      'rutox_queue_wait_seconds_count 3',
      'rutox_tokenize_seconds_sum 0.0004',
      'rutox_inference_seconds_sum 0.002',
      'rutox_texts_total{verdict="toxic"} 1',
      'rutox_texts_total{verdict="harmless"} 2',
      'rutox_toxic_score_count 3',
      'rutox_queue_depth 17',
      'rutox_worker_restarts_total{reason="thread_ended"} 1',
      'rutox_model_info{version="1.0",sha256="ab12"} 1',
    ]) {
      expect(body.split('\n')).toContain(line);
    }
    expect(body).toContain('nodejs_eventloop_lag_seconds');
  });

  it('shows the lag of the event loop over the last quarter of a minute to all who scrape', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick'] });
    try {
      const metrics = createMetrics();
      const longest = async () =>
        Number(/^nodejs_eventloop_lag_max_seconds (.*)$/m.exec(await metrics.expose())![1]);
      expect(await longest()).toBe(0);
      await pass(50);
      const end = performance.now() + 100;
      while (performance.now() < end);
      await pass(50);
      jest.advanceTimersByTime(15_000);
      for (const _ of [1, 2]) expect(await longest()).toBeGreaterThan(0.05);
      jest.advanceTimersByTime(15_000);
      expect(await longest()).toBeLessThan(0.05);
    } finally {
      jest.useRealTimers();
    }
  });

  it('keeps two recorders apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.rejected('overloaded');
    expect(await other.expose()).not.toContain('overloaded');
  });

  it('shows a verdict it has not met yet as 0, so that a rate starts at once', async () => {
    expect(await createMetrics().expose()).toContain('rutox_texts_total{verdict="toxic"} 0');
  });
});
