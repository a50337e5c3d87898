import type { Express } from 'express';
import { RutoxError } from '../../errors.js';
import type { Moderation } from '../../inference/moderator.js';
import type { Manifest } from '../../model/manifest.js';
import type { Guard } from '../authenticate.js';
import { readBody } from '../body.js';
import { oipApi } from '../oip/api.js';
import { modelMetadata, serverMetadata } from '../oip/metadata.js';
import { HEADER_LENGTH, inferenceReader, type Inference } from '../oip/request.js';
import {
  MODEL_NAME,
  OUTPUT_NAME,
  type InferResponse,
  type ModelReady,
  type ServerLive,
  type ServerReady,
} from '../oip/schemas.js';
import { float32 } from '../oip/tensors.js';
import { resource, type Handler } from '../resource.js';
import { send, sendJson } from '../respond.js';
import type { Limits } from '../schemas.js';
import type { Scoring } from '../scoring.js';
import { serverTiming } from '../server-timing.js';

interface Dependencies {
  readonly scoring: Scoring;
  readonly manifest: Manifest;
  readonly config: Limits & { readonly maxBodyBytes: number };
  readonly isDraining: () => boolean;
  readonly guard: Guard | undefined;
}

/** The Open Inference Protocol (v2), as KServe, Triton and their clients speak it. */
export function oipRoutes(app: Express, deps: Dependencies): void {
  const { isDraining, guard, manifest } = deps;
  // Whatever lies under /v2, errors of Express' router included, is told in this form.
  app.use('/v2', (_request, response, next) => {
    response.locals.context.api = oipApi;
    next();
  });
  const get = (path: string, handler: Handler, guarded?: Guard) =>
    resource(app, path, { GET: handler }, guarded, oipApi);

  get('/v2', (_request, response) => sendJson(response, 200, serverMetadata()));
  get('/v2/health/live', (_request, response) => sendJson<ServerLive>(response, 200, { live: true }));
  get('/v2/health/ready', (_request, response) =>
    sendJson<ServerReady>(response, isDraining() ? 503 : 200, { ready: !isDraining() }),
  );

  const metadata: Handler = (_request, response) => sendJson(response, 200, modelMetadata(manifest));
  const ready: Handler = (_request, response) =>
    sendJson<ModelReady>(response, isDraining() ? 503 : 200, { name: MODEL_NAME, ready: !isDraining() });
  const infer = inferHandler(deps);

  const model = (path: string, wrap: (handler: Handler) => Handler) => {
    get(path, wrap(metadata), guard);
    get(`${path}/ready`, wrap(ready));
    resource(app, `${path}/infer`, { POST: wrap(infer) }, deps.scoring.guard(1), oipApi);
  };
  model(MODEL, (handler) => handler);
  model(`${MODEL}/versions/{version}`, (handler) => (request, response) => {
    if (request.params['version'] !== manifest.version) {
      throw new RutoxError('not_found', `No such version of the model; served is ${manifest.version}.`);
    }
    return handler(request, response);
  });

  app.use('/v2', () => {
    throw new RutoxError(
      'not_found',
      `No such path or model; the model is ${MODEL_NAME}, version ${manifest.version}.`,
    );
  });
}

const MODEL = `/v2/models/${MODEL_NAME}`;

function inferHandler({ scoring, config }: Dependencies): Handler {
  const read = inferenceReader(config);
  return async (request, response) => {
    const header = request.headers[HEADER_LENGTH.toLowerCase()];
    // Whatever the Content-Type: the protocol's own clients send none.
    const body = await readBody(request, config.maxBodyBytes);
    const inference = read(body, typeof header === 'string' ? header : undefined);
    const moderation = await scoring.score(request, response, inference.texts, {});
    const timing = serverTiming(moderation.timings);
    const scores = moderation.verdicts.map(({ score }) => score);
    if (!inference.isBinary) {
      sendJson(response, 200, inferResponse(inference, moderation, { data: scores }), timing);
      return;
    }
    const bytes = float32(scores);
    const tensor = { parameters: { binary_data_size: bytes.length } };
    const json = Buffer.from(JSON.stringify(inferResponse(inference, moderation, tensor)));
    send(response, 200, 'application/octet-stream', Buffer.concat([json, bytes]), {
      ...timing,
      [HEADER_LENGTH]: json.length,
    });
  };
}

type OutputTensor = InferResponse['outputs'][number];

function inferResponse(
  { id, shape }: Inference,
  { model }: Moderation,
  tensor: Pick<OutputTensor, 'data' | 'parameters'>,
): InferResponse {
  return {
    model_name: MODEL_NAME,
    model_version: model,
    ...(id === undefined ? {} : { id }),
    outputs: [{ name: OUTPUT_NAME, shape: [...shape], datatype: 'FP32', ...tensor }],
  };
}
