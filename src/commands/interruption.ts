import { constants } from 'node:os';

/** A wish to stop (SIGINT, SIGTERM): what is under way is finished and written, nothing more is read. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, as shells count; undefined when nobody asked. */
  exitCode(): number | undefined;
  dispose(): void;
}

/** Listens for signals. A second one kills: threads that run a model cannot be ended in another way. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let code: number | undefined;
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    if (code !== undefined) process.kill(process.pid, 'SIGKILL');
    code = 128 + constants.signals[name];
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
