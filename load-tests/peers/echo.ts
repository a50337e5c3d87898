import cluster from 'node:cluster';
import { createServer, type RequestListener } from 'node:http';

/** An answer as long as rutox's; nothing was scored for it. */
export function answerTo(body: unknown): object {
  if (typeof (body as { text?: unknown } | undefined)?.text !== 'string') throw new TypeError('no text');
  return { is_toxic: false, toxic_score: 0.123456, threshold: 0.3999, model: '1.0' };
}

/** Serves on `PORT` in `ECHO_PROCESSES` processes under a primary, as `node:cluster` shares them out. */
export function serveEcho(listener: RequestListener): void {
  const processes = Number(process.env['ECHO_PROCESSES']);
  if (cluster.isPrimary && processes > 1) {
    for (let index = 0; index < processes; index += 1) cluster.fork();
    process.on('SIGTERM', () => process.exit());
    return;
  }
  createServer(listener).listen(Number(process.env['PORT']), '127.0.0.1');
}
