import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { readResults, sizingTables } from './sizing.js';

/** Calculates the tables of docs/sizing.md from load-tests/RESULTS.md and writes them between their two marks. */

const page = join(packageRoot, 'docs', 'sizing.md');
const results = readFileSync(join(packageRoot, 'load-tests', 'RESULTS.md'), 'utf8');
const tables = sizingTables(readResults(results));
const text = readFileSync(page, 'utf8');
writeFileSync(page, text.replace(/(<!-- tables -->\n)[^]*(<!-- end -->)/, `$1\n${tables}\n\n$2`));
