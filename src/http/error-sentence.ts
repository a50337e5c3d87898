import type { RutoxError } from '../errors.js';

/** Violations that a sentence has room for. */
const MAX_VIOLATIONS = 3;

/** An error in one sentence, for APIs whose errors have no list of violations: `input[3] must be a string.` */
export function sentence({ message, violations }: RutoxError): string {
  if (violations.length === 0) return message;
  const told = violations.slice(0, MAX_VIOLATIONS).map((each) => `${placeOf(each.pointer)} ${each.message}`);
  const untold = violations.length - told.length;
  return `${told.join('; ')}${untold > 0 ? `; and ${untold} more` : ''}.`;
}

/** `/input/3/text` as `input[3].text`. */
export function placeOf(pointer: string): string {
  if (pointer === '') return 'The body';
  return pointer
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
}
