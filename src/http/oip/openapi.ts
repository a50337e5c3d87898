import type { ErrorKind } from '../../errors.js';
import type { Manifest } from '../../model/manifest.js';
import type { Example } from '../examples.js';
import {
  errors,
  exchange,
  json,
  operation,
  OPTIONAL_KEY,
  SCORING_ERRORS,
  type ErrorForm,
  type OpenApiPart,
} from '../openapi/parts.js';
import { oipApi } from './api.js';
import { modelMetadata, serverMetadata } from './metadata.js';
import { HEADER_LENGTH } from './request.js';
import * as schemas from './schemas.js';

const form: ErrorForm = {
  api: oipApi,
  schema: 'InferenceError',
  examples: {
    invalid_request: { detail: 'Input text: the shape says 3 elements, data has 2.' },
    not_found: { detail: 'No such version of the model; served is 1.1.' },
    unsupported_media_type: {
      detail: 'Content-Encoding must be one of: gzip, deflate, br; or leave it out.',
    },
    not_implemented: { detail: 'Shared memory is not supported; send the data with the request.' },
  },
};

const DESCRIPTION = `\
The Open Inference Protocol (v2), for KServe and for clients of Triton and MLServer. Requests and answers may have binary
tensors behind their JSON; \`${HEADER_LENGTH}\` then says how many bytes are JSON. Any Content-Type will do, unknown
fields mean nothing, and any other path under \`/v2\` answers 404 in the same form.`;

/** What the Open Inference Protocol adds to the OpenAPI document. */
export function oipPart(manifest: Manifest): OpenApiPart {
  const { version } = manifest;
  const model = (path: string, suffix: string, parameters: readonly object[]) => {
    const missing: readonly ErrorKind[] = parameters.length > 0 ? ['not_found'] : [];
    const op = (id: string, summary: string) => ({
      ...operation('inference', `${id}${suffix}`, summary),
      ...(parameters.length > 0 ? { parameters } : {}),
    });
    return {
      [path]: {
        get: {
          ...op('modelMetadata', 'Versions, input and output of the model'),
          security: OPTIONAL_KEY,
          responses: {
            200: json('The metadata.', 'ModelMetadata', modelMetadata(manifest)),
            ...errors(['unauthorized', ...missing], form),
          },
        },
      },
      [`${path}/ready`]: {
        get: {
          ...op('modelReady', 'Does the model take requests?'),
          responses: {
            200: json('It does.', 'ModelReady', { name: schemas.MODEL_NAME, ready: true }),
            503: json('No longer: the server is being stopped.', 'ModelReady', {
              name: schemas.MODEL_NAME,
              ready: false,
            }),
            ...errors(missing, form),
          },
        },
      },
      [`${path}/infer`]: {
        post: { ...op('infer', 'Score comments'), ...inference(version, [...SCORING_ERRORS, ...missing]) },
      },
    };
  };
  const path = `/v2/models/${schemas.MODEL_NAME}`;
  const versionParameter = {
    name: 'version',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    example: version,
  };
  return {
    tags: [{ name: 'inference', description: DESCRIPTION }],
    paths: {
      '/v2': {
        get: {
          ...operation('inference', 'serverMetadata', 'What the server is'),
          responses: { 200: json('The metadata.', 'ServerMetadata', serverMetadata()) },
        },
      },
      '/v2/health/live': {
        get: {
          ...operation('inference', 'serverLive', 'Is the process alive?'),
          responses: { 200: json('It is.', 'ServerLive', { live: true }) },
        },
      },
      '/v2/health/ready': {
        get: {
          ...operation('inference', 'serverReady', 'Does it take requests?'),
          responses: {
            200: json('It does.', 'ServerReady', { ready: true }),
            503: json('No longer: it is being stopped.', 'ServerReady', { ready: false }),
          },
        },
      },
      ...model(path, '', []),
      ...model(`${path}/versions/{version}`, 'OfVersion', [versionParameter]),
    },
    schemas: {
      InferRequest: schemas.inferRequestSchema,
      InferResponse: schemas.inferResponseSchema,
      ServerMetadata: schemas.serverMetadataSchema,
      ModelMetadata: schemas.modelMetadataSchema,
      ServerLive: schemas.serverLiveSchema,
      ServerReady: schemas.serverReadySchema,
      ModelReady: schemas.modelReadySchema,
      InferenceError: schemas.inferenceErrorSchema,
    },
  };
}

/** As any exchange of JSON, and with binary tensors behind it. */
function inference(version: string, kinds: readonly ErrorKind[]): object {
  const { requestBody, responses, ...rest } = exchange('InferRequest', 'InferResponse', examples(version), {
    form,
    kinds: [...kinds, 'not_implemented'],
  });
  const answer = responses[200];
  return {
    ...rest,
    requestBody: {
      ...requestBody,
      content: { ...requestBody.content, ...binary('JSON with binary tensors behind it, or one text.') },
    },
    responses: {
      ...responses,
      200: { ...answer, content: { ...answer.content, ...binary('JSON with a binary tensor behind it.') } },
    },
  };
}

function binary(description: string): object {
  return {
    'application/octet-stream': {
      schema: { type: 'string', contentMediaType: 'application/octet-stream', description },
    },
  };
}

function examples(version: string): Record<string, Example<schemas.InferRequest, schemas.InferResponse>> {
  const [name, datatype] = [schemas.INPUT_NAME, 'BYTES'] as const;
  const answer = (shape: number[], data: number[]): schemas.InferResponse => ({
    model_name: schemas.MODEL_NAME,
    model_version: version,
    id: '42',
    outputs: [{ name: schemas.OUTPUT_NAME, shape, datatype: 'FP32', data }],
  });
  const texts = ['Отличный рецепт, приготовил на ужин', 'Иди отсюда, дебил конченый'];
  return {
    row: {
      summary: 'Two comments',
      request: { id: '42', inputs: [{ name, datatype, shape: [2], data: texts }] },
      response: answer([2], [0.01, 0.99]),
    },
    column: {
      summary: 'A column of comments',
      request: {
        id: '42',
        inputs: [{ name, datatype, shape: [2, 1], data: texts.map((text) => [text]) }],
        outputs: [{ name: schemas.OUTPUT_NAME }],
      },
      response: answer([2, 1], [0.01, 0.99]),
    },
  };
}
