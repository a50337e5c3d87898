import { grown } from './units.js';

const EMPTY = -1;
const { imul } = Math;

/**
 * A hash table from tokens to their embedding rows that looks tokens up where they stand, as UTF-16 units:
 * making a string of every token to ask a `Map` took most of the time of encoding.
 *
 * Open addressing with linear probing; at most half full. Entries are only ever dropped all at once.
 */
export class TokenTable {
  size = 0;
  /** Rows of all entries, one after the other; entry e has `rows[rowStarts[e]]` up to `rows[rowStarts[e + 1]]`. */
  rows = new Int32Array(1024);
  rowStarts = new Int32Array(256);

  private readonly seed = Math.floor(Math.random() * 2 ** 32) | 0;
  private keys = new Uint16Array(2048);
  private keyStarts = new Int32Array(256);
  private hashes = new Int32Array(256);
  private slots = new Int32Array(512).fill(EMPTY);

  /**
   * FNV-1a over the units of a token, from a start of this table's own: nobody outside can make up tokens
   * that all fall into one slot.
   */
  hash(codes: Uint16Array, from: number, to: number): number {
    let hash = this.seed;
    for (let at = from; at < to; at += 1) hash = imul(hash ^ (codes[at] ?? 0), 0x01000193);
    return hash;
  }

  /** The entry of the token `codes[from..to)`, or -1. `hash` is its `hash()`. */
  find(codes: Uint16Array, from: number, to: number, hash: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? EMPTY;
      if (entry === EMPTY || (hashes[entry] === hash && this.isKey(entry, codes, from, to))) return entry;
    }
  }

  /** Adds a token that is not there yet and says its entry. */
  add(codes: Uint16Array, from: number, to: number, hash: number, rows: readonly number[]): number {
    const entry = this.size;
    if (entry * 2 >= this.slots.length) this.growSlots();
    if (entry + 2 > this.keyStarts.length) {
      this.keyStarts = grown(this.keyStarts, entry * 4);
      this.rowStarts = grown(this.rowStarts, entry * 4);
      this.hashes = grown(this.hashes, entry * 4);
    }
    const rowStart = this.rowStarts[entry] ?? 0;
    if (rowStart + rows.length > this.rows.length) {
      this.rows = grown(this.rows, (rowStart + rows.length) * 2);
    }
    this.rows.set(rows, rowStart);
    this.rowStarts[entry + 1] = rowStart + rows.length;
    this.addKey(entry, codes, from, to);
    this.hashes[entry] = hash;
    this.size = entry + 1;
    this.place(entry);
    return entry;
  }

  /** Forgets all entries. */
  clear(): void {
    this.size = 0;
    this.slots.fill(EMPTY);
  }

  private isKey(entry: number, codes: Uint16Array, from: number, to: number): boolean {
    const start = this.keyStarts[entry] ?? 0;
    if ((this.keyStarts[entry + 1] ?? 0) - start !== to - from) return false;
    const { keys } = this;
    for (let at = from, key = start; at < to; at += 1, key += 1) if (keys[key] !== codes[at]) return false;
    return true;
  }

  private addKey(entry: number, codes: Uint16Array, from: number, to: number): void {
    const start = this.keyStarts[entry] ?? 0;
    const end = start + to - from;
    if (end > this.keys.length) {
      const keys = new Uint16Array(end * 2);
      keys.set(this.keys);
      this.keys = keys;
    }
    this.keys.set(codes.subarray(from, to), start);
    this.keyStarts[entry + 1] = end;
  }

  private place(entry: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (this.hashes[entry] ?? 0) & mask;
    while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(EMPTY);
    for (let entry = 0; entry < this.size; entry += 1) this.place(entry);
  }
}
