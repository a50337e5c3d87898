/** What `import … from 'rutox'` gives: the model in this process. `rutox/client` calls a server instead. */
export { createClassifier } from './classifier.js';
export type { Classifier, ClassifierOptions, ScoreOptions } from './classifier.js';
export type {
  ClassifyResponse,
  ExplainResponse,
  PolicyName,
  Span,
  Verdict,
  VerdictOptions,
} from './client/types.js';
export { RutoxError } from './errors.js';
