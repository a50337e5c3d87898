import express from 'express';
import { answerTo, serveEcho } from './echo.js';

/** Express as its guide shows it, with all its defaults: JSON in, JSON out. */
const app = express();
app.use(express.json());
app.get('/', (_request, response) => {
  response.end();
});
app.post('/v1/classify', (request, response) => {
  response.json(answerTo(request.body));
});
serveEcho(app);
