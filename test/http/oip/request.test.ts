import { describe, expect, test } from '@jest/globals';
import { RutoxError } from '../../../src/errors.js';
import { oipApi } from '../../../src/http/oip/api.js';
import { inferenceReader } from '../../../src/http/oip/request.js';
import { binaryRequest, bytesTensor } from './wire.js';

const read = inferenceReader({ maxTexts: 4, maxTextChars: 10 });
const input = { name: 'text', shape: [2], datatype: 'BYTES', data: ['а', 'б'] };
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const withInput = (more: object) => ({ inputs: [{ ...input, ...more }] });
const withOutput = (output: object) => ({ inputs: [input], outputs: [{ name: 'toxicity', ...output }] });

describe('reads', () => {
  const expected = { texts: ['а', 'б'], shape: [2], isBinary: false };

  test.each<[string, object, object]>([
    ['the least there is', { inputs: [input] }, expected],
    ['an id', { inputs: [input], id: '42' }, { ...expected, id: '42' }],
    ['a column', withInput({ shape: [2, 1], data: [['а'], ['б']] }), { ...expected, shape: [2, 1] }],
    ['flat data of a column', withInput({ shape: [2, 1] }), { ...expected, shape: [2, 1] }],
    ['a scalar', withInput({ shape: [], data: ['а'] }), { ...expected, texts: ['а'], shape: [] }],
    ['an empty text', withInput({ shape: [1], data: [''] }), { ...expected, texts: [''], shape: [1] }],
    ['the output by name', withOutput({}), expected],
    ['no output by name', { inputs: [input], outputs: [] }, expected],
    [
      'a wish for binary data',
      withOutput({ parameters: { binary_data: true } }),
      { ...expected, isBinary: true },
    ],
    [
      'the same wish for all outputs',
      { inputs: [input], parameters: { binary_data_output: true } },
      { ...expected, isBinary: true },
    ],
    [
      'one that an output overrules',
      { ...withOutput({ parameters: { binary_data: false } }), parameters: { binary_data_output: true } },
      expected,
    ],
    [
      'null where a client has nothing to say',
      { id: null, outputs: null, parameters: null, ...withInput({ parameters: null }) },
      expected,
    ],
    [
      'parameters that mean nothing here',
      {
        ...withInput({ parameters: { content_type: 'str' } }),
        parameters: { priority: 1, timeout: 10, x: {} },
      },
      expected,
    ],
  ])('%s', (_name, request, inference) => {
    expect(read(json(request))).toEqual(inference);
  });

  test('binary data behind the JSON', () => {
    const { body, headers } = binaryRequest(['а', ''], { id: '1' });
    expect(read(body, headers['inference-header-content-length'])).toEqual({
      id: '1',
      texts: ['а', ''],
      shape: [2],
      isBinary: false,
    });
  });

  test('a header length that is that of the body', () => {
    const body = json({ inputs: [input] });
    expect(read(body, String(body.length))).toEqual(expected);
  });

  test('a body without JSON as one text, which wants a binary answer', () => {
    expect(read(Buffer.from('ты кто'), '0')).toEqual({ texts: ['ты кто'], shape: [1], isBinary: true });
  });
});

describe('refuses, and says where', () => {
  const tensor = bytesTensor(['а', 'б']);
  const { data: _, ...noData } = input;
  const sized = (size: number) => ({ inputs: [{ ...noData, parameters: { binary_data_size: size } }] });

  test.each<[string, object, string]>([
    ['no inputs', {}, 'inputs is required.'],
    ['an array', [], 'The body must be an object.'],
    ['no input', { inputs: [] }, 'inputs must have at least 1 item.'],
    ['two inputs', { inputs: [input, input] }, 'inputs must have at most 1 item.'],
    ['another input', withInput({ name: 'words' }), 'inputs[0].name must be one of: text.'],
    ['another datatype', withInput({ datatype: 'FP32' }), 'inputs[0].datatype must be one of: BYTES.'],
    ['a negative size', withInput({ shape: [-1] }), 'inputs[0].shape[0] must be >= 1.'],
    ['a broken size', withInput({ shape: [1.5] }), 'inputs[0].shape[0] must be an integer.'],
    ['too many sizes', withInput({ shape: Array(9).fill(1) }), 'inputs[0].shape must have at most 8 items.'],
    ['nothing to score', withInput({ shape: [0], data: [] }), 'inputs[0].shape[0] must be >= 1.'],
    ['too few texts', withInput({ shape: [3] }), 'Input text: the shape says 3 elements, data has 2.'],
    ['too many texts', withInput({ shape: [5] }), 'The shape says 5 comments; a request may have at most 4.'],
    [
      'sizes beyond reason',
      withInput({ shape: [1e15, 1e15] }),
      'The shape says 1e+30 comments; a request may have at most 4.',
    ],
    [
      'a text that is too long',
      withInput({ data: ['а', 'б'.repeat(11)] }),
      'text[1] must have at most 10 characters (Unicode code points).',
    ],
    [
      'no data',
      { inputs: [noData] },
      'Input text: give its elements either as data or as binary data (binary_data_size).',
    ],
    [
      'data of both kinds',
      withInput({ parameters: { binary_data_size: 0 } }),
      'Input text: give its elements either as data or as binary data (binary_data_size).',
    ],
    ['data that is no array', withInput({ data: 'а' }), 'inputs[0].data must be an array.'],
    ['an id that is no string', { inputs: [input], id: 7 }, 'id must be a string or a null.'],
    ['another output', withOutput({ name: 'label' }), 'outputs[0].name must be one of: toxicity.'],
    [
      'two outputs',
      { inputs: [input], outputs: [{ name: 'toxicity' }, { name: 'toxicity' }] },
      'outputs must have at most 1 item.',
    ],
  ])('%s', (_name, request, message) => {
    expect(refusal(() => read(json(request)))).toEqual({ status: 400, error: message });
  });

  test.each<[string, Buffer, string, string]>([
    [
      'a length that is no number',
      tensor,
      '1e3',
      'Inference-Header-Content-Length must be the number of bytes',
    ],
    ['a negative length', tensor, '-1', 'Inference-Header-Content-Length must be the number of bytes'],
    [
      'a length beyond the body',
      tensor,
      '9999',
      'Inference-Header-Content-Length must be the number of bytes',
    ],
    [
      'more data than is announced',
      Buffer.concat([json({ inputs: [input] }), tensor]),
      String(json({ inputs: [input] }).length),
      'Input text: binary_data_size is 0, but 12 bytes follow the JSON',
    ],
    [
      'less data than is announced',
      Buffer.concat([json(sized(13)), tensor]),
      String(json(sized(13)).length),
      'Input text: binary_data_size is 13, but 12 bytes follow the JSON',
    ],
    ['one text that is no UTF-8', Buffer.from([0xff]), '0', 'Input text: the body is not valid UTF-8.'],
    [
      'one text that is too long',
      Buffer.from('б'.repeat(11)),
      '0',
      'text[0] must have at most 10 characters',
    ],
  ])('%s', (_name, body, length, message) => {
    const { status, error } = refusal(() => read(body, length));
    expect(status).toBe(400);
    expect(error).toContain(message);
  });

  test.each([
    ['shared memory', withInput({ parameters: { shared_memory_region: 'a' } })],
    ['shared memory for the output', withOutput({ parameters: { shared_memory_region: 'a' } })],
    ['classification', withOutput({ parameters: { classification: 1 } })],
  ])('what would change the answer and is not implemented: %s', (_name, request) => {
    expect(refusal(() => read(json(request))).status).toBe(501);
  });

  function refusal(act: () => unknown): { status: number; error: string } {
    try {
      act();
    } catch (thrown) {
      const { status, body } = oipApi.errorAnswer(thrown as RutoxError, {} as never, '');
      return { status, ...(body as { error: string }) };
    }
    throw new Error('was accepted');
  }
});
