import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../../src/cpus.js';
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

export const RAW_ECHO = 'raw node:http echo';
export const EXPRESS_ECHO = 'Express 5 echo';

const SCORE = '"toxic_score":';
export const single: Api = { path: '/v1/classify', body: ([text]) => ({ text }), mark: SCORE };
export const batch: Api = { path: '/v1/classify/batch', body: (texts) => ({ texts }), mark: SCORE };

/** What Prometheus asks. */
export const scrape: Request = {
  bytes: Buffer.from('GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  expected: { mark: '# HELP rutox_model_info', count: 1 },
};

/** The server as its users start it. */
export function rutox({ processes, threads }: Layout, modelDir: string): Target {
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
  return echo(RAW_ECHO, 'raw-echo.js', processes);
}

export function expressEcho(processes: number): Target {
  return echo(EXPRESS_ECHO, 'express-echo.js', processes);
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

/** The same on one CPU only; undefined where the system has no taskset (util-linux). */
export function onOneCpu<T extends ServerSpec>(target: T): T | undefined {
  if (spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const [cpu] = /^Cpus_allowed_list:\s*\d+/m
    .exec(readFileSync('/proc/self/status', 'utf8'))![0]
    .match(/\d+$/)!;
  return { ...target, command: 'taskset', args: ['--cpu-list', cpu, target.command, ...target.args] };
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
