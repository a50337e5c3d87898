const FIRST_MS = 100;
export const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait before the next try, after `failures` failed ones: twice as long each time, up to 30 s.
 * Between half of that and all of it, by chance, so that processes that failed together do not try together.
 */
export function backOff(failures: number, random: () => number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return longest * (0.5 + random() / 2);
}
