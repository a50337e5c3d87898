/** Time as the engine sees it: monotonic, so that a corrected wall clock expires nothing. Tests pass a fake. */
export interface Clock {
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** Calls `action` once after `ms`; the returned function calls it off. */
  readonly after: (ms: number, action: () => void) => () => void;
  /** Calls `action` once the events at hand are done. */
  readonly soon: (action: () => void) => void;
}

export const systemClock: Clock = {
  soon: setImmediate,
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
