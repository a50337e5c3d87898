/** The counters and histograms of /metrics, by name and labels. */
export async function scrape(port: number): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
  const samples = new Map<string, number>();
  const counters = new Set<string>();
  for (const line of (await response.text()).split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (type === 'counter' || type === 'histogram') counters.add(name!);
    const [, sample, value] = /^([^#\s].*) (\S+)$/.exec(line) ?? [];
    if (sample === undefined) continue;
    const base = sample.replace(/\{.*/, '');
    if (counters.has(base) || counters.has(base.replace(/_(bucket|sum|count)$/, '')))
      samples.set(sample, Number(value));
  }
  return samples;
}

/** Names of the counters that a later scrape gives less of, or no longer gives. */
export function fallen(earlier: ReadonlyMap<string, number>, later: ReadonlyMap<string, number>): string[] {
  // Sums of seconds are added in another order each time: the last digits differ.
  return [...earlier].filter(([name, value]) => (later.get(name) ?? -1) < value - 1e-6).map(([name]) => name);
}
