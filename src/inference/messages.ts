import type { Model } from '../model/verify.js';

/** What crosses the border between the server and its inference threads. Failures travel as data: a thrown error loses its fields. */

/** Given to a thread when it starts. */
export interface WorkerData {
  /** Read and verified by the server, once for all threads: they read no file of it. */
  readonly model: Model;
}

export interface ClassifyTask {
  readonly texts: readonly string[];
}

export type ClassifyResult = (ClassifySuccess | ClassifyFailure) & {
  /** The thread that answers. */
  readonly thread: number;
};

export interface ClassifySuccess {
  readonly ok: true;
  /** One for each text, in their order. */
  readonly scores: readonly number[];
  readonly tokenizeMs: number;
  readonly inferenceMs: number;
}

export interface ClassifyFailure {
  readonly ok: false;
  /** One line without comment text. */
  readonly message: string;
  /** The thread could not load the model: it will fail every task. */
  readonly broken: boolean;
}

export type ClassifyHandler = (task: ClassifyTask) => Promise<ClassifyResult>;
