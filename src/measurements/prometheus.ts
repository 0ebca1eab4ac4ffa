import type { Format, Sample } from './reading.ts';

interface Row {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const ROW = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([-+\w.]+)(?:\s+-?\d+)?(?:\s*#.*)?$/;
/** Counters of requests, as prom-client's users and middleware, OpenTelemetry's exporter and gateways name them; a histogram counts too. */
const REQUESTS = /^(?:.*_)?http_(?:server_)?(?:requests?)(?:_duration(?:_seconds|_milliseconds|_ms)?|_seconds|s|_in_seconds)?(?:_count|_total)$/;
const ROUTE = ['route', 'http_route', 'path', 'handler', 'uri', 'url', 'endpoint'];
const METHOD = ['method', 'http_method', 'http_request_method', 'verb'];
/** Shorter runs show what a start costs, not what a request costs. */
const FEWEST_REQUESTS = 10_000;

/** A dump of a `/metrics` page in Prometheus' text format or OpenMetrics (prometheus.io/docs/instrumenting/exposition_formats). */
export const prometheus: Format = {
  name: 'Prometheus text',
  read(text) {
    const head = text.slice(0, 20_000);
    if (!/^# (?:TYPE|HELP) /m.test(head) && !/^[a-z_:][\w:]*(?:\{[^}]*\})? [\d.eE+-]+$/m.test(head)) return null;
    const rows: Row[] = [];
    let broken = 0;
    for (const line of text.split('\n')) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const [, name, labels = '', value] = ROW.exec(line.trim()) ?? [];
      if (name === undefined) broken += 1;
      else rows.push({ name, labels: labelsIn(labels), value: Number(value) });
    }
    const samples = [...requestsIn(rows), ...hitsIn(rows), ...cpuIn(rows)];
    if (samples.length > 0) return { tool: 'Prometheus', samples, skipped: broken > 0 ? [`${broken} line${broken === 1 ? '' : 's'} in another form`] : [] };
    return { problem: 'No requests by route, hits of a cache or CPU with its requests are in these metrics.' };
  },
};

const labelsIn = (text: string): Record<string, string> => Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((it) => [it[1], it[2]]));
const labelOf = ({ labels }: Row, names: readonly string[]): string | undefined => names.map((it) => labels[it]).find((it) => it !== undefined);

/** One metric counts each request once: of several, the one with the most. */
function requestsIn(rows: readonly Row[]): Sample[] {
  const byMetric = new Map<string, Row[]>();
  for (const row of rows) if (REQUESTS.test(row.name) && labelOf(row, ROUTE) !== undefined && row.value > 0) byMetric.set(row.name, [...(byMetric.get(row.name) ?? []), row]);
  const total = (it: readonly Row[]): number => it.reduce((sum, row) => sum + row.value, 0);
  const [counted = []] = [...byMetric.values()].sort((a, b) => total(b) - total(a));
  const routes = new Map<string, Extract<Sample, { kind: 'requests' }>>();
  for (const row of counted) {
    const [method, path] = [(labelOf(row, METHOD) ?? '').toUpperCase(), labelOf(row, ROUTE) as string];
    const seen = routes.get(`${method} ${path}`);
    if (seen) seen.count += row.value;
    else routes.set(`${method} ${path}`, { kind: 'requests', method, path, isPath: false, count: row.value });
  }
  return [...routes.values()];
}

function hitsIn(rows: readonly Row[]): Sample[] {
  const sum = (name: RegExp): number => rows.filter((it) => name.test(it.name)).reduce((total, it) => total + it.value, 0);
  const [hits, misses] = [sum(/^redis_keyspace_hits(_total)?$/), sum(/^redis_keyspace_misses(_total)?$/)];
  return hits + misses > 0 ? [{ kind: 'hits', hits, misses }] : [];
}

/** `process_cpu_seconds_total` is every client library's name; in a dump of one process it belongs to the requests beside it. */
function cpuIn(rows: readonly Row[]): Sample[] {
  const cpu = rows.filter((it) => it.name === 'process_cpu_seconds_total');
  const requests = requestsIn(rows).reduce((sum, it) => sum + (it.kind === 'requests' ? it.count : 0), 0);
  return cpu.length === 1 && requests >= FEWEST_REQUESTS ? [{ kind: 'cpu', cpuMs: (cpu[0] as Row).value * 1000, requests }] : [];
}
