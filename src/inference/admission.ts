import { RutoxError } from '../errors.js';
import type { Clock } from './clock.js';

export interface Admission {
  /**
   * Takes a permit for each text of a request; the returned function gives them back, once.
   * @throws RutoxError `overloaded` when not all of them are free
   */
  acquire(texts: number): () => void;
}

const MAX_RETRY_AFTER_SECONDS = 60;
/** Weight of the newest observation in the moving average. */
const WEIGHT = 0.1;

/** Bounds the texts that are accepted and not yet answered. A request that does not fit is refused before any work. */
export function createAdmission(permits: number, clock: Clock): Admission {
  let free = permits;
  /** How long permits were held lately: about the time a full queue takes to clear. */
  let heldMs = 0;

  return {
    acquire(texts) {
      if (texts > free) {
        throw new RutoxError(
          'overloaded',
          'The server has as many texts waiting as it accepts; try again later.',
          {
            retryAfterSeconds: Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(heldMs / 1000))),
          },
        );
      }
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
