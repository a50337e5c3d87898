/** What the server takes in one request. */
export interface ServerLimits {
  readonly max_texts: number;
  readonly max_text_chars: number;
  readonly max_body_bytes: number;
}

/** What surrounds the texts in a body, and more than that. */
const BODY_OVERHEAD = 100;

/** The length of a text as the server counts it. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

/** Indices of the texts that can be scored, in requests that the server takes; the others are blank or too long. */
export function chunks(texts: readonly string[], limits: ServerLimits): number[][] {
  const room = limits.max_body_bytes - BODY_OVERHEAD;
  const encoder = new TextEncoder();
  const result: number[][] = [];
  let bytes = Infinity;
  texts.forEach((text, index) => {
    const size = encoder.encode(JSON.stringify(text)).length + 1;
    if (text.trim() === '' || size > room || codePoints(text) > limits.max_text_chars) return;
    if (bytes + size > room || result.at(-1)!.length === limits.max_texts) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(index);
    bytes += size;
  });
  return result;
}
