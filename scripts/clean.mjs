/** Removes the named folders: `rm -rf` that also works where there is no POSIX shell. */
import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
