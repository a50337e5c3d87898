import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One metric with all its series. */
export interface MetricFamily {
  readonly name: string;
  readonly isGauge: boolean;
  /** What becomes of the values of several processes: `sum`, `average`, `min`, `max`, `first`, or `omit`. */
  readonly aggregator: string;
  /** As Prometheus reads it: two lines of comment, then a line for each series. */
  readonly text: string;
}

/** All metrics of one process, as they cross to the primary. As text: nothing else is as cheap to send. */
export type MetricSnapshot = readonly MetricFamily[];

/** Version 0.0.4 of Prometheus' text form. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** One run of a batch on a thread. Times in seconds. */
export interface BatchMetrics {
  /** Texts in the batch. */
  readonly size: number;
  /** How long each of them waited for a thread. */
  readonly queueWaitSeconds: readonly number[];
  readonly tokenizeSeconds: number;
  readonly inferenceSeconds: number;
}

/** Every metric of a server process, behind one recorder. No label ever holds anything a user wrote. */
export interface Metrics {
  /** An answered request. `route` is the pattern of a route, never the path that was asked for. */
  httpRequest(route: string, method: string, status: number, seconds: number): void;
  requestStarted(): void;
  requestEnded(): void;
  /** Requests being answered. */
  requestsInFlight(): number;
  /** How many connections are open now. */
  connections(open: number): void;
  /** A request that was refused or given up, by the kind of its error. */
  rejected(reason: string): void;
  /** An answered request that brought an API key, by the name of the key. */
  keyRequest(key: string, status: number): void;
  batch(batch: BatchMetrics): void;
  verdict(isToxic: boolean, score: number): void;
  /** Texts waiting for a thread, asked for at every scrape. */
  setQueueDepthSource(depth: () => number): void;
  workerRestart(reason: string): void;
  modelInfo(version: string, sha256: string): void;
  /** All of them as text, for Prometheus. */
  expose(): Promise<string>;
  snapshot(): Promise<MetricSnapshot>;
}

/**
 * From 50 microseconds to 10 seconds: a single comment takes well under a millisecond, a full queue seconds, and
 * after ten (`RUTOX_REQUEST_TIMEOUT_MS`) nobody waits. The alerts count up to 0.1 and 1.
 */
const SECONDS = [
  0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const TEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SCORES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** Creates the recorder with a registry of its own, and Node's own metrics in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  readLagInWindows(registry);

  const httpDuration = new Histogram({
    name: 'rutox_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['route', 'method', 'status'],
    buckets: SECONDS,
    registers,
  });
  /** Finding a series by its labels costs more than counting in it. */
  const httpSeries = new Map<string, ReturnType<typeof httpDuration.labels>>();
  let inFlight = 0;
  void new Gauge({
    name: 'rutox_requests_in_flight',
    help: 'Requests being answered',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  const connections = new Gauge({
    name: 'rutox_connections',
    help: 'Open connections',
    registers,
  });
  let depthOfQueue = () => 0;
  // Registering is all: the gauge is read at every scrape.
  void new Gauge({
    name: 'rutox_queue_depth',
    help: 'Texts waiting for a thread',
    registers,
    collect() {
      this.set(depthOfQueue());
    },
  });
  const queueWait = new Histogram({
    name: 'rutox_queue_wait_seconds',
    help: 'Time a text waited for a thread',
    buckets: SECONDS,
    registers,
  });
  const batchSize = new Histogram({
    name: 'rutox_batch_size',
    help: 'Texts given to a thread at once',
    buckets: TEXTS,
    registers,
  });
  const tokenize = new Histogram({
    name: 'rutox_tokenize_seconds',
    help: 'Time a batch spent in the text pipeline',
    buckets: SECONDS,
    registers,
  });
  const inference = new Histogram({
    name: 'rutox_inference_seconds',
    help: 'Time a batch spent in the model',
    buckets: SECONDS,
    registers,
  });
  const texts = new Counter({
    name: 'rutox_texts_total',
    help: 'Texts scored, by verdict',
    labelNames: ['verdict'],
    registers,
  });
  const toxic = texts.labels('toxic');
  const harmless = texts.labels('harmless');
  // Shown from the start: a counter that appears with its first event loses it for rate().
  toxic.inc(0);
  harmless.inc(0);
  const score = new Histogram({
    name: 'rutox_toxic_score',
    help: 'Toxicity of the texts scored; a shift of its shape is drift',
    buckets: SCORES,
    registers,
  });
  const rejected = new Counter({
    name: 'rutox_rejected_total',
    help: 'Requests refused or given up, by reason',
    labelNames: ['reason'],
    registers,
  });
  const keyRequests = new Counter({
    name: 'rutox_key_requests_total',
    help: 'Requests with an API key, by its name and the status of the answer',
    labelNames: ['key', 'status'],
    registers,
  });
  const restarts = restartCounter(registry);
  restarts.inc({ reason: 'thread_ended' }, 0);
  const model = new Gauge({
    name: 'rutox_model_info',
    help: 'The model that is served; always 1',
    labelNames: ['version', 'sha256'],
    registers,
    // Over the processes of a cluster.
    aggregator: 'max',
  });

  return {
    httpRequest(route, method, status, seconds) {
      const key = `${route} ${method} ${status}`;
      let series = httpSeries.get(key);
      if (series === undefined) {
        series = httpDuration.labels(route, method, String(status));
        httpSeries.set(key, series);
      }
      series.observe(seconds);
    },
    requestStarted: () => void inFlight++,
    requestEnded: () => void inFlight--,
    requestsInFlight: () => inFlight,
    connections: (open) => connections.set(open),
    rejected: (reason) => rejected.labels(reason).inc(),
    keyRequest: (key, status) => keyRequests.labels(key, String(status)).inc(),
    batch: ({ size, queueWaitSeconds, tokenizeSeconds, inferenceSeconds }) => {
      batchSize.observe(size);
      for (const seconds of queueWaitSeconds) queueWait.observe(seconds);
      tokenize.observe(tokenizeSeconds);
      inference.observe(inferenceSeconds);
    },
    verdict: (isToxic, value) => {
      (isToxic ? toxic : harmless).inc();
      score.observe(value);
    },
    setQueueDepthSource: (depth) => {
      depthOfQueue = depth;
    },
    workerRestart: (reason) => restarts.labels(reason).inc(),
    modelInfo: (version, sha256) => model.labels(version, sha256).set(1),
    expose: () => registry.metrics(),
    snapshot: () => snapshotOf(registry),
  };
}

/** As often as `deploy/prometheus/` scrapes. */
const LAG_WINDOW_MS = 15_000;

/**
 * prom-client reads the lag of the event loop at every scrape and begins its histogram anew: a third of what a snapshot
 * costs, and of two that scrape each would see half. So it is read by the clock.
 */
function readLagInWindows(registry: Registry): void {
  const lag = registry.getMetricsAsArray().find(({ name }) => name === 'nodejs_eventloop_lag_seconds')!;
  const read = lag.collect as () => void;
  lag.collect = () => {};
  setInterval(read, LAG_WINDOW_MS).unref();
}

/** The values of now. */
export function snapshotOf(registry: Registry): Promise<MetricSnapshot> {
  const metrics = registry.getMetricsAsArray();
  return Promise.all(
    metrics.map(async ({ name, type, aggregator }) => ({
      name,
      isGauge: String(type) === 'gauge',
      aggregator,
      text: await registry.getSingleMetricAsString(name),
    })),
  );
}

/** Counts in server processes (threads) and in the primary (processes); /metrics shows both as one. */
export function restartCounter(registry: Registry): Counter<'reason'> {
  return new Counter({
    name: 'rutox_worker_restarts_total',
    help: 'Inference threads and server processes that ended unasked and were replaced, by reason',
    labelNames: ['reason'],
    registers: [registry],
  });
}
