/**
 * The health check of the image, which has no curl: exits with 0 if the server in this container answers
 * that it is ready, else with 1. Prints the answer, for `docker inspect` shows it.
 */
import { get } from 'node:http';

const setting = (name) => (process.env[name] ?? '').trim();
const host = setting('HOST');

get(
  {
    host: ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host,
    port: setting('PORT') || 8000,
    path: '/readyz',
    // A little less than the time limit of the check, so that it can still say why it failed.
    signal: AbortSignal.timeout(2500),
  },
  (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    response.pipe(process.stdout);
  },
).on('error', ({ message }) => {
  console.log(message);
  process.exitCode = 1;
});
