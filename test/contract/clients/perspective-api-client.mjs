// npm's perspective-api-client, whose host is fixed, sent to a server of ours as docs/migrating-from-perspective.md shows.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
// The axios of that package, which need not be the application's own.
const axios = createRequire(require.resolve('perspective-api-client'))('axios');
axios.interceptors.request.use((config) => {
  config.url = config.url.replace('https://commentanalyzer.googleapis.com', process.env.MODERATION_URL);
  return config;
});

const Perspective = require('perspective-api-client');
const perspective = new Perspective({ apiKey: process.env.KEY });

const analysis = await perspective.analyze('Ты <b>тупой</b> идиот, заткнись');
const refused = await perspective
  .analyze('ок', { attributes: ['toxicity', 'insult'] })
  .catch(({ name, message, response }) => ({ name, message, status: response.status }));
console.log(JSON.stringify({ analysis, refused }));
