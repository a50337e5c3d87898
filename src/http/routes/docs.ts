import type { Express, Response } from 'express';
import swaggerUi from 'swagger-ui-express';
import { notFound } from '../error-handler.js';
import { resource } from '../resource.js';
import { SECURITY_HEADERS, send } from '../respond.js';

/** Everything comes from this server; the styles that the page and React write in place are all it may have beside that. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json` and Swagger UI at `/docs/`, which needs no other host. */
export function docsRoutes(app: Express, openApiDocument: object): void {
  const document = JSON.stringify(openApiDocument);
  resource(app, '/openapi.json', {
    GET: (_request, response) => send(response, 200, 'application/json', document),
  });

  // Relative addresses, so that the page also works behind a proxy that serves rutox under a prefix.
  const options = {
    customSiteTitle: 'rutox',
    swaggerUrl: '../openapi.json',
    // Without this the page would send the document to validator.swagger.io.
    swaggerOptions: { validatorUrl: null, tryItOutEnabled: true },
  };
  const page = swaggerUi.generateHTML(undefined, options);

  resource(app, '/docs', {
    GET(_request, response) {
      send(response, 308, 'text/plain; charset=utf-8', 'See docs/\n', { Location: 'docs/' });
    },
  });
  resource(app, '/docs/', {
    GET(_request, response) {
      send(response, 200, 'text/html; charset=utf-8', page, {
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      });
    },
  });

  // The page's own files alone: the package has more, among them a page that asks petstore.swagger.io.
  const assets = new Set([...page.matchAll(/(?:src|href)="\.(\/[^"]+)"/g)].map(([, path]) => path));
  app.use(
    '/docs',
    (request, response, next) => {
      if (!assets.has(request.path)) notFound();
      labelAsset(response);
      next();
    },
    ...swaggerUi.serveFiles(undefined, options),
  );
}

function labelAsset(response: Response): void {
  const { context } = response.locals;
  context.route = '/docs/*';
  response.setHeader('X-Request-Id', context.id);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}
