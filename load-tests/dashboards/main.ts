import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DASHBOARDS, type PanelSpec } from '../../deploy/grafana/panels.js';
import { packageRoot } from '../../src/package-root.js';
import { startPrometheus, type Prometheus } from '../../test/fixtures/prometheus.js';
import { withServer } from '../faults/server.js';
import { startTraffic } from '../faults/traffic.js';
import { picture, type DrawnPanel, type DrawnSeries } from './picture.js';

/**
 * Runs a cluster under a load that grows and falls, with a real Prometheus beside it, and draws what the panels of the
 * dashboards then show to docs/images/. Needs Debian's prometheus.
 */
const SECONDS_EACH = 10;
/** Clients that send one batch after the other. */
const LOAD = [2, 8, 16, 4];

await withServer({ RUTOX_PROCESSES: '2' }, async ({ port }) => {
  const prometheus = await startPrometheus([port]);
  try {
    const from = Date.now() / 1000;
    for (const clients of LOAD) {
      const traffic = await startTraffic(port, {
        clients,
        texts: 8,
        keepAlive: true,
        pauseMs: 20,
        seed: clients,
      });
      const singles = await startTraffic(port, {
        clients,
        texts: 1,
        keepAlive: true,
        pauseMs: 20,
        seed: clients,
      });
      await sleep(SECONDS_EACH * 1000);
      await traffic.stop();
      await singles.stop();
    }
    const to = Date.now() / 1000;
    for (const { uid, title, panels } of DASHBOARDS) {
      const drawn = [];
      for (const panel of panels) drawn.push(await ask(prometheus, panel, from, to));
      writeFileSync(join(packageRoot, 'docs', 'images', `${uid}.svg`), picture(title, drawn, from, to));
    }
  } finally {
    await prometheus.stop();
  }
});

async function ask(prometheus: Prometheus, panel: PanelSpec, from: number, to: number): Promise<DrawnPanel> {
  const series: DrawnSeries[] = [];
  for (const { expr, legend } of panel.queries) {
    const query = expr.replaceAll('$job', '.+').replaceAll('$__rate_interval', '10s');
    for (const { metric, values = [] } of await prometheus.queryRange(query, from, to, 1)) {
      series.push({
        name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
        points: values.map(([time, value]) => [time, Number(value)] as const),
      });
    }
  }
  return { panel, series };
}
