import type { Express, Request } from 'express';
import type { Feedback } from '../../feedback.js';
import { RutoxError } from '../../errors.js';
import { parseJson, readBody } from '../body.js';
import { perspectiveApi, PerspectiveError } from '../perspective/api.js';
import { requestedToxicity, TOXICITY } from '../perspective/attributes.js';
import { discoveryDocument } from '../perspective/discovery.js';
import {
  analyzeRequestSchema,
  normalised,
  suggestRequestSchema,
  type AnalyzeRequest,
  type Span,
  type SuggestRequest,
} from '../perspective/messages.js';
import { sentences } from '../perspective/sentences.js';
import { resource, type Handler } from '../resource.js';
import { sendJson } from '../respond.js';
import type { Limits } from '../schemas.js';
import type { Scoring } from '../scoring.js';
import { serverTiming } from '../server-timing.js';
import { compile } from '../validate.js';

interface Dependencies {
  readonly scoring: Scoring;
  readonly config: Limits & { readonly maxBodyBytes: number };
  /** Keeps suggestions; without it they are answered and dropped. */
  readonly feedback: Feedback | undefined;
}

/** The model reads one language, and does not ask which one a comment is in. */
const LANGUAGES = ['ru'];

/** Perspective's API, for clients that have it: `comments:analyze`, `comments:suggestscore`, and their discovery document. */
export function perspectiveRoutes(app: Express, { scoring, config, feedback }: Dependencies): void {
  const parseAnalyze = compile<AnalyzeRequest>(analyzeRequestSchema);
  const parseSuggest = compile<SuggestRequest>(suggestRequestSchema);
  // Some clients send JSON as another type, or as none.
  const read = async (request: Request) =>
    normalised(parseJson(await readBody(request, config.maxBodyBytes)));

  const analyze: Handler = async (request, response) => {
    const body = parseAnalyze(await read(request));
    checkContext(body);
    const { languages = LANGUAGES, clientToken, dropUnsupportedAttributes: drop = false } = body;
    const comment = await readComment(body, config);
    const asked = requestedToxicity(body.requestedAttributes ?? {}, { languages, drop });
    const token = clientToken === undefined ? {} : { clientToken };
    const rest = { languages, detectedLanguages: LANGUAGES, ...token };
    if (asked === undefined) return sendJson(response, 200, { attributeScores: {}, ...rest });

    const { text, begin, end } = comment;
    const parts = body.spanAnnotations === true ? sentences(text, Math.max(1, config.maxTexts - 1)) : [];
    // The score of a single sentence is that of the whole.
    const isDivided = parts.length > 1;
    const ranges = isDivided ? parts : [{ begin: 0, end: text.length }];
    const texts = isDivided ? [text, ...parts.map((part) => text.slice(part.begin, part.end))] : [text];
    const { verdicts, timings } = await scoring.score(request, response, texts, {});
    const [whole = 0, ...each] = verdicts.map(({ score }) => score);
    const spans = ranges.map((range, at): Span => ({
      begin: begin(range.begin),
      end: end(range.end),
      score: probability(isDivided ? each[at]! : whole),
    }));
    const attributeScores = scoresFrom(asked.scoreThreshold ?? 0, whole, spans);
    sendJson(response, 200, { attributeScores, ...rest }, serverTiming(timings));
  };
  resource(app, '/v1alpha1/comments:analyze', { POST: analyze }, scoring.guard(1), perspectiveApi);

  const suggest: Handler = async (request, response) => {
    const body = parseSuggest(await read(request));
    checkContext(body);
    const { text } = await readComment(body, config);
    const { attributeScores = {}, languages = LANGUAGES, clientToken, communityId } = body;
    if (Object.keys(attributeScores).length === 0) {
      throw new PerspectiveError('INVALID_REQUEST', 'Missing attribute_scores');
    }
    scoring.spend(request, response, 1);
    const suggestion = { time: new Date(), text, attributeScores, languages, communityId, clientToken };
    await feedback?.append(suggestion).catch((cause: unknown) => {
      throw new RutoxError('unavailable', 'The suggestion could not be kept; try again later.', {
        retryAfterSeconds: 1,
        cause,
      });
    });
    const token = clientToken === undefined ? {} : { clientToken };
    sendJson(response, 200, { ...token, detectedLanguages: LANGUAGES, requestedLanguages: languages });
  };
  resource(app, '/v1alpha1/comments:suggestscore', { POST: suggest }, scoring.guardCaller, perspectiveApi);

  const discover: Handler = (request, response) => {
    const origin = `${request.protocol}://${request.host ?? 'localhost'}`;
    sendJson(response, 200, discoveryDocument(origin));
  };
  resource(app, '/$discovery/rest', { GET: discover }, undefined, perspectiveApi);
}

interface Comment {
  readonly text: string;
  /** From places in the text to places in the comment as it was sent. */
  readonly begin: (index: number) => number;
  readonly end: (index: number) => number;
}

async function readComment(
  { comment }: AnalyzeRequest | SuggestRequest,
  { maxTextChars }: Limits,
): Promise<Comment> {
  const { text = '', type = 'PLAIN_TEXT' } = comment ?? {};
  if (!['PLAIN_TEXT', 'HTML', 'TEXT_TYPE_UNSPECIFIED'].includes(type)) {
    throw new PerspectiveError('INVALID_REQUEST', 'Unknown text type');
  }
  if (isLongerThan(text, maxTextChars))
    throw new PerspectiveError('COMMENT_TOO_LONG', 'Comment text too long.');
  const read = type === 'HTML' ? await readHtml(text) : { text, begin: here, end: here };
  if (!/\S/.test(read.text)) throw new PerspectiveError('COMMENT_EMPTY', 'Comment must be non-empty.');
  return read;
}

function here(index: number): number {
  return index;
}

/** The parser is loaded when HTML first comes: it would be a twentieth of a start. */
async function readHtml(html: string): Promise<Comment> {
  const { htmlToText } = await import('../perspective/html.js');
  return htmlToText(html);
}

/** In code points, as everywhere. */
function isLongerThan(text: string, limit: number): boolean {
  return text.length > limit && Array.from(text).length > limit;
}

function checkContext({ context = {} }: AnalyzeRequest | SuggestRequest): void {
  if (context.entries === undefined || context.articleAndParentComment === undefined) return;
  throw new PerspectiveError(
    'INVALID_REQUEST',
    'Context can have either entries or article_and_parent_comment, but both fields were populated.',
  );
}

/** What of the scores is not below the least that was asked for. */
function scoresFrom(least: number, summary: number, spans: readonly Span[]): object {
  const spanScores = spans.filter(({ score }) => score.value >= least);
  if (summary < least && spanScores.length === 0) return {};
  return { [TOXICITY]: { spanScores, ...(summary < least ? {} : { summaryScore: probability(summary) }) } };
}

function probability(value: number) {
  return { value, type: 'PROBABILITY' as const };
}
