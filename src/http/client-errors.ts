import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { RutoxError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { errorTable } from './error-table.js';
import { sayAndClose } from './last-words.js';

interface Reporters {
  readonly metrics: Pick<Metrics, 'rejected'>;
  readonly logger: Logger;
}

/** The client closed the connection, perhaps in the middle of a request. */
const HAS_LEFT = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

/** Answers what is no HTTP, or does not arrive in time, with a problem document, and closes the connection. */
export function answerClientErrors(server: Server, { metrics, logger }: Reporters): void {
  server.on('clientError', (thrown: NodeJS.ErrnoException, socket: Duplex) => {
    // Gone, or answered before: the parser repeats itself while more of the same comes in.
    if (!socket.writable) return;
    if (thrown.code !== undefined && HAS_LEFT.has(thrown.code)) {
      socket.destroy();
      return;
    }
    const error = describe(thrown.code);
    // The answer that Node has under way on this connection; its own default handler looks there, too.
    const { _httpMessage: response } = socket as { _httpMessage?: ServerResponse };
    if (!response) {
      metrics.rejected(error.kind);
      const requestId = sayAndClose(socket, error);
      logger.info(
        { requestId, status: errorTable[error.kind].status, kind: error.kind },
        'unreadable request',
      );
    } else if (isReadingBody(response.req)) {
      // The handler waits for the body: it fails there, and is answered, counted and logged as any request.
      response.req.emit('error', error);
    } else {
      // Behind a request that is being answered: an answer to this would be taken for an answer to that.
      socket.destroy();
    }
  });
}

function isReadingBody(request: IncomingMessage): boolean {
  return !request.complete && request.listenerCount('error') > 0;
}

function describe(code: string | undefined): RutoxError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RutoxError('request_timeout', 'The request did not arrive in time; send it at once.');
    case 'HPE_HEADER_OVERFLOW':
      return new RutoxError(
        'headers_too_large',
        'The headers have more than 16 KiB; send fewer or shorter ones.',
      );
    default:
      return new RutoxError('malformed_http', 'What was sent cannot be read as an HTTP/1.1 request.');
  }
}
