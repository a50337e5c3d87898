import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardSpec, PanelSpec } from './panels.js';

const SOURCE = { type: 'prometheus', uid: 'prometheus' };
const HEIGHT = 8;
/** Of 24: three panels a row. */
const SPAN = 8;

/** Grafana's JSON of a dashboard, by the builders that Grafana Labs make from its schema. */
export function dashboardJson({ uid, title, panels }: DashboardSpec): string {
  const job = new dashboard.QueryVariableBuilder('job')
    .label('Job')
    .query('label_values(rutox_model_info, job)')
    .datasource(SOURCE)
    .includeAll(true)
    .allValue('.+')
    .current({ text: 'All', value: '$__all' })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged);
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags(['rutox'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(job);
  for (const panel of panels) builder.withPanel(panelBuilder(panel));
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function panelBuilder(spec: PanelSpec) {
  const panel = ofKind(spec)
    .title(spec.title)
    .description(spec.about)
    .datasource(SOURCE)
    .unit(spec.unit)
    .height(HEIGHT)
    .span(SPAN);
  spec.queries.forEach(({ expr, legend }, index) => {
    const query = new prometheus.DataqueryBuilder()
      .expr(expr)
      .legendFormat(legend)
      .refId(String.fromCodePoint('A'.codePointAt(0)! + index))
      .datasource(SOURCE);
    // The buckets of a histogram, which Prometheus counts from 0 up, as bands of their own.
    if (spec.kind === 'heatmap') query.format(prometheus.PromQueryFormat.Heatmap);
    panel.withTarget(spec.kind === 'stat' ? query.instant() : query.range());
  });
  return panel;
}

function ofKind({ kind, unit }: PanelSpec) {
  switch (kind) {
    case 'stat':
      return new stat.PanelBuilder();
    case 'heatmap':
      return new heatmap.PanelBuilder().calculate(false).yAxis(new heatmap.YAxisConfigBuilder().unit(unit));
    case 'stacked':
      return new timeseries.PanelBuilder()
        .fillOpacity(30)
        .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
    case 'lines':
      return new timeseries.PanelBuilder().min(0);
  }
}
