import { beforeEach, describe, expect, it } from '@jest/globals';
import { StartError, type Exit, type ServerProcess, type Started } from '../../src/cluster/server-process.js';
import { createSupervisor, type Supervisor } from '../../src/cluster/supervisor.js';
import { ConfigError } from '../../src/config.js';
import { FakeClock } from '../fixtures/fake-clock.js';

/** A server process that does what the test says. The real ones are in test/integration and test/faults. */
class FakeProcess implements ServerProcess {
  readonly ready: Promise<Started>;
  readonly exited: Promise<Exit>;
  drains = 0;
  kills = 0;
  becomeReady!: () => Promise<void>;
  failToStart!: (error: Error) => Promise<void>;
  end!: (exit?: Exit) => Promise<void>;

  constructor(readonly pid: number) {
    this.ready = new Promise((resolve, reject) => {
      this.becomeReady = () => settled(() => resolve({ port: 8000, model: `model of ${pid}` }));
      this.failToStart = (error) => settled(() => reject(error));
    });
    this.exited = new Promise((resolve) => {
      this.end = (exit = { code: 0, signal: null }) => settled(() => resolve(exit));
    });
    this.ready.catch(() => {});
  }

  drain(): void {
    this.drains++;
  }

  kill(): void {
    this.kills++;
    void this.end({ code: null, signal: 'SIGKILL' });
  }

  send(): void {}
}

/** Does something and lets everything that waits for it go on. */
async function settled(action: () => void = () => {}): Promise<void> {
  action();
  await new Promise((resolve) => setImmediate(resolve));
}

const CRASH: Exit = { code: null, signal: 'SIGSEGV' };

let clock: FakeClock;
let processes: FakeProcess[];
let events: string[];
let supervisor: Supervisor;

const fork = () => {
  const process = new FakeProcess(processes.length + 1);
  processes.push(process);
  return process;
};

beforeEach(() => {
  clock = new FakeClock();
  processes = [];
  events = [];
  supervisor = createSupervisor({
    clock,
    random: () => 1,
    onEnded: (pid, { code, signal }, delayMs) =>
      events.push(`${pid} ended with ${signal ?? code}, ${delayMs} ms`),
    onReplaced: (pid) => events.push(`${pid} is a replacement`),
    onStartFailed: ({ message }, delayMs) => events.push(`${message}, ${delayMs} ms`),
    onHopeless: ({ message }) => events.push(`hopeless: ${message}`),
  });
});

async function startTwo(): Promise<void> {
  const started = supervisor.start(2, fork);
  for (const process of processes) await process.becomeReady();
  await started;
}

async function advance(ms: number): Promise<void> {
  await settled(() => clock.advance(ms));
}

describe('start', () => {
  it('starts all at once and resolves when all are ready', async () => {
    let isStarted = false;
    const started = supervisor.start(3, fork).then(() => (isStarted = true));
    expect(processes).toHaveLength(3);
    await processes[2]!.becomeReady();
    await processes[0]!.becomeReady();
    expect(isStarted).toBe(false);
    await processes[1]!.becomeReady();
    await started;
    expect(supervisor.serving()).toEqual(processes);
  });

  it('leaves no process behind when one of them cannot start', async () => {
    const started = supervisor.start(2, fork);
    started.catch(() => {});
    await processes[0]!.becomeReady();
    await processes[1]!.failToStart(new StartError('vocab.json: no such file', true));
    await expect(started).rejects.toThrow('vocab.json: no such file');
    expect(processes.map(({ kills }) => kills)).toEqual([1, 1]);
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('a process that ends unasked', () => {
  it('is replaced after a wait that doubles with each end in a row', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    expect(supervisor.serving()).toEqual([processes[1]]);
    await advance(99);
    expect(processes).toHaveLength(2);
    await advance(1);
    await processes[2]!.becomeReady();
    await processes[2]!.end({ code: 1, signal: null });
    await advance(200);
    await processes[3]!.becomeReady();
    expect(events).toEqual([
      '1 ended with SIGSEGV, 100 ms',
      '3 is a replacement',
      '3 ended with 1, 200 ms',
      '4 is a replacement',
    ]);
    expect(supervisor.serving()).toEqual([processes[3], processes[1]]);
  });

  it('does not pay for old failures after it has run for long', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    await advance(100);
    await processes[2]!.becomeReady();
    await advance(30_001);
    await processes[2]!.end(CRASH);
    expect(events.at(-1)).toBe('3 ended with SIGSEGV, 100 ms');
  });

  it('is tried again for ever while another one serves', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    for (let tries = 0; tries < 20; tries++) {
      await advance(30_000);
      await processes.at(-1)!.failToStart(new StartError('manifest.json: broken', true));
    }
    expect(processes).toHaveLength(22);
    expect(events.at(-1)).toBe('manifest.json: broken, 30000 ms');
    expect(events.some((event) => event.startsWith('hopeless'))).toBe(false);
  });
});

describe('hope', () => {
  it('ends at once when nobody serves and a process says why it cannot start', async () => {
    await startTwo();
    for (const process of processes.slice()) await process.end(CRASH);
    await advance(100);
    await processes[2]!.failToStart(new ConfigError('RUTOX_API_KEYS_FILE: no such file'));
    expect(events.at(-1)).toBe('hopeless: RUTOX_API_KEYS_FILE: no such file');
  });

  it('ends after five starts in a row that fail without a word, when nobody serves', async () => {
    await startTwo();
    for (const process of processes.slice()) await process.end(CRASH);
    for (let tries = 0; tries < 5; tries++) {
      expect(events.some((event) => event.startsWith('hopeless'))).toBe(false);
      await advance(30_000);
      // Both places try; only one of them is needed here.
      await processes.at(-1)!.failToStart(new StartError('ended with SIGKILL', false));
    }
    expect(events.at(-1)).toBe('hopeless: ended with SIGKILL');
  });
});

describe('reload', () => {
  it('has each new process ready before an old one drains, one at a time', async () => {
    await startTwo();
    const reloaded = supervisor.reload(2, fork);
    await settled();
    expect(processes).toHaveLength(3);
    expect(processes[0]!.drains).toBe(0);
    await processes[2]!.becomeReady();
    expect(processes.map(({ drains }) => drains)).toEqual([1, 0, 0]);
    expect(processes).toHaveLength(3);
    await processes[0]!.end();
    expect(processes).toHaveLength(4);
    await processes[3]!.becomeReady();
    expect(processes[1]!.drains).toBe(1);
    await processes[1]!.end();
    expect((await reloaded).model).toBe('model of 3');
    expect(supervisor.serving()).toEqual([processes[2], processes[3]]);
    expect(events).toEqual([]);
  });

  it('leaves the old processes alone when the new one cannot start', async () => {
    await startTwo();
    const reloaded = supervisor.reload(2, fork);
    reloaded.catch(() => {});
    await settled();
    await processes[2]!.failToStart(new StartError('cnn_int8.onnx: 3 bytes', true));
    await expect(reloaded).rejects.toThrow('cnn_int8.onnx: 3 bytes');
    expect(supervisor.serving()).toEqual([processes[0], processes[1]]);
    expect(processes.map(({ drains }) => drains)).toEqual([0, 0, 0]);
  });

  it('starts and ends processes when their number changes', async () => {
    await startTwo();
    const grown = supervisor.reload(3, fork);
    await settled();
    await processes[2]!.becomeReady();
    await processes[0]!.end();
    await processes[3]!.becomeReady();
    await processes[1]!.end();
    await processes[4]!.becomeReady();
    await grown;
    expect(supervisor.serving().map(({ pid }) => pid)).toEqual([3, 4, 5]);

    const shrunk = supervisor.reload(1, fork);
    await settled();
    await processes[5]!.becomeReady();
    await processes[2]!.end();
    expect(processes.slice(3, 5).map(({ drains }) => drains)).toEqual([1, 1]);
    await processes[3]!.end();
    await processes[4]!.end();
    await shrunk;
    expect(supervisor.serving().map(({ pid }) => pid)).toEqual([6]);
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('fills the place of a process that was waiting for its replacement', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    const reloaded = supervisor.reload(1, fork);
    await settled();
    await processes[2]!.becomeReady();
    await processes[1]!.end();
    await reloaded;
    await advance(60_000);
    expect(processes).toHaveLength(3);
    expect(supervisor.serving()).toEqual([processes[2]]);
  });

  it('gives up a replacement that was slower than itself', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    await advance(100);
    const reloaded = supervisor.reload(2, fork);
    await settled();
    await processes[3]!.becomeReady();
    await processes[2]!.becomeReady();
    expect(processes[2]!.drains).toBe(1);
    await processes[4]!.becomeReady();
    await processes[1]!.end();
    await reloaded;
    expect(supervisor.serving()).toEqual([processes[3], processes[4]]);
  });
});

describe('stop', () => {
  it('drains all, waits for them and says whether they ended in order', async () => {
    await startTwo();
    const stopped = supervisor.stop();
    expect(processes.map(({ drains }) => drains)).toEqual([1, 1]);
    await processes[0]!.end();
    await processes[1]!.end();
    expect(await stopped).toBe(true);
    expect(events).toEqual([]);
  });

  it('is not in order when a process failed', async () => {
    await startTwo();
    const stopped = supervisor.stop();
    await processes[0]!.end();
    await processes[1]!.end({ code: 1, signal: null });
    expect(await stopped).toBe(false);
  });

  it('calls replacements off and ends the process that a reload is starting', async () => {
    await startTwo();
    await processes[0]!.end(CRASH);
    const reloaded = supervisor.reload(2, fork);
    reloaded.catch(() => {});
    await settled();
    const stopped = supervisor.stop();
    expect(clock.pending).toBe(0);
    await processes[1]!.end();
    await processes[2]!.becomeReady();
    expect(processes[2]!.drains).toBeGreaterThan(0);
    await processes[2]!.end();
    await expect(reloaded).rejects.toThrow('being stopped');
    expect(await stopped).toBe(true);
    expect(processes).toHaveLength(3);
  });
});

describe('kill', () => {
  it('ends every process, those that start included', async () => {
    await startTwo();
    supervisor.reload(2, fork).catch(() => {});
    await settled();
    supervisor.kill();
    expect(processes.map(({ kills }) => kills)).toEqual([1, 1, 1]);
  });
});
