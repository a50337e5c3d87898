import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { dashboardJson } from './dashboards.js';
import { DASHBOARDS } from './panels.js';

/** `npm run dashboards`: writes the JSON that Grafana reads. */
for (const spec of DASHBOARDS) {
  const file = join(packageRoot, 'deploy', 'grafana', 'dashboards', `${spec.uid}.json`);
  writeFileSync(file, dashboardJson(spec));
}
