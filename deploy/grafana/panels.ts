/** What the dashboards show: one panel a question, by the queries that answer it. `dashboards.ts` makes Grafana's JSON of it. */
export interface PanelSpec {
  readonly title: string;
  /** What the panel tells, and when to worry. */
  readonly about: string;
  readonly kind: 'lines' | 'stacked' | 'stat' | 'heatmap';
  /** Grafana's name of the unit. */
  readonly unit: 'reqps' | 'short' | 's' | 'percentunit' | 'bytes' | 'texts/s';
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** Grafana takes the window for this; it covers at least four scrapes. */
const RATE = '$__rate_interval';
const JOB = 'job=~"$job"';

const rate = (metric: string, by = '', more = '') =>
  `sum ${by === '' ? '' : `by (${by}) `}(rate(${metric}{${JOB}${more}}[${RATE}]))`;
const quantile = (share: number, metric: string, more = '') =>
  `histogram_quantile(${share}, ${rate(`${metric}_bucket`, 'le', more)})`;
const quantiles = (metric: string, more = '') =>
  [0.5, 0.95, 0.99].map((share) => ({ expr: quantile(share, metric, more), legend: `p${share * 100}` }));

const HTTP = 'rutox_http_request_duration_seconds';
const SCORING = ',method="POST",route!="(unknown)"';

const service: DashboardSpec = {
  uid: 'rutox-service',
  title: 'rutox: service',
  panels: [
    {
      title: 'Instances that answer',
      about: 'Clusters that Prometheus reaches.',
      kind: 'stat',
      unit: 'short',
      queries: [{ expr: `sum(up{${JOB}})`, legend: 'up' }],
    },
    {
      title: 'Scoring requests that fail',
      about: 'Share of 5xx answers in the last hour; the objective is below 0.1 %.',
      kind: 'stat',
      unit: 'percentunit',
      queries: [{ expr: `job:rutox_errors:ratio1h{${JOB}}`, legend: 'errors' }],
    },
    {
      title: 'Single comments over 100 ms',
      about: 'Share in the last hour; the objective is below 1 %.',
      kind: 'stat',
      unit: 'percentunit',
      queries: [{ expr: `job:rutox_slow:ratio1h{${JOB}}`, legend: 'slow' }],
    },
    {
      title: 'Requests by route',
      about: 'Answers a second.',
      kind: 'stacked',
      unit: 'reqps',
      queries: [{ expr: rate(`${HTTP}_count`, 'route'), legend: '{{route}}' }],
    },
    {
      title: 'Answers by status',
      about: '4xx are mistakes of callers, 5xx are ours; 499 left before the answer.',
      kind: 'stacked',
      unit: 'reqps',
      queries: [{ expr: rate(`${HTTP}_count`, 'status'), legend: '{{status}}' }],
    },
    {
      title: 'Refused or given up, by reason',
      about: '"overloaded" asks for more CPUs or fewer texts; "rate_limited" is a caller over its limit.',
      kind: 'lines',
      unit: 'reqps',
      queries: [{ expr: rate('rutox_rejected_total', 'reason'), legend: '{{reason}}' }],
    },
    {
      title: 'Latency of scoring requests',
      about: 'From the first byte of a request to the end of its answer.',
      kind: 'lines',
      unit: 's',
      queries: quantiles(HTTP, SCORING),
    },
    {
      title: 'Latency of scoring requests, all of them',
      about: 'How many answers took how long.',
      kind: 'heatmap',
      unit: 's',
      queries: [{ expr: rate(`${HTTP}_bucket`, 'le', SCORING), legend: '{{le}}' }],
    },
    {
      title: 'Requests in flight and connections',
      about: 'Connections are bounded by RUTOX_MAX_CONNECTIONS in each process.',
      kind: 'lines',
      unit: 'short',
      queries: [
        { expr: `sum(rutox_requests_in_flight{${JOB}})`, legend: 'in flight' },
        { expr: `sum(rutox_connections{${JOB}})`, legend: 'connections' },
      ],
    },
  ],
};

const engine: DashboardSpec = {
  uid: 'rutox-engine',
  title: 'rutox: engine',
  panels: [
    {
      title: 'Server processes',
      about: 'Fewer than were started: one ends again and again.',
      kind: 'stat',
      unit: 'short',
      queries: [{ expr: `sum(rutox_server_processes{${JOB}})`, legend: 'processes' }],
    },
    {
      title: 'CPU',
      about: 'CPUs that the server processes use; near all of the machine, the queue grows.',
      kind: 'lines',
      unit: 'short',
      queries: [{ expr: rate('process_cpu_seconds_total', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Memory',
      about: 'Resident, all server processes of an instance.',
      kind: 'lines',
      unit: 'bytes',
      queries: [
        { expr: `sum by (instance) (process_resident_memory_bytes{${JOB}})`, legend: '{{instance}}' },
      ],
    },
    {
      title: 'Texts waiting',
      about: 'At the moment of the scrape.',
      kind: 'lines',
      unit: 'short',
      queries: [{ expr: `sum by (instance) (rutox_queue_depth{${JOB}})`, legend: '{{instance}}' }],
    },
    {
      title: 'Wait for a thread',
      about: 'Grows first when there are too few CPUs.',
      kind: 'lines',
      unit: 's',
      queries: quantiles('rutox_queue_wait_seconds'),
    },
    {
      title: 'Texts in a batch',
      about: 'A batch is whatever waits when a thread is free: it grows with the load.',
      kind: 'heatmap',
      unit: 'short',
      queries: [{ expr: rate('rutox_batch_size_bucket', 'le'), legend: '{{le}}' }],
    },
    {
      title: 'Time of a batch (p95)',
      about: 'Of the text pipeline, and of the model.',
      kind: 'lines',
      unit: 's',
      queries: [
        { expr: quantile(0.95, 'rutox_tokenize_seconds'), legend: 'tokenize' },
        { expr: quantile(0.95, 'rutox_inference_seconds'), legend: 'inference' },
      ],
    },
    {
      title: 'Event loop lag (p99)',
      about: 'Of the main threads, which do HTTP; the model never runs there.',
      kind: 'lines',
      unit: 's',
      queries: [
        { expr: `max by (instance) (nodejs_eventloop_lag_p99_seconds{${JOB}})`, legend: '{{instance}}' },
      ],
    },
    {
      title: 'Restarts and reloads',
      about: 'In the last 15 minutes, by reason or result.',
      kind: 'lines',
      unit: 'short',
      queries: [
        {
          expr: `sum by (reason) (increase(rutox_worker_restarts_total{${JOB}}[15m]))`,
          legend: '{{reason}}',
        },
        { expr: `sum by (result) (increase(rutox_reloads_total{${JOB}}[15m]))`, legend: 'reload {{result}}' },
      ],
    },
  ],
};

const model: DashboardSpec = {
  uid: 'rutox-model',
  title: 'rutox: model',
  panels: [
    {
      title: 'Served models',
      about: 'Instances that serve each version.',
      kind: 'stat',
      unit: 'short',
      queries: [{ expr: `count by (version) (rutox_model_info{${JOB}})`, legend: '{{version}}' }],
    },
    {
      title: 'Toxic share',
      about: 'Verdicts of the last hour.',
      kind: 'stat',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum(rate(rutox_texts_total{${JOB},verdict="toxic"}[1h])) / sum(rate(rutox_texts_total{${JOB}}[1h]))`,
          legend: 'toxic',
        },
      ],
    },
    {
      title: 'Drift',
      about:
        'Largest gap between the scores of the last hour and those of the week; above 15 % there is an alert.',
      kind: 'stat',
      unit: 'percentunit',
      queries: [{ expr: `job:rutox_toxic_score:drift{${JOB}}`, legend: 'drift' }],
    },
    {
      title: 'Verdicts',
      about: 'Texts a second.',
      kind: 'stacked',
      unit: 'texts/s',
      queries: [{ expr: rate('rutox_texts_total', 'verdict'), legend: '{{verdict}}' }],
    },
    {
      title: 'Scores',
      about: 'How many texts got which score; a shift of its shape is drift.',
      kind: 'heatmap',
      unit: 'short',
      queries: [{ expr: rate('rutox_toxic_score_bucket', 'le'), legend: '{{le}}' }],
    },
    {
      title: 'Share of texts up to a score: last hour, week',
      about: 'The two that the drift compares.',
      kind: 'lines',
      unit: 'percentunit',
      queries: [
        { expr: `job:rutox_toxic_score:share1h{${JOB},le=~"0.1|0.5|0.9"}`, legend: 'hour, up to {{le}}' },
        { expr: `job:rutox_toxic_score:share7d{${JOB},le=~"0.1|0.5|0.9"}`, legend: 'week, up to {{le}}' },
      ],
    },
  ],
};

export const DASHBOARDS: readonly DashboardSpec[] = [service, engine, model];
