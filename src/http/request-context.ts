import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { RutoxError, type ErrorKind } from '../errors.js';
import type { CallerSignal } from '../inference/moderator.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { RequestTrace, Tracing } from '../tracing.js';
import type { Api } from './api.js';
import { errorTable } from './error-table.js';

/** What is known about a request while it is answered; `response.locals.context`. */
export interface RequestContext {
  /** Given by the client in `X-Request-Id`, else made here; every answer returns it. */
  readonly id: string;
  /** The path as documented, with its parameters unfilled: a label for metrics and log, never what the client typed. */
  route: string;
  /** Whose shapes the answer has; without one the native API's. */
  api?: Api | undefined;
  /** Name of the API key it brought. */
  key?: string;
  /** How many texts it brought. */
  texts?: number;
  /** Why it was not answered as asked. */
  error?: ErrorKind;
  /** Whether the server is being stopped. */
  readonly isDraining: () => boolean;
  readonly signal: CallerSignal;
  /** Where traces are switched on. */
  readonly trace: RequestTrace | undefined;
}

// The way that Express offers to type `response.locals`.
declare global {
  namespace Express {
    interface Locals {
      context: RequestContext;
    }
  }
}

/** All paths that lead nowhere share this label, so that a scanner cannot fill the metrics. */
const UNKNOWN_ROUTE = '(unknown)';

/** Those that some path answers. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** The unreserved characters of a URI: safe in a header, a log line and the `instance` of a problem document. */
const REQUEST_ID = /^[A-Za-z0-9._~-]{1,128}$/;

/** Load balancers and Prometheus ask these every few seconds; their access log lines only show at level debug. */
const PROBES = new Set([
  '/livez',
  '/readyz',
  '/metrics',
  '/v2/health/live',
  '/v2/health/ready',
  '/v2/models/toxicity/ready',
]);

/** Gives each request its context, and counts and logs it once, when its response has closed. */
export function requestContext({
  metrics,
  logger,
  isDraining,
  tracing,
}: {
  metrics: Metrics;
  logger: Logger;
  isDraining: () => boolean;
  tracing?: Tracing | undefined;
}) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const started = performance.now();
    const signal = new ClientSignal();
    const isProbe = PROBES.has(request.url);
    const trace = isProbe ? undefined : tracing?.start(methodOf(request), traceparent(request));
    const context: RequestContext = {
      id: requestId(request),
      route: UNKNOWN_ROUTE,
      isDraining,
      signal,
      trace,
    };
    response.locals.context = context;
    metrics.requestStarted();
    response.once('close', () => {
      const durationMs = performance.now() - started;
      const { id, route, key, texts } = context;
      const method = methodOf(request);
      const isAnswered = response.writableFinished;
      if (!isAnswered) signal.abort();
      const error = isAnswered ? context.error : 'cancelled';
      const status = isAnswered ? response.statusCode : errorTable.cancelled.status;
      metrics.requestEnded();
      metrics.httpRequest(route, method, status, durationMs / 1000);
      if (error !== undefined) metrics.rejected(error);
      if (key !== undefined) metrics.keyRequest(key, status);
      logger.request(PROBES.has(route) ? 'debug' : 'info', {
        requestId: id,
        traceId: trace?.traceId,
        method,
        route,
        status,
        durationMs: Math.round(durationMs * 1000) / 1000,
        key,
        texts,
        kind: error,
      });
      trace?.end({ requestId: id, route, status, texts, kind: error });
    });
    // HTTP/1.1 demands one (RFC 9112).
    const isHostMissing = request.headers.host === undefined && request.httpVersion === '1.1';
    next(
      isHostMissing
        ? new RutoxError('malformed_http', 'An HTTP/1.1 request must have a Host header.')
        : undefined,
    );
  };
}

function traceparent({ headers }: Request): string | undefined {
  const { traceparent: given } = headers;
  return typeof given === 'string' ? given : undefined;
}

/** What is never answered shares a label: Node knows some thirty methods, and a scanner tries them all. */
function methodOf({ method }: Request): string {
  return METHODS.has(method) ? method : '(other)';
}

/** Fires when the client leaves before it has its answer. For one listener. */
class ClientSignal implements CallerSignal {
  aborted = false;
  #listener: (() => void) | undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  abort(): void {
    this.aborted = true;
    this.#listener?.();
  }
}

function requestId(request: Request): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
