import type { Spending } from '../inference/rate-limit.js';
import type { MetricSnapshot } from '../metrics.js';

/** What crosses the border between the primary and a server process. */

/** From a server process to the primary. */
export type FromServer =
  | { readonly type: 'ready'; readonly port: number; readonly model: string }
  /** It cannot start; `message` is one line. */
  | { readonly type: 'failed'; readonly message: string; readonly isConfig: boolean }
  /** Somebody asked it for the metrics of the whole cluster. */
  | { readonly type: 'scrape'; readonly id: number }
  /** Its own metrics: asked for by `collect`, or its last words. */
  | { readonly type: 'metrics'; readonly snapshot: MetricSnapshot }
  | SpentMessage;

/** From the primary to a server process. */
export type ToServer =
  /** Answer what has been accepted, then end. */
  | { readonly type: 'drain' }
  | { readonly type: 'collect' }
  /** Answer to `scrape`. */
  | { readonly type: 'scraped'; readonly id: number; readonly body: string }
  | SpentMessage;

/** What callers were allowed by one process: the primary passes it on to the others. */
export interface SpentMessage {
  readonly type: 'spent';
  readonly spending: Spending;
}
