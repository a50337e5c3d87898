import type { Manifest } from '../../model/manifest.js';
import { packageVersion } from '../../package-root.js';
import type { Limits } from '../schemas.js';
import { oipPart } from '../oip/openapi.js';
import { openAiPart } from '../openai/openapi.js';
import { perspectivePart } from '../perspective/openapi.js';
import { nativePart } from './native.js';
import type { OpenApiPart } from './parts.js';

const DESCRIPTION = `\
Moderation of Russian-language comments: text in, calibrated toxicity and a verdict out.

**Requests** are JSON in UTF-8 (\`Content-Type: application/json\`), at most as large as the server's settings allow;
\`Content-Encoding\` may be gzip, deflate or br, and the limit then holds for the inflated body too. Unknown fields are
refused. Query strings mean nothing. The three APIs that rutox speaks for the sake of their clients (perspective, openai, inference)
are more lenient; their parts say how.

**API keys** are asked for under \`/v1\`, \`/v1alpha1\` and \`/v2\` where the server has a file of them, as \`Authorization: Bearer\` or as \`X-API-Key\`.
Where it has none, a key is ignored.

**Answers** carry \`X-Request-Id\`: the one of the request if it has one of 1 to 128 letters, digits or \`. _ ~ -\`,
else a new one.

**Errors** are problem documents (RFC 9457), or what the clients of those three APIs know. Beside the ones listed with each operation every path answers 405 with
\`Allow\` to other methods, and any path but these, \`/docs/\` and the page at \`/\` answers 404. What is no HTTP/1.1 gets 400 (\`malformed_http\`), what does not arrive
in time 408 (\`request_timeout\`), headers above 16 KiB 431 (\`headers_too_large\`), a connection too many 503
(\`too_many_connections\`); all of these close the connection. No error quotes the request.

While the server is being stopped its answers carry \`Connection: close\`.`;

/** The OpenAPI 3.1 document: made of the schemas that validate and the table that errors are answered by. */
export function openApiDocument(manifest: Manifest, limits: Limits): object {
  const parts: readonly OpenApiPart[] = [
    nativePart(manifest, limits),
    perspectivePart(),
    openAiPart(manifest, limits),
    oipPart(manifest),
  ];
  return {
    openapi: '3.1.0',
    info: {
      title: 'rutox',
      version: packageVersion(),
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document, so that it holds behind a proxy that serves rutox under a prefix.
    servers: [{ url: '.' }],
    tags: parts.flatMap(({ tags }) => tags),
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)) as object,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, if the server asks for one.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key.' },
        queryKey: {
          type: 'apiKey',
          in: 'query',
          name: 'key',
          description: 'The same key, for clients of Perspective.',
        },
      },
      schemas: Object.assign({}, ...parts.map(({ schemas }) => schemas)) as object,
      headers: {
        RequestId: { description: 'The id of the request, for the log.', schema: { type: 'string' } },
        ServerTiming: {
          description: 'Milliseconds spent in `tokenize`, `queue` and `inference` (W3C Server Timing).',
          schema: { type: 'string' },
          example: 'tokenize;dur=0.031, queue;dur=0.118, inference;dur=0.702',
        },
        RetryAfter: {
          description: 'Whole seconds after which a new try makes sense.',
          schema: { type: 'integer', minimum: 0 },
        },
        WwwAuthenticate: { description: 'How to present a key.', schema: { const: 'Bearer' } },
      },
    },
  };
}
