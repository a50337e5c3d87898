/** Examples for the OpenAPI document, written for it. The scores show the shape; the verdicts are the model's own. */
import type { ErrorKind, Violation } from '../errors.js';
import type { Manifest } from '../model/manifest.js';
import type {
  BatchRequest,
  BatchResponse,
  ClassifyRequest,
  ClassifyResponse,
  ExplainRequest,
  ExplainResponse,
} from './schemas.js';

export interface Example<Request, Response> {
  readonly summary: string;
  readonly request: Request;
  readonly response: Response;
}

type Options = Pick<ClassifyRequest, 'threshold' | 'policy'>;

export function classifyExamples(
  manifest: Manifest,
): Record<string, Example<ClassifyRequest, ClassifyResponse>> {
  const example = (summary: string, request: ClassifyRequest, score: number) => {
    const threshold = thresholdOf(manifest, request);
    return {
      summary,
      request,
      response: { is_toxic: score > threshold, toxic_score: score, threshold, model: manifest.version },
    };
  };
  return {
    insult: example('An insult', { text: 'Ты тупой идиот, заткнись' }, 0.99),
    thanks: example('A friendly comment', { text: 'Спасибо за интересную статью!' }, 0.01),
    policy: example(
      'Scored under a named policy',
      { text: 'Завтра обещают дождь, возьмите зонт', policy: 'premoderate' },
      0.01,
    ),
    threshold: example(
      'Scored with a threshold of your own',
      { text: 'Сдохни, мразь', threshold: 0.6 },
      0.99,
    ),
  };
}

export function explainExamples(
  manifest: Manifest,
): Record<string, Example<ExplainRequest, ExplainResponse>> {
  const request: ExplainRequest = { text: 'Ну ты д.е.б.и.л, честное слово' };
  const spans = [{ begin: 6, end: 15, contribution: 0.98 }];
  const threshold = thresholdOf(manifest, request);
  const verdict = { is_toxic: true, toxic_score: 0.98, threshold, model: manifest.version };
  return { disguised: { summary: 'An insult in disguise', request, response: { ...verdict, spans } } };
}

export function batchExamples(manifest: Manifest): Record<string, Example<BatchRequest, BatchResponse>> {
  const request: BatchRequest = {
    texts: ['Отличный рецепт, приготовил на ужин', 'Иди отсюда, дебил конченый', '👍👍👍'],
    policy: 'balanced',
  };
  const threshold = thresholdOf(manifest, request);
  const results = [0.01, 0.99, 0].map((score) => ({ is_toxic: score > threshold, toxic_score: score }));
  return {
    comments: {
      summary: 'Three comments; the last one has no words',
      request,
      response: { results, threshold, model: manifest.version },
    },
  };
}

function thresholdOf({ policies, default_policy }: Manifest, { threshold, policy }: Options): number {
  return threshold ?? policies[policy ?? default_policy].threshold;
}

export type ErrorExamples = Partial<
  Record<ErrorKind, { readonly detail: string; readonly violations?: readonly Violation[] }>
>;

/** What `detail` and `errors` look like, for the kinds of error that an operation of the document names. */
export const problemExamples: ErrorExamples = {
  malformed_json: { detail: 'The body is not valid JSON (at character 17).' },
  unauthorized: { detail: 'This server does not know the API key.' },
  not_found: { detail: 'No such model version; served is 1.1.' },
  body_too_large: {
    detail:
      'The body has more than 2097152 bytes; send fewer texts in one request (RUTOX_MAX_BODY_BYTES sets the limit).',
  },
  unsupported_media_type: { detail: 'Content-Type must be application/json.' },
  invalid_request: {
    detail: 'The body breaks 2 rules: see errors.',
    violations: [
      {
        pointer: '/txt',
        message: 'is not a known field; the known ones are: text, threshold, policy, explain',
      },
      { pointer: '/text', message: 'is required' },
    ],
  },
  rate_limited: {
    detail: 'The limit is 50 texts a second, at most 128 at once; try again after the time in Retry-After.',
  },
  overloaded: { detail: 'The queue is full; try again after the time in Retry-After.' },
  unavailable: { detail: 'The texts could not be scored, in two tries; try again later.' },
  deadline_exceeded: { detail: 'The answer was not ready within 10000 ms.' },
  internal: { detail: 'An unexpected error; the log of the server has more under this request id.' },
};
