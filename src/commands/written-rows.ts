import { open, type FileHandle } from 'node:fs/promises';
import { fileError } from '../records/open-records.js';
import { CommandError, type InputRecord } from '../records/record.js';
import type { RowFormat } from '../records/rows.js';

/** What an interrupted run counted. */
export interface WrittenCounts {
  rows: number;
  toxic: number;
  bad: number;
}

/** Longer than any verdict, explained by 64 spans. */
const VERDICT_CHARS = 8192;
const READ_BYTES = 1 << 20;

/**
 * The output of a run that was interrupted, read beside its input: a row is whole when it has all the bytes
 * that this run would write. Whatever comes after the last whole batch is written again.
 */
export class WrittenRows {
  /** Bytes of whole batches. */
  position = 0;
  readonly counts: WrittenCounts = { rows: 0, toxic: 0, bad: 0 };
  #text = '';
  #ended = false;

  private constructor(
    readonly file: string,
    readonly handle: FileHandle,
    readonly format: RowFormat,
    readonly threshold: number,
  ) {}

  /** Undefined when there is no such file yet. */
  static async open(file: string, format: RowFormat, threshold: number): Promise<WrittenRows | undefined> {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw fileError(file, error);
    });
    return handle && new WrittenRows(file, handle, format, threshold);
  }

  /**
   * Whether the head is there whole.
   * @throws CommandError when another one is
   */
  async hasHead(): Promise<boolean> {
    const { head } = this.format;
    await this.#fill(head.length);
    if (this.#agrees(0, head, 'line 1')) return this.#accept(head.length);
    return false;
  }

  /**
   * Whether the rows of these records are there whole.
   * @throws CommandError when others are, or their verdicts are of another threshold
   */
  async has(records: readonly InputRecord[]): Promise<boolean> {
    const rows = records.map((record) => ({ ...this.format.parts(record), record }));
    await this.#fill(
      rows.reduce((sum, row) => sum + row.before.length + row.after.length + VERDICT_CHARS, 0),
    );
    const counts = { ...this.counts };
    let at = 0;
    for (const { before, after, record } of rows) {
      const where = `the row of line ${record.line}`;
      if (!this.#agrees(at, before, where)) return false;
      at += before.length;
      const verdict = this.#verdictAt(at, where);
      if (verdict === undefined) return false;
      at += verdict.length;
      if (!this.#agrees(at, after, where)) return false;
      at += after.length;
      counts.rows++;
      counts.toxic += Number(verdict.isToxic);
      counts.bad += Number(verdict.isToxic === undefined);
    }
    Object.assign(this.counts, counts);
    return this.#accept(at);
  }

  /** @throws CommandError when rows are left though the input has no more */
  async expectNoMore(): Promise<void> {
    await this.#fill(1);
    if (this.#text !== '') throw this.#foreign('what follows the last row');
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** `expected` stands there; false when the file ends inside it. */
  #agrees(at: number, expected: string, where: string): boolean {
    const found = this.#text.slice(at, at + expected.length);
    if (found === expected) return true;
    if (at + expected.length > this.#text.length && expected.startsWith(found)) return false;
    throw this.#foreign(where);
  }

  #verdictAt(at: number, where: string): { length: number; isToxic: boolean | undefined } | undefined {
    const { pattern, noVerdict } = this.format;
    pattern.lastIndex = at;
    const match = pattern.exec(this.#text);
    if (match !== null) {
      // Cut behind a digit or a letter, it would look whole.
      if (pattern.lastIndex === this.#text.length) return undefined;
      const isToxic = match[2] === 'true';
      if (isToxic !== Number(match[1]) > this.threshold) {
        throw new CommandError(`${this.file}: was written with another threshold (${where})`);
      }
      return { length: match[0].length, isToxic };
    }
    if (this.#text.startsWith(noVerdict, at)) return { length: noVerdict.length, isToxic: undefined };
    if (this.#text.length - at < VERDICT_CHARS && !this.#text.includes('\n', at)) return undefined;
    throw this.#foreign(where);
  }

  #foreign(where: string): CommandError {
    return new CommandError(
      `${this.file}: ${where} is not what this input gives; leave out --resume to start anew`,
    );
  }

  #accept(length: number): true {
    this.position += length;
    this.#text = this.#text.slice(length);
    return true;
  }

  async #fill(length: number): Promise<void> {
    const parts = [this.#text];
    let have = this.#text.length;
    while (have < length && !this.#ended) {
      const { bytesRead, buffer } = await this.handle.read(
        Buffer.allocUnsafe(READ_BYTES),
        0,
        READ_BYTES,
        null,
      );
      this.#ended = bytesRead === 0;
      have += bytesRead;
      parts.push(buffer.toString('latin1', 0, bytesRead));
    }
    this.#text = parts.join('');
  }
}
