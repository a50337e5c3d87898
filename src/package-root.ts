import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: two levels above a built file, one above a source file that jest runs. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The model that comes with rutox. */
export const defaultModelDir = join(packageRoot, 'models', 'v1.1');

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}
