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

/** A part of a file. */
export interface Block {
  readonly bytes: Buffer;
  /** The same as latin1, one character a byte: the search for a sign is quicker in a string, a slice costs no copy. */
  readonly chars: string;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

/** Takes records out of blocks. */
export interface Scanner {
  /** The next record; undefined when the block does not hold all of it, or no more. Moves `position` behind it. */
  next(block: Block): InputRecord | undefined;
  /** Where the next record starts. in the block. */
  readonly position: number;
  /** Another block comes, and this is where to begin. */
  start(position: number): void;
}

export interface ScannerOptions {
  readonly decode: Decode;
  /** Names of the columns or fields that are wanted; the first is the text. */
  readonly columns: readonly string[];
}

/** A record longer than this is a quote that nobody closed, or no text. */
export const MAX_RECORD_BYTES = 1 << 22;

export const NOT_UTF8 = 'not valid UTF-8';
