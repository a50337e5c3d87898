/**
 * The messages of the native API, as the server's OpenAPI document describes them. Written out, so that they
 * can be read where they are used and need no package; `test/client/operations.test.ts` holds them equal to the
 * schemas that the server validates with.
 */

/** An operating point measured on validation data: recall first, best F1, precision first. */
export type PolicyName = 'premoderate' | 'balanced' | 'autoban';

/** What decides between toxic and not. Without both the model's default policy does. */
export interface VerdictOptions {
  /** A text is toxic when its score is greater than this, 0 to 1. Wins over `policy`. */
  threshold?: number;
  policy?: PolicyName;
}

/** What became of one text. */
export interface Verdict {
  /** Whether `toxic_score` is greater than the threshold. */
  is_toxic: boolean;
  /** Calibrated probability that a reader finds the text toxic, 0 to 1. */
  toxic_score: number;
}

/** Answer for one text. */
export interface ClassifyResponse extends Verdict {
  threshold: number;
  /** Version of the model that answered. */
  model: string;
}

/** Answer for several texts. */
export interface BatchResponse {
  /** One for each text, in their order. */
  results: Verdict[];
  threshold: number;
  /** Version of the model that answered. */
  model: string;
}

/** A part of a text that speaks for its being toxic. */
export interface Span {
  /** Where it begins in the text as it was given, in UTF-16 units, as JavaScript counts. */
  begin: number;
  /** Where it ends; exclusive. */
  end: number;
  /** Its share of `toxic_score`. */
  contribution: number;
}

/** Answer for one text, with the reasons; the heaviest first. */
export interface ExplainResponse extends ClassifyResponse {
  spans: Span[];
}

/** A policy's threshold, and its precision and recall on validation data. */
export interface OperatingPoint {
  threshold: number;
  precision: number;
  recall: number;
  [other: string]: unknown;
}

/** A model that is served: how good it is and where it comes from. */
export interface ModelCard {
  version: string;
  /** When it was trained (ISO 8601). */
  created: string;
  /** The commit of rutox that trained it. */
  git_commit: string;
  labels: string[];
  /** Which of the two twins answers. */
  served: 'fp32' | 'int8';
  default_policy: PolicyName;
  policies: Record<PolicyName, OperatingPoint>;
  /** Figures on the held-back test split, such as `macro_f1` and `auc`. */
  metrics: Record<'fp32' | 'int8', Record<string, number>>;
  dataset: {
    name: string;
    sha256: string;
    rows: Record<'total' | 'train' | 'validation' | 'test', number>;
  };
  /** Every file of the model directory. */
  files: Record<string, { sha256: string; bytes: number }>;
}

/** Answer of `GET /v1/models`. */
export interface ModelList {
  models: ModelCard[];
}

/** Answer of `GET /livez`. */
export interface Liveness {
  status: 'alive';
}

/** Answer of `GET /readyz`: `draining` while the server is being stopped. */
export interface Readiness {
  status: 'ready' | 'draining';
}

/** An error as the server tells it (RFC 9457). */
export interface Problem {
  /** `urn:rutox:problem:` and the kind of error. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The request id, as in `X-Request-Id` and in the server's log. */
  instance: string;
  /** With 422: every rule that the body breaks. */
  errors?: { pointer: string; detail: string }[];
}
