import { nativeApi, type Api } from '../api.js';
import { sentence } from '../error-sentence.js';
import { errorTable } from '../error-table.js';
import type { InferenceError } from './schemas.js';

/** Errors as the Open Inference Protocol tells them: one sentence. */
export const oipApi: Api = {
  ...nativeApi,
  errorAnswer(error) {
    const status = error.kind === 'invalid_request' ? 400 : errorTable[error.kind].status;
    const body: InferenceError = { error: sentence(error) };
    return { status, contentType: 'application/json', body };
  },
};
