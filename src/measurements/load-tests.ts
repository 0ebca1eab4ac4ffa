import { amountIn, type Format, isRecord, jsonIn, pathOf, type Sample, timeOf } from './reading.ts';

/*
 * Load tests say how responses come under a load. Which routes they ask is the choice of whoever wrote them: no traffic mix.
 */

/** `autocannon --json` (github.com/mcollina/autocannon, docs of the result object). It says the address, not the method. */
export const autocannon: Format = {
  name: 'autocannon --json',
  read(text) {
    const it = jsonIn(text);
    if (!isRecord(it) || !isRecord(it.latency) || !isRecord(it.requests) || !('2xx' in it)) return null;
    const [url, p90, p97, seconds] = [it.url, amountIn(it.latency.p90), amountIn(it.latency.p97_5), amountIn(it.duration)];
    const count = amountIn(it.requests.total) ?? 0;
    if (typeof url !== 'string' || p90 === undefined || p97 === undefined || !seconds) return { problem: 'The result lacks its address, duration or latencies.' };
    if (count === 0) return { problem: 'No request was answered in that run: nothing was measured.' };
    const failed = (amountIn(it.errors) ?? 0) + (amountIn(it.non2xx) ?? 0);
    // There is no p95 among its percentiles: a straight line between the two around it.
    const p95Ms = p90 + ((95 - 90) / (97.5 - 90)) * (p97 - p90);
    const at = timeOf(it.finish);
    const method = typeof it.method === 'string' ? it.method : '';
    const samples: Sample[] = [{ kind: 'responses', method, path: pathOf(url), p95Ms, count, perSecond: count / seconds, errorShare: failed / (count + failed) }];
    return { tool: 'autocannon', ...(at && { at }), samples, skipped: [] };
  },
};

/** `k6 run --summary-export` and what `handleSummary` gets (grafana.com/docs/k6/latest/results-output/end-of-test): figures of one route only where the script tags it. */
export const k6Summary: Format = {
  name: 'k6 --summary-export',
  read(text) {
    const it = jsonIn(text);
    if (!isRecord(it) || !isRecord(it.metrics) || !('http_reqs' in it.metrics || 'http_req_duration' in it.metrics)) return null;
    const metrics = it.metrics;
    const figures = (name: string): Record<string, unknown> | undefined => {
      const metric = metrics[name];
      return isRecord(metric) ? (isRecord(metric.values) ? metric.values : metric) : undefined;
    };
    const samples: Sample[] = [];
    for (const name of Object.keys(metrics)) {
      const [, tags] = /^http_req_duration\{(.*)\}$/.exec(name) ?? [];
      const route = tags && routeIn(tags);
      const [duration, requests, failed] = [figures(name), figures(`http_reqs{${tags}}`), figures(`http_req_failed{${tags}}`)];
      const [p95Ms, count, perSecond] = [amountIn(duration?.['p(95)']), amountIn(requests?.count), amountIn(requests?.rate)];
      if (!route || p95Ms === undefined || !count || perSecond === undefined) continue;
      samples.push({ kind: 'responses', ...route, p95Ms, count, perSecond, errorShare: amountIn(failed?.rate ?? failed?.value) ?? 0 });
    }
    if (samples.length > 0) return { tool: 'k6', samples, skipped: [] };
    return { problem: 'The summary adds up all routes: give each request a tag such as {name: "GET /orders"} and a threshold on it, or import the run of k6 --out json.' };
  },
};

/** `{name:GET /orders}`, `{method:GET,url:http://…}`. */
function routeIn(tags: string): { method: string; path: string } | undefined {
  const named = /(?:^|,)\s*name:\s*"?([A-Z]+)\s+([^\s,"]+)/.exec(tags);
  if (named) return { method: named[1] as string, path: pathOf(named[2] as string) };
  const [, url] = /(?:^|,)\s*(?:url|name):\s*"?((?:https?:\/\/|\/)[^\s,"]+)/.exec(tags) ?? [];
  return url === undefined ? undefined : { method: /(?:^|,)\s*method:\s*"?([A-Z]+)/.exec(tags)?.[1] ?? '', path: pathOf(url) };
}

interface Route {
  method: string;
  path: string;
  times: number[];
  count: number;
  failed: number;
}

/** `k6 run --out json` (grafana.com/docs/k6/latest/results-output/real-time/json): one point a line; the last may be cut off. */
export const k6Lines: Format = {
  name: 'k6 --out json',
  read(text) {
    if (!/^\s*\{"(?:type|metric|data)":/.test(text) || !/"(?:Point|Metric)"/.test(text.slice(0, 4000))) return null;
    const routes = new Map<string, Route>();
    let [first, last, broken] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (const line of text.split('\n')) {
      if (line.trim() === '' || !/"http_req(?:s|_duration|_failed)"/.test(line)) continue;
      const it = jsonIn(line);
      if (!isRecord(it)) broken += 1;
      if (!isRecord(it) || it.type !== 'Point' || !isRecord(it.data) || !isRecord(it.data.tags)) continue;
      const { method, name, url } = it.data.tags;
      const value = amountIn(it.data.value);
      if (typeof method !== 'string' || value === undefined) continue;
      const named = typeof name === 'string' && !/^https?:/.test(name) ? name.replace(/^[A-Z]+\s+/, '') : undefined;
      const path = pathOf(named ?? String(url ?? name));
      const route = routes.get(`${method} ${path}`) ?? { method, path, times: [], count: 0, failed: 0 };
      routes.set(`${method} ${path}`, route);
      if (it.metric === 'http_reqs') route.count += value;
      if (it.metric === 'http_req_duration') route.times.push(value);
      if (it.metric === 'http_req_failed') route.failed += value;
      const time = Date.parse(String(it.data.time));
      if (!Number.isNaN(time)) [first, last] = [Math.min(first, time), Math.max(last, time)];
    }
    const seconds = (last - first) / 1000;
    const samples = [...routes.values()].flatMap((it): Sample[] => {
      const count = Math.max(it.count, it.times.length);
      if (it.times.length === 0 || !(seconds > 0)) return [];
      const sorted = it.times.sort((a, b) => a - b);
      const p95Ms = sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)] as number;
      return [{ kind: 'responses', method: it.method, path: it.path, p95Ms, count, perSecond: count / seconds, errorShare: it.failed / count }];
    });
    if (samples.length === 0) return { problem: 'No times of requests (http_req_duration) over more than an instant are in it.' };
    const at = timeOf(last);
    return { tool: 'k6', ...(at && { at }), samples, skipped: broken > 0 ? [`${broken} line${broken === 1 ? '' : 's'} that are no JSON`] : [] };
  },
};
