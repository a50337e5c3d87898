// The client that Google's own Node library is made of, built from the discovery document of a server.
import { Discovery } from 'googleapis-common/build/src/discovery.js';

const { MODERATION_URL, KEY } = process.env;
const create = await new Discovery({}).discoverAPI(`${MODERATION_URL}/$discovery/rest?version=v1alpha1`);
const { comments } = create({ auth: KEY, version: 'v1alpha1' }, {});

const analysis = await comments.analyze({
  requestBody: {
    comment: { text: 'Ты тупой идиот, заткнись' },
    requestedAttributes: { TOXICITY: {} },
    languages: ['ru'],
  },
});
const suggestion = await comments.suggestscore({
  requestBody: {
    comment: { text: 'Спасибо за интересную статью!' },
    attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
    clientToken: 'т',
  },
});
const refused = await comments
  .analyze({ requestBody: { comment: { text: '' }, requestedAttributes: { TOXICITY: {} } } })
  .catch((error) => ({ message: error.message, status: error.status }));
console.log(JSON.stringify({ analysis: analysis.data, suggestion: suggestion.data, refused }));
