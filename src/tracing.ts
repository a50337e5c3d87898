import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Timings } from './inference/moderator.js';
import { packageVersion } from './package-root.js';

/** Traces of requests, sent to the collector that the `OTEL_*` variables name. Loaded only when they name one. */
export interface Tracing {
  /** A request came in, with or without a W3C `traceparent` header. */
  start(method: string, traceparent: string | undefined): RequestTrace;
  /** Sends what is left; what cannot be sent in two seconds is dropped. */
  close(): Promise<void>;
}

/** The trace of one request. */
export interface RequestTrace {
  readonly traceId: string;
  /** The texts of the request have gone to the queue: its spans are added once they are scored. */
  scoring(answer: Promise<{ readonly timings: Timings }>): void;
  end(outcome: RequestOutcome): void;
}

/** What is said of a request, all of which its log line says, too: no path, query, header, address or text. */
export interface RequestOutcome {
  readonly requestId: string;
  /** The pattern of the route, never the path that was asked for. */
  readonly route: string;
  readonly status: number;
  readonly texts: number | undefined;
  /** Kind of error. */
  readonly kind: string | undefined;
}

const CLOSE_TIMEOUT_MS = 2000;

/** Opens the exporter. OpenTelemetry's own SDK reads the rest of the variables: sampling, batches, headers, resource. */
export function openTracing(): Tracing {
  const named = resourceFromAttributes({ 'service.name': 'rutox', 'service.version': packageVersion() });
  const provider = new BasicTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('rutox', packageVersion());

  return {
    start(method, traceparent) {
      // performance.now() is finer than Date.now(), but its origin drifts from the time of day.
      const origin = Date.now() - performance.now();
      const now = () => origin + performance.now();
      const request = tracer.startSpan(
        method,
        { kind: SpanKind.SERVER, startTime: now(), attributes: { 'http.request.method': method } },
        parentOf(traceparent),
      );
      const inside = trace.setSpan(ROOT_CONTEXT, request);

      /** A stage that is over: its times are known afterwards. Returns its end. */
      function stage(name: string, from: number, ms: number): number {
        tracer.startSpan(name, { startTime: from }, inside).end(from + ms);
        return from + ms;
      }

      return {
        traceId: request.spanContext().traceId,
        scoring(answer) {
          const since = now();
          const add = ({ timings }: { timings: Timings }) => {
            const queued = stage('queue', since, timings.queueMs);
            stage('inference', stage('tokenize', queued, timings.tokenizeMs), timings.inferenceMs);
          };
          answer.then(add, () => {});
        },
        end({ requestId, route, status, texts, kind }) {
          request.updateName(`${method} ${route}`);
          request.setAttributes({
            'http.route': route,
            'http.response.status_code': status,
            'rutox.request_id': requestId,
            ...(texts !== undefined && { 'rutox.texts': texts }),
            ...(kind !== undefined && { 'error.type': kind }),
          });
          if (status >= 500) request.setStatus({ code: SpanStatusCode.ERROR });
          request.end(now());
        },
      };
    },

    async close() {
      const timeout = new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), timeout]);
    },
  };
}

/** `tracestate` is not taken: nothing is asked of other services, and it would hold what a client wrote. */
function parentOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}
