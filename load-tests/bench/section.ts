import type { Model } from '../../src/model/verify.js';
import type { Generators } from '../load/generators.js';
import type { CommentSource } from './comments.js';

/** What every part of the bench works with. */
export interface Bench {
  readonly comments: readonly string[];
  readonly source: CommentSource;
  readonly modelDir: string;
  readonly model: Model;
  readonly cpus: number;
  readonly generators: Generators;
  /** Groups of comments for requests: distinct where there are enough comments. */
  groups(size: number): string[][];
  /** How often each side has its turn: what the caller asked for, else what suits the part. */
  rounds(usual: number): number;
  /** One line on what is being done. */
  say(line: string): void;
}

/** A figure that was aimed at. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly target: number;
  readonly better: 'higher' | 'lower';
}

/** What a part found out. */
export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly checks: readonly Check[];
  /** SVG files by name, without ending; `body` shows them. */
  readonly plots: Readonly<Record<string, string>>;
  /** Everything measured, for `--json`. */
  readonly figures: unknown;
}

export type Part = (bench: Bench) => Promise<Section>;

export function isMet({ value, target, better }: Check): boolean {
  return better === 'higher' ? value >= target : value <= target;
}
