import cluster from 'node:cluster';
import { ConfigError } from '../config.js';
import { mendChannel } from './mend-channel.js';
import type { FromServer, ToServer } from './messages.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Started {
  readonly port: number;
  /** Version of the model that it serves. */
  readonly model: string;
}

/** A server process could not start. */
export class StartError extends Error {
  /** It said itself why, so another try will end the same way. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.name = 'StartError';
    this.isFinal = isFinal;
  }
}

/** A server process, as the primary sees it. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves once it listens; rejects with a StartError or ConfigError of one line. */
  readonly ready: Promise<Started>;
  /** Resolves when it is gone. */
  readonly exited: Promise<Exit>;
  /** Asks it to answer what it has accepted and to end. */
  drain(): void;
  kill(): void;
  send(message: ToServer): void;
}

/** Longer than any start takes; what hangs longer (a dead network disk) is ended and tried again. */
const START_TIMEOUT_MS = 60_000;

/** Starts this program once more, as a server process with these settings. */
export function forkServerProcess(
  env: NodeJS.ProcessEnv,
  onMessage: (message: FromServer, from: ServerProcess) => void,
): ServerProcess {
  const worker = cluster.fork(env);
  mendChannel(worker);
  const child = worker.process;
  const exited = new Promise<Exit>((resolve) => {
    const disconnected = new Promise<void>((closed) => worker.once('disconnect', closed));
    worker.once('exit', (code: number | null, signal: string | null) => {
      // Its last messages may be read after its end is known.
      void disconnected.then(() => resolve({ code, signal }));
    });
    // The system has no room for a process. Any other error is a message to one that has just ended.
    worker.on('error', () => {
      if (child.pid === undefined) resolve({ code: 1, signal: null });
    });
  });

  const ready = new Promise<Started>((resolve, reject) => {
    worker.on('message', (message: FromServer) => {
      if (message.type === 'ready') resolve(message);
      else if (message.type === 'failed') reject(failure(message));
      else onMessage(message, server);
    });
    void exited.then((exit) => reject(new StartError(describeExit(exit), false)));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const stopTimer = () => clearTimeout(timer);
  ready.then(stopTimer, stopTimer);

  const send = (message: ToServer) => {
    // The callback takes what `send` would otherwise throw when the channel closes under it.
    if (worker.isConnected()) child.send(message, undefined, {}, () => {});
  };
  const server: ServerProcess = {
    pid: child.pid ?? -1,
    ready,
    exited,
    drain: () => send({ type: 'drain' }),
    kill: () => child.kill('SIGKILL'),
    send,
  };
  return server;
}

function failure({ message, isConfig }: { message: string; isConfig: boolean }): Error {
  return isConfig ? new ConfigError(message) : new StartError(message, true);
}

function describeExit({ code, signal }: Exit): string {
  return `a server process ended with ${signal ?? `exit code ${code}`} before it was ready`;
}
