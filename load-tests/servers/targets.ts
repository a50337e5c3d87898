import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Request } from '../load/connection.js';
import type { ServerSpec } from './server-process.js';

/** How a server is asked about comments. */
export interface Api {
  readonly path: string;
  readonly body: (comments: readonly string[]) => unknown;
  /** Stands once in the answer for each comment. */
  readonly mark: string;
}

/** A server that can be measured. */
export interface Target extends ServerSpec {
  readonly single: Api;
}

const SCORE = '"toxic_score":';
export const single: Api = { path: '/v1/classify', body: ([text]) => ({ text }), mark: SCORE };
export const batch: Api = { path: '/v1/classify/batch', body: (texts) => ({ texts }), mark: SCORE };

export interface Size {
  readonly processes: number;
  readonly threads: number;
}

/** The server as its users start it. */
export function rutox({ processes, threads }: Size, modelDir: string): Target {
  return {
    name: 'rutox',
    command: process.execPath,
    args: [join(packageRoot, 'dist', 'src', 'main.js'), 'serve'],
    env: {
      HOST: '127.0.0.1',
      RUTOX_MODEL_DIR: modelDir,
      RUTOX_THREADS: String(threads),
      RUTOX_PROCESSES: String(processes),
    },
    readyPath: '/readyz',
    single,
  };
}

export function rawEcho(processes: number): Target {
  return echo('raw node:http echo', 'raw-echo.js', processes);
}

export function expressEcho(processes: number): Target {
  return echo('Express 5 echo', 'express-echo.js', processes);
}

function echo(name: string, file: string, processes: number): Target {
  return {
    name,
    command: process.execPath,
    args: [join(packageRoot, 'dist', 'load-tests', 'peers', file)],
    env: { ECHO_PROCESSES: String(processes) },
    readyPath: '/',
    single,
  };
}

/** The bytes of one request for each group of comments. */
export function requestsFor(api: Api, groups: readonly (readonly string[])[]): Request[] {
  return groups.map((comments) => {
    const body = Buffer.from(JSON.stringify(api.body(comments)));
    const head =
      `POST ${api.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`;
    return {
      bytes: Buffer.concat([Buffer.from(head), body]),
      expected: { mark: api.mark, count: comments.length },
    };
  });
}
