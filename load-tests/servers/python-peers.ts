import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModelJson } from '../../src/model/files.js';
import { packageRoot } from '../../src/package-root.js';
import { Encoder } from '../../src/text/encode.js';
import { parseVocabulary } from '../../src/text/vocabulary.js';
import { windows, type Window } from '../../src/text/windows.js';
import type { Bench } from '../bench/section.js';
import { single, type Target } from './targets.js';

const FOLDER = join(packageRoot, 'load-tests', 'peers');

export const FASTAPI = "FastAPI, the predecessor's CNN";
export const MLSERVER = "MLServer, rutox's network";
export const LITSERVE = "LitServe, rutox's network";

/** What the peers in Python need to know. */
type PeerSetup = Pick<Bench, 'model' | 'comments' | 'say'>;

/** The predecessor's CNN in its own stack; none, with a line that says so, where Python lacks its packages. */
export function fastApi({ model, say }: PeerSetup, processes: number): Target[] {
  return peer(FASTAPI, 'fastapi_server.py', ['fastapi', 'uvicorn', 'torch', 'orjson'], say, {
    PEER_PROCESSES: String(processes),
    VOCABULARY: model.vocabulary.path,
  }).map((spec) => ({ ...spec, readyPath: '/readyz', single }));
}

/** rutox's own network behind servers that are made for this; likewise. */
export function modelServers(setup: PeerSetup, processes: number): Target[] {
  const { model, say } = setup;
  const packages = ['onnxruntime', 'numpy'];
  const env = {
    PEER_PROCESSES: String(processes),
    MODEL: model.onnx.path,
    ENCODED: encodedFile(setup),
  };
  return [
    ...peer(MLSERVER, 'mlserver_server.py', ['mlserver', ...packages], say, env).map((spec) => ({
      ...spec,
      readyPath: '/v2/models/toxicity/ready',
      single: {
        path: '/v2/models/toxicity/infer',
        body: (data: readonly string[]) => ({
          inputs: [{ name: 'text', shape: [data.length, 1], datatype: 'BYTES', data }],
        }),
        mark: '"name":"toxicity"',
      },
    })),
    ...peer(LITSERVE, 'litserve_server.py', ['litserve', ...packages], say, env).map((spec) => ({
      ...spec,
      readyPath: '/health',
      single: { path: '/predict', body: ([text]: readonly string[]) => ({ text }), mark: '"toxic_score":' },
    })),
  ];
}

/** `python` of the virtual environment that peers/README.md tells how to make. */
function python(): string {
  const own = join(packageRoot, '.venv', 'bin', 'python');
  return existsSync(own) ? own : 'python3';
}

function peer(
  name: string,
  file: string,
  packages: readonly string[],
  say: (line: string) => void,
  env: Readonly<Record<string, string>>,
) {
  const command = python();
  const { status } = spawnSync(command, ['-c', `import ${packages.join(', ')}`]);
  if (status !== 0) {
    say(`left out: ${name}: ${command} cannot import ${packages.join(', ')} (load-tests/peers/README.md)`);
    return [];
  }
  return [{ name, command, args: [join(FOLDER, file)], env }];
}

/** Every comment with its windows of bags of rows, as JSON. */
function encodedFile({ model, comments }: PeerSetup): string {
  const encoder = new Encoder(parseVocabulary(parseModelJson(model.vocabulary)));
  const { window_tokens: size, window_overlap: overlap } = model.manifest.text;
  const encoded = Object.fromEntries(
    comments.map((comment) => [comment, windows(encoder.encode(comment), size, overlap).map(bags)]),
  );
  const file = join(mkdtempSync(join(tmpdir(), 'rutox-bench-')), 'encoded.json');
  writeFileSync(file, JSON.stringify(encoded));
  return file;
}

function bags({ text: { units, starts }, from, to }: Window): number[][] {
  return Array.from({ length: to - from }, (_, token) => [
    ...units.subarray(starts[from + token], starts[from + token + 1]),
  ]);
}
