import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Express } from 'express';
import { packageRoot } from '../../package-root.js';
import { resource, type Handler } from '../resource.js';
import { send, sendNothing } from '../respond.js';
import type { Limits, PlaygroundConfig } from '../schemas.js';

interface Dependencies {
  readonly config: Limits & { readonly maxBodyBytes: number; readonly modelDir: string };
}

/** Everything comes from this server; nothing stands in the page itself but its icon. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.png', 'image/png'],
  ['.json', 'application/json'],
]);

/** The page at `/`, its files, and the plots of the served model; all read here, once. */
export function playgroundRoutes(app: Express, { config }: Dependencies): void {
  const folder = join(packageRoot, 'dist', 'playground');
  for (const name of filesIn(folder)) {
    const path = name === 'index.html' ? '/' : `/playground/${name}`;
    resource(app, path, { GET: file(name, readFileSync(join(folder, name))) });
  }

  // The model of a user may have none.
  const plotFolder = join(config.modelDir, 'plots');
  const plots = filesIn(plotFolder).filter((name) => /^[\w-]+\.png$/.test(name));
  for (const name of plots) {
    resource(app, `/playground/plots/${name}`, { GET: file(name, readFileSync(join(plotFolder, name))) });
  }

  const settings: PlaygroundConfig = {
    max_texts: config.maxTexts,
    max_text_chars: config.maxTextChars,
    max_body_bytes: config.maxBodyBytes,
    plots,
  };
  const name = 'config.json';
  resource(app, `/playground/${name}`, { GET: file(name, Buffer.from(JSON.stringify(settings))) });
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => TYPES.has(extname(name))) : [];
}

/** Browsers keep it, and ask each time whether it still holds: a server may be replaced by a newer one at any time. */
function file(name: string, content: Buffer): Handler {
  const type = TYPES.get(extname(name))!;
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  };
  return (request, response) => {
    const known = request.headers['if-none-match']?.split(/, */).map((tag) => tag.replace(/^W\//, ''));
    if (known?.includes(etag) === true) sendNothing(response, headers, 304);
    else send(response, 200, type, content, headers);
  };
}
