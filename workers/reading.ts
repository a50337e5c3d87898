import type { Manifest } from '../src/model/manifest.js';
import type { Encoded } from '../src/text/encode.js';
import { windows, type Window } from '../src/text/windows.js';

/** The windows of one text. */
export interface Reading {
  /** As long as the comments that the network was trained on. */
  readonly wide: readonly Window[];
  /** A few words each, of a long text only. */
  readonly close: readonly Window[];
}

/**
 * How a text is read that is longer than a window. An insult in its last sentence must count, so its worst window
 * speaks for the whole. In a long text it still drowns among the harmless words of its window; so a long text is read
 * once more a few words at a time. Those windows are many, and few words are easily misread: what they say is
 * discounted (`text.close_reading` of the manifest).
 */
export interface Reader {
  read(text: Encoded): Reading;
  /** The score of a text from the probabilities of its windows, the wide ones first; 0 for a text without tokens. */
  scoreOf(reading: Reading, probabilities: Float32Array): number;
}

const NONE: readonly Window[] = [];

/** The reader of a model, by `text` of its manifest. */
export function createReader(settings: Manifest['text']): Reader {
  const { window_tokens: size, window_overlap: overlap, close_reading: closely } = settings;
  const odds = Math.exp(closely?.discount ?? 0);

  return {
    read(text) {
      const tokens = text.starts.length - 1;
      return {
        wide: windows(text, size, overlap),
        close:
          closely !== undefined && tokens > closely.above_tokens
            ? windows(text, closely.window_tokens, closely.window_overlap)
            : NONE,
      };
    },

    scoreOf({ wide, close }, probabilities) {
      let worst = 0;
      let at = 0;
      for (; at < wide.length; at++) worst = Math.max(worst, probabilities[at]!);
      for (; at < wide.length + close.length; at++) {
        // The same as taking the discount off its log-odds.
        const said = probabilities[at]!;
        worst = Math.max(worst, said / (said + (1 - said) * odds));
      }
      return worst;
    },
  };
}
