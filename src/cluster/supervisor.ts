import { ConfigError } from '../config.js';
import type { Clock } from '../inference/clock.js';
import { backOff, LONGEST_MS } from './back-off.js';
import { StartError, type Exit, type ServerProcess, type Started } from './server-process.js';

export type Fork = () => ServerProcess;

export interface SupervisorEvents {
  /** A server process ended though nobody asked it to. The next start is tried after `delayMs`. */
  readonly onEnded: (pid: number, exit: Exit, delayMs: number) => void;
  readonly onReplaced: (pid: number) => void;
  readonly onStartFailed: (error: Error, delayMs: number) => void;
  /** No server process is left and none can be started. */
  readonly onHopeless: (error: Error) => void;
}

export interface SupervisorOptions extends SupervisorEvents {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export interface Supervisor {
  /**
   * Starts `count` server processes at once.
   * @throws StartError or ConfigError when one of them cannot start; none is left then
   */
  start(count: number, fork: Fork): Promise<Started>;
  /**
   * Replaces the server processes one by one: a new one is ready before an old one drains.
   * @throws StartError or ConfigError when a new one cannot start; the old ones that are left stay
   */
  reload(count: number, fork: Fork): Promise<Started>;
  /** Drains all processes. Resolves when all are gone, with whether each of them ended in order. */
  stop(): Promise<boolean>;
  /** Ends all processes at once. */
  kill(): void;
  /** The processes that serve. */
  serving(): ServerProcess[];
}

/** The place of one server process. */
interface Slot {
  process?: ServerProcess | undefined;
  readySince: number;
  /** Ends and failed starts in a row. */
  failures: number;
  cancelRestart: () => void;
}

/** Failed starts in a row after which, with no process left, there is no hope. */
const MOST_FAILED_STARTS = 5;

/** Keeps a number of server processes running. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, random, onEnded, onReplaced, onStartFailed, onHopeless } = options;
  const slots: Slot[] = [];
  const alive = new Set<ServerProcess>();
  let stopping = false;
  let failedStarts = 0;
  /** How the processes that serve were started: a replacement gets the same settings. */
  let fork: Fork;

  async function launch(how: Fork): Promise<{ process: ServerProcess; started: Started }> {
    if (stopping) throw new StartError('the server is being stopped', false);
    const process = how();
    alive.add(process);
    void process.exited.then(() => alive.delete(process));
    const started = await process.ready;
    failedStarts = 0;
    // It heard nothing of the stop if that came before it listened to its primary.
    if (stopping) process.drain();
    return { process, started };
  }

  function adopt(slot: Slot, process: ServerProcess): void {
    slot.cancelRestart();
    slot.process = process;
    slot.readySince = clock.now();
    void process.exited.then((exit) => {
      // Otherwise it was replaced, and its end is no surprise.
      if (slot.process !== process) return;
      slot.process = undefined;
      if (stopping) return;
      if (clock.now() - slot.readySince > LONGEST_MS) slot.failures = 0;
      onEnded(process.pid, exit, restartLater(slot));
    });
  }

  function restartLater(slot: Slot): number {
    const delayMs = backOff(slot.failures++, random);
    let isWanted = true;
    const stopTimer = clock.after(delayMs, () => void restart(slot, () => isWanted));
    slot.cancelRestart = () => {
      isWanted = false;
      stopTimer();
    };
    return delayMs;
  }

  async function restart(slot: Slot, isWanted: () => boolean): Promise<void> {
    let launched;
    try {
      launched = await launch(fork);
    } catch (error) {
      if (stopping || !isWanted()) return;
      failedStarts++;
      if (isHopeless(error as Error)) onHopeless(error as Error);
      else onStartFailed(error as Error, restartLater(slot));
      return;
    }
    // A reload was faster.
    if (stopping || !isWanted()) return launched.process.drain();
    adopt(slot, launched.process);
    onReplaced(launched.process.pid);
  }

  function isHopeless(error: Error): boolean {
    if (serving().length > 0) return false;
    const isFinal = error instanceof ConfigError || (error instanceof StartError && error.isFinal);
    return isFinal || failedStarts >= MOST_FAILED_STARTS;
  }

  function serving(): ServerProcess[] {
    return slots.flatMap(({ process }) => process ?? []);
  }

  function emptySlot(): Slot {
    const slot: Slot = { readySince: 0, failures: 0, cancelRestart: () => {} };
    slots.push(slot);
    return slot;
  }

  function kill(): void {
    for (const process of alive) process.kill();
  }

  return {
    serving,
    kill,

    async start(count, how) {
      fork = how;
      try {
        const launched = await Promise.all(Array.from({ length: count }, () => launch(how)));
        for (const { process } of launched) adopt(emptySlot(), process);
        return launched[0]!.started;
      } catch (error) {
        stopping = true;
        kill();
        await Promise.all([...alive].map(({ exited }) => exited));
        throw error;
      }
    },

    async reload(count, how) {
      let first: Started | undefined;
      for (let place = 0; place < count; place++) {
        const { process, started } = await launch(how);
        fork = how;
        first ??= started;
        const slot = slots[place] ?? emptySlot();
        const old = slot.process;
        slot.failures = 0;
        adopt(slot, process);
        old?.drain();
        await old?.exited;
      }
      const surplus = slots.splice(count).flatMap((slot) => {
        slot.cancelRestart();
        const { process } = slot;
        slot.process = undefined;
        return process ?? [];
      });
      for (const process of surplus) process.drain();
      await Promise.all(surplus.map(({ exited }) => exited));
      return first!;
    },

    async stop() {
      stopping = true;
      for (const { cancelRestart } of slots) cancelRestart();
      for (const process of alive) process.drain();
      const exits = await Promise.all([...alive].map(({ exited }) => exited));
      return exits.every(({ code }) => code === 0);
    },
  };
}
