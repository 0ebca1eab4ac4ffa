import { type Format, isRecord, jsonIn, pathOf, type Sample, timeOf } from './reading.ts';

/** Requests by method and path; queries of paths are gone, for they hold data of users. */
class Counts {
  readonly #counts = new Map<string, number>();
  add(method: string, path: string): void {
    const key = `${method.toUpperCase()} ${path}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
  samples(): Sample[] {
    return [...this.#counts].map(([key, count]) => ({ kind: 'requests', method: key.slice(0, key.indexOf(' ')), path: key.slice(key.indexOf(' ') + 1), isPath: true, count }));
  }
}

const LINE = /^\S+ \S+ .+? \[([^\]]+)\] "([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?" (\d{3}) (?:\d+|-)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Access logs in the common or combined format (httpd.apache.org/docs/current/logs.html), which nginx and morgan write too. */
export const accessLog: Format = {
  name: 'access log',
  read(text) {
    const lines = text.split('\n').filter((it) => it.trim() !== '');
    if (!lines.slice(0, 50).some((it) => LINE.test(it))) return null;
    const counts = new Counts();
    let [last, broken] = ['', 0];
    for (const line of lines) {
      const [, time = '', method = '', target = ''] = LINE.exec(line) ?? [];
      if (method === '') broken += 1;
      else {
        counts.add(method, pathOf(target));
        last = time;
      }
    }
    const [, day, month, year, clock, zone] = /^(\d+)\/(\w+)\/(\d+):([\d:]+) ([+-]\d{4})/.exec(last) ?? [];
    const at = timeOf(`${year}-${String(MONTHS.indexOf(month ?? '') + 1).padStart(2, '0')}-${day}T${clock}${zone?.slice(0, 3)}:${zone?.slice(3)}`);
    return { tool: 'access log', ...(at && { at }), samples: counts.samples(), skipped: broken > 0 ? [`${broken} line${broken === 1 ? '' : 's'} in another form`] : [] };
  },
};

/** A browser's or proxy's record, HAR 1.2 (w3c.github.io/web-performance/specs/HAR/Overview.html). */
export const har: Format = {
  name: 'HAR',
  read(text) {
    const it = jsonIn(text);
    if (!isRecord(it) || !isRecord(it.log) || !('entries' in it.log)) return null;
    const entries = Array.isArray(it.log.entries) ? it.log.entries.filter(isRecord) : [];
    const counts = new Counts();
    let at: string | undefined;
    for (const { request, startedDateTime } of entries) {
      if (!isRecord(request) || typeof request.method !== 'string' || typeof request.url !== 'string') continue;
      counts.add(request.method, pathOf(request.url));
      at = timeOf(startedDateTime) ?? at;
    }
    const samples = counts.samples();
    return samples.length === 0 ? { problem: 'It holds no request.' } : { tool: 'HAR', ...(at && { at }), samples, skipped: [] };
  },
};
