import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { htmlToText } from '../../../src/http/perspective/html.js';

describe('htmlToText', () => {
  test.each([
    ['ты <b>тупой</b>', 'ты тупой'],
    ['ду<i>ра</i>к', 'дурак'],
    ['раз<br>два<p>три', 'раз два три'],
    ['1 &lt; 2 &amp;&#1076;', '1 < 2 &д'],
    ['<script>плохо()</script>хорошо<style>b{}</style>', 'хорошо'],
    ['<!-- тайное -->явное', 'явное'],
    ['5 < 7 и 3 <3', '5 < 7 и 3 <3'],
    ['<a href="дурак">ссылка', 'ссылка'],
    ['', ''],
  ])('%j', (html, text) => {
    expect(htmlToText(html).text.trim().replaceAll(/\s+/g, ' ')).toBe(text);
  });

  test('knows where each word stood', () => {
    const html = '<p>ты &amp; <b>тупой</b></p>';
    const { text, begin, end } = htmlToText(html);
    const place = (word: string) => {
      const at = text.indexOf(word);
      return html.slice(begin(at), end(at + word.length));
    };
    expect(place('тупой')).toBe('тупой');
    expect(place('&')).toBe('&amp;');
    expect(place('ты & тупой')).toBe('ты &amp; <b>тупой');
  });

  test('takes whatever comes, and places never lead out of it', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '&',
      ';',
      '/',
      'p',
      '<b>',
      '</b>',
      '&amp',
      '&#x',
      '<!--',
      'ы',
      '😀',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((all) => all.join('')),
        ),
        (html) => {
          const { text, begin, end } = htmlToText(html);
          let last = 0;
          for (let at = 0; at < text.length; at += 1) {
            expect(begin(at)).toBeGreaterThanOrEqual(last);
            last = begin(at);
            expect(end(at + 1)).toBeGreaterThanOrEqual(begin(at));
            expect(end(at + 1)).toBeLessThanOrEqual(html.length);
          }
        },
      ),
    );
  });
});
