import type { Express } from 'express';
import { RutoxError } from '../../errors.js';
import type { Manifest } from '../../model/manifest.js';
import type { Guard } from '../authenticate.js';
import { resource, type Handler } from '../resource.js';
import { sendJson } from '../respond.js';
import type { ModelCard, ModelList } from '../schemas.js';

/** What is served, as a model card. One model today; a list, so that a second one breaks no client. */
export function modelRoutes(
  app: Express,
  { manifest }: { readonly manifest: Manifest },
  guard?: Guard,
): void {
  const card = toCard(manifest);

  const list: Handler = (_request, response) => sendJson<ModelList>(response, 200, { models: [card] });
  resource(app, '/v1/models', { GET: list }, guard);

  const one: Handler = (request, response) => {
    if (request.params['version'] !== card.version) {
      throw new RutoxError('not_found', `No such model version; served is ${card.version}.`);
    }
    sendJson<ModelCard>(response, 200, card);
  };
  resource(app, '/v1/models/{version}', { GET: one }, guard);
}

export function toCard(manifest: Manifest): ModelCard {
  const {
    version,
    created,
    git_commit,
    labels,
    model,
    default_policy,
    policies,
    curve,
    metrics,
    dataset,
    files,
  } = manifest;
  return {
    version,
    created,
    git_commit,
    labels,
    served: model.served,
    default_policy,
    policies,
    ...(curve === undefined ? {} : { curve }),
    metrics,
    dataset,
    files,
  };
}
