import { PerspectiveError } from './api.js';
import type { AttributeParameters } from './messages.js';

/** The one attribute that the model scores. */
export const TOXICITY = 'TOXICITY';

/** What Perspective offers beside it, for Russian or for other languages; no number is made up for these. */
const OTHERS = new Set([
  'SEVERE_TOXICITY',
  'IDENTITY_ATTACK',
  'INSULT',
  'PROFANITY',
  'THREAT',
  'SEXUALLY_EXPLICIT',
  'FLIRTATION',
  'ATTACK_ON_AUTHOR',
  'ATTACK_ON_COMMENTER',
  'INCOHERENT',
  'INFLAMMATORY',
  'LIKELY_TO_REJECT',
  'OBSCENE',
  'SPAM',
  'UNSUBSTANTIAL',
]);

/** Only what looks like an attribute is repeated in an error: anything else could be a misplaced comment. */
const ATTRIBUTE_NAME = /^[A-Z][A-Z_]{0,39}$/;

/**
 * What was asked of TOXICITY; undefined if it was not asked for, or no more when what is not supported is dropped.
 * @throws PerspectiveError for the first attribute that cannot be had: clients take that one out and ask again
 */
export function requestedToxicity(
  requested: Readonly<Record<string, AttributeParameters>>,
  { languages, drop }: { readonly languages: readonly string[]; readonly drop: boolean },
): AttributeParameters | undefined {
  const names = Object.keys(requested);
  if (names.length === 0) {
    throw new PerspectiveError('NO_REQUESTED_ATTRIBUTES', 'Missing requested_attributes');
  }
  for (const name of names) {
    if (name === TOXICITY) checkScoreType(requested[name]!);
    else if (!isKnown(name)) throw new PerspectiveError('INVALID_REQUEST', unknown(name));
    else if (!drop) throw notSupported(name, languages);
  }
  return requested[TOXICITY];
}

function isKnown(name: string): boolean {
  return OTHERS.has(name.replace(/_EXPERIMENTAL$/, '')) || name === `${TOXICITY}_EXPERIMENTAL`;
}

function unknown(name: string): string {
  return ATTRIBUTE_NAME.test(name)
    ? `Unknown requested attribute: ${name}`
    : 'Unknown requested attribute, whose name is not of the form A_NAME';
}

function notSupported(attribute: string, languages: readonly string[]): PerspectiveError {
  return new PerspectiveError(
    'LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE',
    `Attribute ${attribute} does not support request languages: ${languages.join(',')}`,
    { languageNotSupportedByAttributeError: { detectedLanguages: languages, attribute } },
  );
}

function checkScoreType({ scoreType = 'PROBABILITY' }: AttributeParameters): void {
  if (scoreType === 'PROBABILITY' || scoreType === 'SCORE_TYPE_UNSPECIFIED') return;
  throw new PerspectiveError(
    'INVALID_REQUEST',
    `Requested score type ${scoreType} is not supported by attribute ${TOXICITY}`,
  );
}
