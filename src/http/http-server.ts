import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { App } from './app.js';
import { answerClientErrors } from './client-errors.js';
import { limitConnections } from './connections.js';

export interface HttpServerOptions {
  /** Connections at a time; beyond that, 503. */
  readonly maxConnections: number;
  /** Milliseconds that the app may take for an answer. */
  readonly answerTimeoutMs: number;
  readonly metrics: Pick<Metrics, 'rejected' | 'connections'>;
  readonly logger: Logger;
  /** Shorter ones, for tests. */
  readonly timeouts?: Partial<typeof TIMEOUTS>;
}

/** Milliseconds. A comment and its headers arrive in one packet or a few: whoever needs longer holds a connection for nothing. */
const TIMEOUTS = {
  /** From the connection, or the first byte of a further request, to the end of its headers. */
  headers: 10_000,
  /** The same to the end of its body. */
  request: 30_000,
  /** Both are only looked at this often, and the default of 30 s would double them. */
  check: 2000,
  /**
   * For the next request. Longer than load balancers keep an idle connection (60 s in nginx and AWS): the side
   * that reuses it must be the one that closes it, or a request meets a closing connection.
   */
  idle: 75_000,
  /** In which the client takes nothing of its answer. */
  unread: 30_000,
};

/**
 * A `node:http` server for the app, not yet listening.
 *
 * Express gives each request and response its prototypes by `Object.setPrototypeOf`, which makes V8 drop
 * what it has learnt about the object: on Node 20 and 22 that costs more than all the rest of Express. So
 * the server creates them with these prototypes from the start, and Express' own call changes nothing.
 */
export function createHttpServer(
  { express, listener }: App,
  { maxConnections, answerTimeoutMs, metrics, logger, ...options }: HttpServerOptions,
): Server {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  // Plain functions: `class … extends` and Reflect.construct were measured, and gain nothing.
  function Request(this: IncomingMessage, ...args: unknown[]): void {
    Reflect.apply(IncomingMessage, this, args);
  }
  Request.prototype = express.request;
  function Response(this: ServerResponse, ...args: unknown[]): void {
    Reflect.apply(ServerResponse, this, args);
  }
  Response.prototype = express.response;

  const server = createServer(
    {
      IncomingMessage: Request as unknown as typeof IncomingMessage,
      ServerResponse: Response as unknown as typeof ServerResponse,
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      connectionsCheckingInterval: timeouts.check,
      keepAliveTimeout: timeouts.idle,
      // Node would refuse with an empty answer that nobody counts; request-context.ts does it instead.
      requireHostHeader: false,
    },
    listener,
  );
  // While a request is scored its connection is silent, too.
  server.setTimeout(answerTimeoutMs + timeouts.unread);
  // The same: Node's own 417 is empty and not counted. An expectation that is not known may be ignored.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  answerClientErrors(server, { metrics, logger });
  limitConnections(server, { maxConnections, metrics });
  return server;
}
