import type { SingleBar } from 'cli-progress';

/** What a person sees of a long run, on standard error. */
export interface Progress {
  /** @param done bytes of the input, @param rows records */
  update(done: number, rows: number): void;
  /** Writes a line without spoiling the bar. */
  say(line: string): void;
  stop(): void;
}

/** A bar by the bytes of the input on a terminal; nothing where nobody looks or the size is not known. */
export async function openProgress(size: number | undefined): Promise<Progress> {
  if (process.stderr.isTTY !== true || size === undefined) return silent;
  const { default: cliProgress } = await import('cli-progress');
  const started = performance.now();
  const bar: SingleBar = new cliProgress.SingleBar({
    format: '{bar} {percentage} % | {rows} rows | {rate} rows/s | {eta_formatted} left',
    stream: process.stderr,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    fps: 5,
    etaBuffer: 100,
  });
  bar.start(size, 0, { rows: 0, rate: '–' });
  return {
    update(done, rows) {
      const seconds = (performance.now() - started) / 1000;
      bar.update(done, {
        rows: rows.toLocaleString('en-US'),
        rate: Math.round(rows / seconds).toLocaleString('en-US'),
      });
    },
    say(line) {
      process.stderr.write(`\r\x1b[K${line}\n`);
    },
    stop: () => bar.stop(),
  };
}

const silent: Progress = {
  update() {},
  say: (line) => void process.stderr.write(`${line}\n`),
  stop() {},
};
