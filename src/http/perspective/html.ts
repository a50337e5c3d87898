import { Parser } from 'htmlparser2';

/** The words of a piece of HTML, and where each UTF-16 unit of them stands in it. */
export interface HtmlText {
  readonly text: string;
  /** The place in the HTML of the unit `index` of the text. */
  readonly begin: (index: number) => number;
  /** The place in the HTML after the unit before `index`. */
  readonly end: (index: number) => number;
}

/** Elements that do not break a word: `ду<b>ра</b>к` is read as one. All others separate what stands before and after. */
const INLINE = new Set(
  'a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);

/** Elements whose content nobody reads. */
const UNREAD = new Set(['script', 'style', 'template', 'title']);

/** Strips a comment in HTML to what a reader sees: entities decoded, markup, scripts and styles left out. Never fails. */
export function htmlToText(html: string): HtmlText {
  let text = '';
  let unread = 0;
  const begins: number[] = [];
  const ends: number[] = [];

  const parser = new Parser({
    ontext(piece) {
      if (unread > 0) return;
      const { startIndex, endIndex } = parser;
      // An entity comes as a piece of its own, whose units all stand for the whole of it.
      const isVerbatim = endIndex - startIndex + 1 === piece.length;
      for (let at = 0; at < piece.length; at += 1) {
        begins.push(isVerbatim ? startIndex + at : startIndex);
        ends.push(isVerbatim ? startIndex + at + 1 : endIndex + 1);
      }
      text += piece;
    },
    onopentagname(name) {
      if (UNREAD.has(name)) unread += 1;
      separate(name);
    },
    onclosetag(name) {
      if (UNREAD.has(name)) unread -= 1;
      separate(name);
    },
  });

  function separate(name: string): void {
    if (INLINE.has(name)) return;
    text += '\n';
    begins.push(parser.startIndex);
    ends.push(parser.startIndex);
  }

  parser.end(html);
  return {
    text,
    begin: (index) => begins[index] ?? html.length,
    end: (index) => (index === 0 ? 0 : (ends[index - 1] ?? html.length)),
  };
}
