/** What the command line says with its exit code. */
export const EXIT = { done: 0, failed: 1, usage: 2, badRows: 3 } as const;

const MEANINGS = {
  done: '  0    done',
  stopped: '  0    stopped as asked',
  failed: '  1    failed, with the reason in one line',
  usage: '  2    a wrong option, setting or file',
  badRows: '  3    done, but some records could not be used',
  interrupted: '  130  interrupted by SIGINT, 143 by SIGTERM; the rows that were written are whole',
} as const;

/** The part of a help text about exit codes. */
export function exitCodesHelp(...names: readonly (keyof typeof MEANINGS)[]): string {
  return `Exit codes:\n${names.map((name) => MEANINGS[name]).join('\n')}\n`;
}
