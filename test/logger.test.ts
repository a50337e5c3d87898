import { describe, expect, it } from '@jest/globals';
import { RutoxError } from '../src/errors.js';
import { createLogger, type LogFields, type Logger } from '../src/logger.js';

const COMMENT = 'ты тупой идиот';

function capture(level: 'info' | 'debug' = 'info'): {
  logger: Logger;
  lines: () => Record<string, unknown>[];
  raw: () => string;
} {
  const chunks: string[] = [];
  const logger = createLogger(level, { write: (chunk: string) => chunks.push(chunk) });
  const raw = () => chunks.join('');
  return {
    logger,
    raw,
    lines: () =>
      raw()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('createLogger', () => {
  it('writes one JSON line with the fields it knows', () => {
    const { logger, lines } = capture();
    logger.info(
      { requestId: 'abc', method: 'POST', route: '/v1/classify', status: 200, durationMs: 1.5 },
      'request',
    );
    expect(lines()).toMatchObject([
      {
        level: 30,
        requestId: 'abc',
        method: 'POST',
        route: '/v1/classify',
        status: 200,
        durationMs: 1.5,
        msg: 'request',
      },
    ]);
  });

  it('writes the line of a request as pino writes any line', () => {
    const { logger, lines } = capture();
    const fields = {
      requestId: 'a-1',
      method: 'POST',
      route: '/v1/models/{version}',
      status: 422,
      durationMs: 0.125,
    };
    const more = { traceId: 'ab12', key: 'shop', texts: 3, kind: 'invalid_request' };
    logger.request('info', { ...fields, ...more });
    logger.request('info', {
      ...fields,
      traceId: undefined,
      key: undefined,
      texts: undefined,
      kind: undefined,
    });
    logger.request('debug', { ...fields, ...more });
    logger.info({ ...fields, ...more }, 'request');
    const [full, short, pinos, ...rest] = lines().map((line) => ({ ...line, time: typeof line['time'] }));
    expect(full).toEqual(pinos);
    expect(Object.keys(full!)).toEqual(
      Object.keys({ level: 0, time: 0, pid: 0, ...fields, ...more, msg: 0 }),
    );
    expect(short).toEqual({ level: 30, time: 'string', pid: process.pid, ...fields, msg: 'request' });
    expect(rest).toEqual([]);
  });

  it('drops every field it does not know', () => {
    const { logger, raw } = capture();
    const careless = { text: COMMENT, body: { text: COMMENT }, texts: [COMMENT], route: { text: COMMENT } };
    logger.info(careless as unknown as LogFields, 'request');
    logger.request('info', careless as never);
    logger.error({ requestId: 'abc' }, 'failed');
    expect(raw()).not.toContain(COMMENT);
    expect(raw()).toContain('abc');
  });

  it('keeps the message of our own errors only', () => {
    const { logger, raw, lines } = capture();
    let syntaxError: unknown;
    try {
      JSON.parse(COMMENT);
    } catch (error) {
      syntaxError = error;
    }
    expect(String(syntaxError)).toContain(COMMENT.slice(0, 4));
    logger.error({ err: new RutoxError('internal', 'A batch failed.', { cause: syntaxError }) }, 'failed');
    logger.error({ err: COMMENT }, 'failed');
    logger.error({ err: new Error(`${COMMENT}\n at ${COMMENT}:1:1`) }, 'failed');
    expect(raw()).not.toContain(COMMENT.slice(0, 4));
    expect(lines()[0]).toMatchObject({
      err: {
        name: 'RutoxError',
        kind: 'internal',
        message: 'A batch failed.',
        cause: { name: 'SyntaxError' },
      },
    });
    expect((lines()[0]!['err'] as { stack: string[] }).stack[0]).toMatch(/^at .*logger\.test\.ts:\d+:\d+/);
  });

  it('ends the description of errors that cause each other', () => {
    const { logger, lines } = capture();
    const error = new Error('round');
    error.cause = error;
    logger.error({ err: error }, 'failed');
    expect(lines()).toHaveLength(1);
  });

  it('obeys its level', () => {
    const { logger, raw } = capture();
    logger.debug({}, 'detail');
    expect(raw()).toBe('');
  });
});
