/** Room that is kept from one text to the next, in units: what one huge text needed is given back. */
export const LARGEST_KEPT = 1 << 18;

/**
 * A growing row of UTF-16 units, each with the part [start, end) of the original string it came from.
 * Buffers are kept between texts, so that a text of usual length allocates nothing.
 */
export class Units {
  codes = new Uint16Array(1024);
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  length = 0;

  push(code: number, start: number, end: number): void {
    const at = this.length;
    if (at === this.codes.length) this.grow();
    this.codes[at] = code;
    this.starts[at] = start;
    this.ends[at] = end;
    this.length = at + 1;
  }

  /** Appends the units [from, to) of another row. */
  append(other: Units, from: number, to: number): void {
    this.reserve(to - from);
    const shift = this.length - from;
    const { codes, starts, ends } = this;
    // A loop beats `set` and `subarray` for parts as short as words.
    for (let at = from; at < to; at += 1) {
      codes[at + shift] = other.codes[at] ?? 0;
      starts[at + shift] = other.starts[at] ?? 0;
      ends[at + shift] = other.ends[at] ?? 0;
    }
    this.length += to - from;
  }

  /** Makes room for `count` more units. */
  reserve(count: number): void {
    while (this.length + count > this.codes.length) this.grow();
  }

  /** Empties the row. */
  clear(): void {
    this.length = 0;
    if (this.codes.length > LARGEST_KEPT) {
      this.codes = new Uint16Array(1024);
      this.starts = new Int32Array(1024);
      this.ends = new Int32Array(1024);
    }
  }

  /** Writes zeros behind the last unit, so that looking a few units ahead never meets an older text. */
  seal(): void {
    const { length } = this;
    for (let i = 0; i < 4; i += 1) this.push(0, 0, 0);
    this.length = length;
  }

  /** The units [from, to) as a string. */
  text(from = 0, to = this.length): string {
    // A limited number of arguments a call: engines refuse very long argument lists.
    if (to - from <= 4096) return String.fromCharCode.apply(null, this.codes.subarray(from, to) as never);
    const parts: string[] = [];
    for (let at = from; at < to; at += 4096) parts.push(this.text(at, Math.min(to, at + 4096)));
    return parts.join('');
  }

  private grow(): void {
    const size = this.codes.length * 2;
    const codes = new Uint16Array(size);
    codes.set(this.codes);
    this.codes = codes;
    this.starts = grown(this.starts, size);
    this.ends = grown(this.ends, size);
  }
}

/** A copy of `array` with room for `size` numbers. */
export function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(size);
  copy.set(array);
  return copy;
}
