import { type Format, isRecord, jsonIn, pathOf, type Sample, timeOf } from './reading.ts';

type Attributes = Record<string, string>;

/**
 * Traces as OTLP/JSON (opentelemetry.io/docs/specs/otlp): one request's body, or one a line, as the collector's file exporter writes them.
 * Names of attributes are those of the semantic conventions before and after they became stable.
 */
export const otlp: Format = {
  name: 'OTLP-JSON traces',
  read(text) {
    if (!text.includes('"resourceSpans"')) return null;
    const whole = jsonIn(text);
    const bodies = whole === undefined ? text.split('\n').map((it) => (it.trim() === '' ? null : jsonIn(it))) : Array.isArray(whole) ? whole : [whole];
    const broken = bodies.filter((it) => it === undefined).length;
    const sums = new Map<string, { sample: Sample; ms: number; count: number }>();
    let last = 0;
    const add = (key: string, ms: number, sample: Sample): void => {
      const seen = sums.get(key) ?? { sample, ms: 0, count: 0 };
      sums.set(key, { sample, ms: seen.ms + ms, count: seen.count + 1 });
    };
    for (const span of bodies.flatMap(spansOf)) {
      const ms = millisecondsOf(span);
      if (ms === undefined) continue;
      last = Math.max(last, Number(span.endTimeUnixNano) / 1e6);
      const sample = sampleOf(attributesOf(span.attributes), kindOf(span.kind));
      if (sample) add(JSON.stringify(sample), ms, sample);
    }
    const samples = [...sums.values()].map(({ sample, ms, count }): Sample => {
      const meanMs = ms / count;
      if (sample.kind === 'query') return { ...sample, meanMs, calls: count };
      return sample.kind === 'requests' ? { ...sample, count } : { ...(sample as Extract<Sample, { kind: 'call' | 'command' }>), meanMs, count };
    });
    if (samples.length === 0) return { problem: broken > 0 ? 'It is cut off: no span could be read.' : 'No span of a database, a cache, a request or a route is in it.' };
    const at = timeOf(last);
    return { tool: 'OpenTelemetry', ...(at && { at }), samples, skipped: broken > 0 ? [`${broken} line${broken === 1 ? '' : 's'} that are no JSON`] : [] };
  },
};

function spansOf(body: unknown): Record<string, unknown>[] {
  const resources = isRecord(body) && Array.isArray(body.resourceSpans) ? body.resourceSpans.filter(isRecord) : [];
  // `instrumentationLibrarySpans` was the name until 2022.
  const scopes = resources.flatMap((it) => (it.scopeSpans ?? it.instrumentationLibrarySpans ?? []) as unknown[]).filter(isRecord);
  return scopes.flatMap((it) => (Array.isArray(it.spans) ? it.spans.filter(isRecord) : []));
}

const kindOf = (kind: unknown): 'server' | 'client' | 'other' =>
  kind === 2 || kind === 'SPAN_KIND_SERVER' ? 'server' : kind === 3 || kind === 'SPAN_KIND_CLIENT' ? 'client' : 'other';

/** Nanoseconds are texts, for they don't fit a number; their difference does. */
function millisecondsOf({ startTimeUnixNano: from, endTimeUnixNano: to }: Record<string, unknown>): number | undefined {
  if (!/^\d+$/.test(String(from)) || !/^\d+$/.test(String(to))) return undefined;
  const ms = Number(BigInt(String(to)) - BigInt(String(from))) / 1e6;
  return ms >= 0 ? ms : undefined;
}

function attributesOf(list: unknown): Attributes {
  const rows = Array.isArray(list) ? list.filter(isRecord) : [];
  return Object.fromEntries(rows.flatMap(({ key, value }) => (isRecord(value) ? [[String(key), String(value.stringValue ?? value.intValue ?? '')]] : [])));
}

function sampleOf(it: Attributes, kind: 'server' | 'client' | 'other'): Sample | null {
  const engine = it['db.system.name'] ?? it['db.system'];
  if (engine !== undefined && kind !== 'server') {
    if (/redis|valkey|memcached/.test(engine)) return kind === 'client' ? { kind: 'command', engine, meanMs: 0, count: 0 } : null;
    const sql = it['db.query.text'] ?? it['db.statement'];
    return sql ? { kind: 'query', sql, meanMs: 0, calls: 0, includesNetwork: true } : null;
  }
  const method = it['http.request.method'] ?? it['http.method'];
  if (method === undefined) return null;
  if (kind === 'server') {
    const route = it['http.route'];
    return { kind: 'requests', method, path: route ?? pathOf(it['url.path'] ?? it['http.target'] ?? '/'), isPath: route === undefined, count: 0 };
  }
  const host = it['server.address'] ?? it['net.peer.name'] ?? it['http.host'];
  return kind === 'client' && host ? { kind: 'call', host: host.replace(/:\d+$/, ''), meanMs: 0, count: 0 } : null;
}
