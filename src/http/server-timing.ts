import type { Timings } from '../inference/moderator.js';

/** Where the time went, in milliseconds; browsers' network panels and load tests read it. */
export function serverTiming({ tokenizeMs, queueMs, inferenceMs }: Timings): { 'Server-Timing': string } {
  const duration = (milliseconds: number) => milliseconds.toFixed(3);
  return {
    'Server-Timing': `tokenize;dur=${duration(tokenizeMs)}, queue;dur=${duration(queueMs)}, inference;dur=${duration(inferenceMs)}`,
  };
}
