import { check } from 'k6';
import http from 'k6/http';
import { nextComment, nextComments } from './comments.ts';
import { options as all } from './options.ts';
import { BASE_URL, classify, classifyBatch } from './rutox.ts';

export { handleSummary } from './summary.ts';

/** Does everything answer? One user, a few seconds: after every deployment. */
export const options = all(
  { smoke: { executor: 'per-vu-iterations', vus: 1, iterations: 20, maxDuration: '1m' } },
  { rutox_refused: ['rate==0'], 'http_req_duration{name:classify}': ['p(95)<250'] },
);

export default function smoke(): void {
  classify(nextComment());
  classifyBatch(nextComments(16));
  for (const path of ['/livez', '/readyz', '/v1/models', '/openapi.json']) {
    check(http.get(`${BASE_URL}${path}`, { tags: { name: path } }), {
      [path]: ({ status }) => status === 200 || (path === '/v1/models' && status === 401),
    });
  }
}
