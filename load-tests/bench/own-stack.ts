import type { RunningServer } from '../servers/server-process.js';
import { batch } from '../servers/targets.js';
import type { Contender } from './contender.js';

/** The predecessor's CNN as it ran: batches over HTTP to one process of FastAPI, text work and all. */
export function ownStack(server: RunningServer): Contender {
  const url = `http://127.0.0.1:${server.port}${batch.path}`;
  return {
    name: "the predecessor's CNN in its own stack",
    cpuSeconds: () => server.usage()?.cpuSeconds ?? NaN,
    prepare: (batches) => async () => {
      for (const texts of batches) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(batch.body(texts)),
        });
        const { results } = (await response.json()) as { results?: unknown[] };
        if (results?.length !== texts.length)
          throw new Error(`${server.name}: an answer without all results`);
      }
    },
  };
}
