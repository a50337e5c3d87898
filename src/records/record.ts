import type { Decode } from './encoding.js';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'lines'] as const;
export type Format = (typeof FORMATS)[number];

/** Something the caller can put right; the message is one line and never holds comment text. */
export class CommandError extends Error {}

/** One record of a file: a row, a JSON line or a line of text. */
export interface InputRecord {
  /** Line of the file on which it starts, from 1. */
  readonly line: number;
  /** Its bytes, one character each (latin1), without the line ending. */
  readonly raw: string;
  /** `\n`, `\r\n`, or nothing at the end of a file. */
  readonly ending: string;
  /** The columns that were asked for; empty when it is bad. */
  readonly values: readonly string[];
  /** Why it cannot be used. */
  readonly error?: string;
}

/** Takes records out of bytes. */
export interface Scanner {
  /**
   * The next record; undefined when these bytes do not hold all of it, or no more. Moves `position` behind it.
   * @param isLast nothing comes after these bytes
   */
  next(bytes: Buffer, isLast: boolean): InputRecord | undefined;
  /** Where the next record starts. The caller sets it back when it drops bytes. */
  position: number;
}

export interface ScannerOptions {
  readonly decode: Decode;
  /** Names of the columns or fields that are wanted; the first is the text. */
  readonly columns: readonly string[];
}

/** A record longer than this is a quote that nobody closed, or no text. */
export const MAX_RECORD_BYTES = 1 << 22;

export const LF = 10;
export const CR = 13;
export const NOT_UTF8 = 'not valid UTF-8';

/** `\r\n`, `\n` or nothing: what stands between the end of a record and the start of the next. */
export function endingOf(bytes: Buffer, end: number): string {
  if (bytes[end] === LF) return '\n';
  return bytes[end] === CR && bytes[end + 1] === LF ? '\r\n' : '';
}
