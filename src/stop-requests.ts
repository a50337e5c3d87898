import type { Logger } from './logger.js';

export interface StopRequests {
  /** The exit code, once somebody wants the process to stop. */
  readonly requested: Promise<number>;
  /** Asks for a stop. */
  begin(exitCode: number): void;
  /** Asks for a stop because of an error. */
  fail(error: unknown, message: string): void;
}

/**
 * SIGTERM and SIGINT ask for a stop; so does an error that nobody caught, for what it left behind is
 * unknown. A stop that takes longer than the grace time, and a second signal, end the process at once,
 * `alsoKill` before it.
 */
export function stopRequests(logger: Logger, graceMs: number, alsoKill: () => void = () => {}): StopRequests {
  let request!: (exitCode: number) => void;
  const requested = new Promise<number>((resolve) => {
    request = resolve;
  });
  let begun = false;
  const begin = (exitCode: number) => {
    if (begun) return;
    begun = true;
    setTimeout(() => {
      logger.fatal({}, 'the grace time is over: ended with requests unanswered');
      endAtOnce(alsoKill);
    }, graceMs).unref();
    request(exitCode);
  };
  const fail = (err: unknown, message: string) => {
    logger.fatal({ err }, message);
    begin(1);
  };
  let signalled = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (signalled) endAtOnce(alsoKill);
      signalled = true;
      logger.info({ signal }, 'stopping');
      begin(0);
    });
  }
  process.on('uncaughtException', (error) => fail(error, 'an error that nobody caught'));
  return { requested, begin, fail };
}

/** Without the handlers of an orderly exit, which abort with a core dump while a thread is inside the model. */
function endAtOnce(alsoKill: () => void): never {
  alsoKill();
  process.kill(process.pid, 'SIGKILL');
  // Reached in a container where this process is number 1: the kernel spares it its own SIGKILL.
  process.exit(1);
}
