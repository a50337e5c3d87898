import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';

export interface Admission {
  /**
   * Takes a permit for each text of a request; the returned function gives them back, once.
   * @throws RutoxError `overloaded` when too few are free
   */
  acquire(texts: number): () => void;
  /** Throws what `acquire` would, and takes nothing. */
  check(texts: number): void;
}

/** The last 1/16 of the permits is for requests of one text: large requests cannot lock them out. */
const RESERVED_SHARE = 16;
const MAX_RETRY_AFTER_SECONDS = 60;
/** Weight of the newest observation in the moving average. */
const WEIGHT = 0.1;

/** Bounds the texts that are accepted and not yet answered. A request that does not fit is refused before any work. */
export function createAdmission(permits: number, clock: Clock): Admission {
  let free = permits;
  const reserve = Math.floor(permits / RESERVED_SHARE);
  /** How long permits were held lately: about the time a full queue takes to clear. */
  let heldMs = 0;

  function check(texts: number): void {
    // An idle server takes whatever fits: the largest request that the settings allow must have its time.
    const forOthers = texts > 1 && free < permits ? reserve : 0;
    if (texts > free - forOthers) {
      throw new RutoxError(
        'overloaded',
        'So many texts wait that these do not fit; try again later, or with fewer texts.',
        {
          retryAfterSeconds: Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(heldMs / 1000))),
        },
      );
    }
  }

  return {
    check,
    acquire(texts) {
      check(texts);
      free -= texts;
      const since = clock.now();
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        free += texts;
        heldMs += WEIGHT * (clock.now() - since - heldMs);
      };
    },
  };
}
