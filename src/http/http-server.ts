import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Express } from 'express';

/**
 * A `node:http` server for the app, not yet listening.
 *
 * Express gives each request and response its prototypes by `Object.setPrototypeOf`, which makes V8 drop
 * what it has learnt about the object: on Node 20 and 22 that costs more than all the rest of Express. So
 * the server creates them with these prototypes from the start, and Express' own call changes nothing.
 */
export function createHttpServer(app: Express): Server {
  // Plain functions: `class … extends` and Reflect.construct were measured, and gain nothing.
  function Request(this: IncomingMessage, ...args: unknown[]): void {
    Reflect.apply(IncomingMessage, this, args);
  }
  Request.prototype = app.request;
  function Response(this: ServerResponse, ...args: unknown[]): void {
    Reflect.apply(ServerResponse, this, args);
  }
  Response.prototype = app.response;

  return createServer(
    {
      IncomingMessage: Request as unknown as typeof IncomingMessage,
      ServerResponse: Response as unknown as typeof ServerResponse,
      // A comment and its headers arrive in one packet or a few: whoever needs longer holds a connection for nothing.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Both are only looked at this often, and the default of 30 s would double them.
      connectionsCheckingInterval: 2000,
      // Longer than load balancers keep an idle connection (60 s in nginx and AWS): the side that reuses
      // it must be the one that closes it, or a request meets a closing connection.
      keepAliveTimeout: 75_000,
    },
    app,
  );
}
