/** A BYTES tensor as clients of the protocol lay it out. */
export function bytesTensor(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A request with binary data behind its JSON: the body, and the header that says where the JSON ends. */
export function binaryRequest(
  texts: readonly string[],
  more: Record<string, unknown> = {},
): { readonly body: Buffer; readonly headers: Record<string, string> } {
  const tensor = bytesTensor(texts);
  const input = {
    name: 'text',
    shape: [texts.length],
    datatype: 'BYTES',
    parameters: { binary_data_size: tensor.length },
  };
  const json = Buffer.from(JSON.stringify({ inputs: [input], ...more }));
  return {
    body: Buffer.concat([json, tensor]),
    headers: { 'inference-header-content-length': String(json.length) },
  };
}
