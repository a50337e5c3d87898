import type { RutoxError } from '../../errors.js';
import { nativeApi, type Api } from '../api.js';
import { placeOf, sentence } from '../error-sentence.js';
import { errorTable } from '../error-table.js';
import type { OpenAiError } from './schemas.js';

/** Errors as OpenAI tells them, so that its clients raise what they would there. */
export const openAiApi: Api = {
  ...nativeApi,
  errorAnswer(error, request) {
    const status = error.kind === 'invalid_request' ? 400 : errorTable[error.kind].status;
    const isKeyMissing = error.kind === 'unauthorized' && nativeApi.keyOf(request) === undefined;
    const body: OpenAiError = { error: isKeyMissing ? KEY_MISSING : describe(error, status) };
    return { status, contentType: 'application/json', body };
  },
};

type Description = OpenAiError['error'];

const INVALID = { type: 'invalid_request_error', param: null } as const;

const KEY_MISSING: Description = {
  message: 'You didn\'t provide an API key. Send one of this server as "Authorization: Bearer KEY".',
  ...INVALID,
  code: null,
};

function describe(error: RutoxError, status: number): Description {
  const message = sentence(error);
  switch (error.kind) {
    case 'unauthorized':
      return {
        message: 'Incorrect API key provided: this server does not know it.',
        ...INVALID,
        code: 'invalid_api_key',
      };
    case 'invalid_request':
      return describeInvalid(error, message);
    case 'rate_limited':
      return { message, type: 'requests', param: null, code: 'rate_limit_exceeded' };
    default:
      return {
        message,
        type: status >= 500 ? 'server_error' : INVALID.type,
        param: null,
        code: error.kind,
      };
  }
}

function describeInvalid({ violations: [first] }: RutoxError, message: string): Description {
  const param = first === undefined || first.pointer === '' ? null : placeOf(first.pointer);
  if (param === 'input' && first?.message === 'is required') {
    return {
      message: "Missing required parameter: 'input'.",
      type: INVALID.type,
      param,
      code: 'missing_required_parameter',
    };
  }
  return { message, type: INVALID.type, param, code: 'invalid_value' };
}
