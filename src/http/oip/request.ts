import { RutoxError } from '../../errors.js';
import { parseJson } from '../body.js';
import type { Limits } from '../schemas.js';
import { compile } from '../validate.js';
import { INPUT_NAME, inferRequestSchema, textsSchema, type InferRequest } from './schemas.js';
import { textOf, textsOfBinary, textsOfJson } from './tensors.js';

/** Says how many bytes of a body are JSON, when binary data follows them. */
export const HEADER_LENGTH = 'Inference-Header-Content-Length';

/** What a caller wants scored, and how it wants the answer. */
export interface Inference {
  readonly id?: string;
  readonly texts: readonly string[];
  readonly shape: readonly number[];
  /** Whether the scores are wanted as binary data. */
  readonly isBinary: boolean;
}

/**
 * Makes a reader of inference requests. `headerLength` is the value of the header of that name.
 * @throws RutoxError `malformed_json`, `invalid_request`, `not_implemented`
 */
export function inferenceReader(limits: Limits): (body: Buffer, headerLength?: string) => Inference {
  const parseRequest = compile<InferRequest>(inferRequestSchema);
  const checkTexts = compile(textsSchema(limits));

  return (body, headerLength) => {
    const jsonBytes = headerLength === undefined ? body.length : lengthOf(headerLength, body.length);
    // Zero: the whole body is the one element of the one input, and the answer is binary too.
    const inference =
      jsonBytes === 0 && headerLength !== undefined
        ? { texts: [textOf(body, 'the body')], shape: [1], isBinary: true }
        : inferenceOf(parseRequest(parseJson(body.subarray(0, jsonBytes))), body.subarray(jsonBytes), limits);
    checkTexts({ [INPUT_NAME]: inference.texts });
    return inference;
  };
}

function lengthOf(header: string, bodyBytes: number): number {
  const length = /^\d{1,15}$/.test(header) ? Number(header) : Infinity;
  if (length > bodyBytes) {
    throw wrong(
      `${HEADER_LENGTH} must be the number of bytes of JSON that the body begins with; it has ${bodyBytes}.`,
    );
  }
  return length;
}

function inferenceOf(request: InferRequest, binary: Buffer, limits: Limits): Inference {
  refuseUnimplemented(request);
  const { shape, data, parameters } = request.inputs[0]!;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > limits.maxTexts) {
    throw wrong(`The shape says ${count} comments; a request may have at most ${limits.maxTexts}.`);
  }
  const size = parameters?.binary_data_size ?? 0;
  if (size !== binary.length) {
    throw wrong(
      `Input text: binary_data_size is ${size}, but ${binary.length} bytes follow the JSON (${HEADER_LENGTH} says where it ends).`,
    );
  }
  const isBinaryInput = parameters?.binary_data_size !== undefined;
  if (isBinaryInput === (data !== undefined)) {
    throw wrong('Input text: give its elements either as data or as binary data (binary_data_size).');
  }
  const isBinary =
    request.outputs?.[0]?.parameters?.binary_data ?? request.parameters?.binary_data_output ?? false;
  return {
    ...(typeof request.id === 'string' ? { id: request.id } : {}),
    texts: data === undefined ? textsOfBinary(binary, count) : textsOfJson(data, count),
    shape,
    isBinary,
  };
}

/** Parameters that would change what is read or answered; all others that are not known may be passed over. */
function refuseUnimplemented({ inputs, outputs }: InferRequest): void {
  const output = outputs?.[0]?.parameters;
  if (
    inputs[0]!.parameters?.shared_memory_region !== undefined ||
    output?.shared_memory_region !== undefined
  ) {
    throw new RutoxError(
      'not_implemented',
      'Shared memory is not supported; send the data with the request.',
    );
  }
  if (output?.classification !== undefined) {
    throw new RutoxError('not_implemented', 'The classification extension is not supported; leave it out.');
  }
}

function wrong(message: string): RutoxError {
  return new RutoxError('invalid_request', message);
}
