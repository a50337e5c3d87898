import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOfModel } from '../../test/fixtures/model-dir.js';
import { packageRoot } from '../../src/package-root.js';
import { scrape } from './metrics.js';
import { until, withServer } from './server.js';
import { startTraffic, tally } from './traffic.js';

export interface ReloadOptions {
  readonly seed: number;
  /** How often SIGHUP is sent, each time when the reload before is done. */
  readonly times: number;
}

export interface ReloadReport {
  /** What was answered, over kept connections and over one for each request: while all went well … */
  readonly kept: Record<string, number>;
  readonly fresh: Record<string, number>;
  /** … and while the model directory was damaged. */
  readonly damaged: Record<string, number>;
  readonly reloadMs: readonly number[];
  /** Exit codes of `rutox reload` with the damaged directory, and with a good one again. */
  readonly exitCodes: readonly (number | null)[];
  /** `rutox_reloads_total` at the end. */
  readonly counted: { readonly done: number; readonly failed: number };
  /** The log names the damaged file. */
  readonly logged: boolean;
  /** The server processes were still the same after the reloads that failed. */
  readonly stayed: boolean;
}

/** On a machine that has other work: two processes start, one after the other. */
const RELOADED_WITHIN_MS = 180_000;

/** Rolling reloads under load, then some that must fail, then one that works again. */
export async function reload({ seed, times }: ReloadOptions): Promise<ReloadReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rutox-faults-'));
  const modelDir = copyOfModel();
  const control = join(folder, 'control');
  const settings = { RUTOX_MODEL_DIR: modelDir, RUTOX_CONTROL_SOCKET: control };
  try {
    return await withServer({ RUTOX_PROCESSES: '2', RUTOX_THREADS: '1', ...settings }, async (server) => {
      const load = { clients: 6, texts: 8, pauseMs: 30 };
      const lines = (message: string) => server.output().split(`"msg":"${message}`).length - 1;
      const said = (message: string, often: number) =>
        until(() => lines(message) >= often, RELOADED_WITHIN_MS, `"${message}" ${often} times in the log`);

      const kept = await startTraffic(server.port, { ...load, keepAlive: true, seed });
      const fresh = await startTraffic(server.port, { ...load, keepAlive: false, seed: seed + 1 });
      const reloadMs: number[] = [];
      for (let done = 1; done <= times; done++) {
        const before = performance.now();
        server.kill('SIGHUP');
        await said('reload done', done);
        reloadMs.push(Math.round(performance.now() - before));
      }
      const keptOutcomes = await kept.stop();
      const freshOutcomes = await fresh.stop();

      const old = server.children();
      const whileDamaged = await startTraffic(server.port, { ...load, keepAlive: false, seed: seed + 2 });
      renameSync(join(modelDir, 'vocab.json'), join(modelDir, 'vocab.good'));
      writeFileSync(join(modelDir, 'vocab.json'), '{}');
      server.kill('SIGHUP');
      await said('reload failed', 1);
      const exitCodes = [await reloadCommand(control)];
      // The one that could not start may not be quite gone.
      const now = server.children();
      const stayed = old.every((pid) => now.includes(pid));
      renameSync(join(modelDir, 'vocab.good'), join(modelDir, 'vocab.json'));
      exitCodes.push(await reloadCommand(control));
      const damaged = tally(await whileDamaged.stop());

      const samples = await scrape(server.port);
      const counted = (result: string) => samples.get(`rutox_reloads_total{result="${result}"}`) ?? 0;
      return {
        kept: tally(keptOutcomes),
        fresh: tally(freshOutcomes),
        damaged,
        reloadMs,
        exitCodes,
        counted: { done: counted('done'), failed: counted('failed') },
        logged: /"reload failed/.test(server.output()) && /vocab\.json: 2 bytes/.test(server.output()),
        stayed,
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(modelDir, { recursive: true });
  }
}

async function reloadCommand(control: string): Promise<number | null> {
  const main = join(packageRoot, 'dist', 'src', 'main.js');
  const env = { PATH: process.env['PATH'], RUTOX_CONTROL_SOCKET: control };
  const [code] = (await once(spawn(process.execPath, [main, 'reload'], { env }), 'close')) as [number | null];
  return code;
}
