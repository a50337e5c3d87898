import { answerTo, serveEcho } from './echo.js';

/** `node:http` and nothing else: JSON in, JSON out. What no server on Node can be faster than. */
serveEcho((request, response) => {
  if (request.method === 'GET') {
    response.end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer = JSON.stringify(answerTo(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
