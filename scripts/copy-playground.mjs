/** What of the page is no script goes beside its scripts, which tsc has put in dist/playground/. */
import { cpSync } from 'node:fs';

for (const name of ['index.html', 'style.css']) cpSync(`playground/${name}`, `dist/playground/${name}`);
