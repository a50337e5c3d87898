import { tokenize, type Token } from '../text/tokenize.js';

/** A part of a text that speaks for its being toxic. */
export interface Span {
  /** The part [begin, end) of the text as it was typed, in UTF-16 units. */
  readonly begin: number;
  readonly end: number;
  /** Its share of the score, above 0: what all spans contribute adds up to the score, or to less where small ones are left out. */
  readonly contribution: number;
}

export interface Explanation {
  readonly score: number;
  /** The one that counts most comes first. They do not overlap. */
  readonly spans: readonly Span[];
}

/** Scores of texts, in their order. */
export type Score = (texts: readonly string[]) => Promise<readonly number[]>;

export interface ExplanationPlan {
  /** Most texts that `run` has scored in all, the explained one included. */
  readonly texts: number;
  run(score: Score): Promise<Explanation>;
}

/** How the model cuts a long text, in tokens: `text` of its manifest. */
export interface WindowSettings {
  readonly window_tokens: number;
  readonly window_overlap: number;
  readonly close_reading?: {
    readonly above_tokens: number;
    readonly window_tokens: number;
    readonly window_overlap: number;
  };
}

/** A part of the text, in UTF-16 units. */
interface Part {
  readonly begin: number;
  readonly end: number;
}

/** Texts that an explanation has scored at most, the explained one included. */
export const MOST_TEXTS = 65;
/** Parts among which the worst one is looked for at once. */
const FAN_OUT = 16;
/** Spans with a smaller share of the score are left out. */
const SMALLEST_SHARE = 0.01;
/** Scores are 32-bit floats: nearer to 0 and 1 their odds mean nothing. */
const NEAREST = 1e-7;

/**
 * Plans the explanation of a score by occlusion: what its words say by themselves, and what is lost without them. Of a
 * long text the window is explained that the model found worst, for it alone gave the score. With fewer texts the
 * spans are coarser, with one there are none.
 */
export function planExplanation(
  text: string,
  settings: WindowSettings,
  mostTexts = MOST_TEXTS,
): ExplanationPlan {
  const tokens = tokenize(text);
  const { close_reading: closely } = settings;
  const isReadClosely = closely !== undefined && tokens.length > closely.above_tokens;
  const { window_tokens: size, window_overlap: overlap } = isReadClosely ? closely : settings;
  const step = size - overlap;
  const windows = Math.max(1, Math.ceil((tokens.length - overlap) / step));
  const words = wordsOf(text, tokens);
  const most = Math.min(MOST_TEXTS, mostTexts) - 1;
  const passes = windows > 1 ? most : Math.min(most, PASSES_PER_PART * words.length);

  return {
    texts: 1 + passes,
    async run(score) {
      const [whole = 0] = await score([text]);
      if (words.length === 0 || whole === 0) return { score: whole, spans: [] };
      const found = await worstWindow(whole, score);
      const inside = words.filter(({ begin, end }) => begin >= found.part.begin && end <= found.part.end);
      const parts = await weighWords(text, found.part, inside, found.score, passes - found.passes, score);
      return { score: whole, spans: shares(parts, whole) };
    },
  };

  /**
   * Narrows the text down to its worst window. Runs of windows that begin where the model's do are cut by it into
   * the same windows, so that the worst run holds the worst one.
   */
  async function worstWindow(whole: number, score: Score) {
    let [from, to] = [0, windows];
    let [part, worst, spent]: [Part, number, number] = [{ begin: 0, end: text.length }, whole, 0];
    while (to - from > 1 && passes - spent >= FAN_OUT + PASSES_PER_PART) {
      const length = Math.ceil((to - from) / FAN_OUT);
      const starts = Array.from({ length: Math.ceil((to - from) / length) }, (_, i) => from + i * length);
      const parts = starts.map((start) => runOfWindows(start, Math.min(start + length, to)));
      const scores = await score(parts.map(({ begin, end }) => text.slice(begin, end)));
      const best = scores.indexOf(Math.max(...scores));
      [from, to] = [starts[best]!, Math.min(starts[best]! + length, to)];
      [part, worst, spent] = [parts[best]!, scores[best]!, spent + parts.length];
    }
    return { part, score: worst, passes: spent };
  }

  function runOfWindows(from: number, to: number): Part {
    const first = Math.min(from * step, tokens.length - size);
    const last = Math.min((to - 1) * step + size, tokens.length) - 1;
    return { begin: tokens[first]!.start, end: tokens[last]!.end };
  }
}

/** The tokens that a reader would call words; signs only where there is nothing else. */
function wordsOf(text: string, tokens: readonly Token[]): Part[] {
  const words: Part[] = [];
  for (const { text: name, start, end } of tokens) {
    if (/^\p{P}+$/u.test(name)) continue;
    const last = words.at(-1);
    if (last !== undefined && isSpelledOn(text, last, { begin: start, end })) {
      words.splice(-1, 1, { begin: last.begin, end });
    } else words.push({ begin: start, end });
  }
  return words.length > 0 ? words : tokens.map(({ start, end }) => ({ begin: start, end }));
}

/** `д.ура.к`: single letters that hang on their neighbours by signs belong to one word, whatever the model makes of it. */
function isSpelledOn(text: string, last: Part, next: Part): boolean {
  const isLetter = ({ begin, end }: Part) => end - begin === 1;
  return (isLetter(last) || isLetter(next)) && /^[\p{P}\p{S}]{1,3}$/u.test(text.slice(last.end, next.begin));
}

interface Weighed extends Part {
  /** In log-odds; above 0 it speaks for the text being toxic. */
  readonly evidence: number;
}

/** Scores that weighing a part takes. */
const PASSES_PER_PART = 2;

/** Weighs each word. More words than passes: neighbours first go together, and the worst groups are then taken apart. */
async function weighWords(
  text: string,
  window: Part,
  words: readonly Part[],
  whole: number,
  passes: number,
  score: Score,
): Promise<Weighed[]> {
  /**
   * What is lost without a part, and what it says by itself: of two insults either may be taken out and the score
   * hardly falls, and a threat of harmless words says nothing in pieces.
   */
  const weigh = async (parts: readonly Part[]): Promise<Weighed[]> => {
    // A blank stays, or the neighbours would become one word.
    const without = parts.map(
      ({ begin, end }) => `${text.slice(window.begin, begin)} ${text.slice(end, window.end)}`,
    );
    const alone = parts.map(({ begin, end }) => text.slice(begin, end));
    const scores = await score([...without, ...alone]);
    return parts.map(({ begin, end }, i) => {
      const lost = logOdds(whole) - logOdds(scores[i]!);
      const said = logOdds(scores[parts.length + i]!);
      return { begin, end, evidence: Math.max(0, lost) + Math.max(0, said) };
    });
  };

  const parts = Math.floor(passes / PASSES_PER_PART);
  if (words.length <= parts) return weigh(words);
  const size = Math.ceil((2 * words.length) / parts);
  const groups = Array.from({ length: Math.ceil(words.length / size) }, (_, i) =>
    words.slice(i * size, (i + 1) * size),
  );
  const together = await weigh(groups.map((group) => ({ begin: group[0]!.begin, end: group.at(-1)!.end })));
  const order = groups.map((_, i) => i).toSorted((a, b) => together[b]!.evidence - together[a]!.evidence);
  const refined = order.slice(0, Math.floor((parts - groups.length) / size));
  const apart = await weigh(refined.flatMap((i) => groups[i]!));
  return [...apart, ...order.slice(refined.length).map((i) => together[i]!)];
}

/** Deals the score out to the parts by their evidence; the largest share comes first. */
function shares(parts: readonly Weighed[], score: number): Span[] {
  const total = parts.reduce((sum, { evidence }) => sum + evidence, 0);
  return parts
    .filter(({ evidence }) => evidence > 0 && evidence / total >= SMALLEST_SHARE)
    .map(({ begin, end, evidence }) => ({ begin, end, contribution: (score * evidence) / total }))
    .toSorted((a, b) => b.contribution - a.contribution);
}

function logOdds(score: number): number {
  const bounded = Math.min(1 - NEAREST, Math.max(NEAREST, score));
  return Math.log(bounded / (1 - bounded));
}
