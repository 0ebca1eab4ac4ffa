import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS, MOST_CHARACTERS, readMeasurements } from '../../src/measurements/read-measurements.ts';
import type { Reading } from '../../src/measurements/reading.ts';

const sample = (name: string): string => readFileSync(join(import.meta.dirname, 'samples', name), 'utf8');
const read = (text: string): Reading => {
  const result = readMeasurements(text);
  if ('problem' in result) throw new Error(result.problem);
  return result;
};
const problem = (text: string): string => {
  const result = readMeasurements(text);
  return 'problem' in result ? result.problem : `read as ${result.tool}`;
};

describe('files of the real tools', () => {
  it.each<[string, string, object[]]>([
    [
      'pg_stat_statements.csv',
      'pg_stat_statements',
      [{ kind: 'query', sql: 'SELECT id, name, price_cents FROM products ORDER BY name LIMIT $1', calls: 514, includesNetwork: false }],
    ],
    ['pg_stat_statements.recipe.csv', 'pg_stat_statements', [{ kind: 'query', sql: 'UPDATE products SET stock = stock - $2 WHERE id = $1', calls: 64 }]],
    [
      'pg_stat_statements.minute.csv',
      'pg_stat_statements',
      [{ kind: 'query', sql: 'SELECT * FROM products WHERE id = $1', calls: 1136, load: { seconds: 60.018332, atOnce: 1.641036008798112 } }],
    ],
    ['explain.json', 'EXPLAIN ANALYZE', [{ kind: 'plan', verb: 'SELECT', table: 'products', shape: 'list' }]],
    ['explain.psql.txt', 'EXPLAIN ANALYZE', [{ kind: 'plan', verb: 'UPDATE', table: 'products', shape: 'write' }]],
    ['autocannon.json', 'autocannon', [{ kind: 'responses', path: '/products', count: 501, errorShare: 0 }]],
    ['k6-summary.json', 'k6', [{ kind: 'responses', method: 'GET', path: '/products', p95Ms: 66.7, count: 2400, perSecond: 79.92 }]],
    ['k6-lines.json', 'k6', [{ kind: 'responses', method: 'GET', path: '/products/7', p95Ms: 4.25, count: 1 }]],
    [
      'prom-client.txt',
      'Prometheus',
      [
        { kind: 'requests', method: 'GET', path: '/products/', isPath: false, count: 514 },
        { kind: 'requests', method: 'GET', path: '/products/:id', count: 181 },
        { kind: 'requests', method: 'POST', path: '/orders', count: 60 },
      ],
    ],
    [
      'otlp.json',
      'OpenTelemetry',
      [
        { kind: 'query', sql: 'SELECT id, name, price_cents FROM products ORDER BY name LIMIT 50', includesNetwork: true },
        { kind: 'requests', method: 'GET', path: '/products', count: 4 },
      ],
    ],
    ['otlp.jsonl', 'OpenTelemetry', [{ kind: 'requests', method: 'POST', path: '/orders', count: 4 }]],
    ['access.log', 'access log', [{ kind: 'requests', method: 'POST', path: '/orders', isPath: true, count: 60 }]],
    ['browser.har', 'HAR', [{ kind: 'requests', method: 'GET', path: '/products/7', isPath: true, count: 1 }]],
    ['redis-info.txt', 'redis-cli INFO', [{ kind: 'hits', hits: 31, misses: 9 }]],
  ])('%s is read as of %s', (name, tool, samples) => {
    const reading = read(sample(name));
    expect(reading.tool).toBe(tool);
    expect(reading.skipped).toEqual([]);
    for (const it of samples) expect(reading.samples).toContainEqual(expect.objectContaining(it));
  });

  it.each<[string, number, number]>([
    // Means by hand: total_exec_time ÷ calls of the file's own row; planning and execution of the plan; 5 ÷ 7.5 of the way from p90 to p97.5.
    ['pg_stat_statements.csv', 0, rowMean('SELECT id')],
    ['explain.json', 0, planMs()],
    ['autocannon.json', 0, 104 + (2 / 3) * (157 - 104)],
  ])('%s: the time of its sample %i is %f ms', (name, at, ms) => {
    const it = read(sample(name)).samples[at] as unknown as Record<string, number>;
    expect(it.meanMs ?? it.ms ?? it.p95Ms).toBeCloseTo(ms, 6);
  });
});

function rowMean(start: string): number {
  const line = sample('pg_stat_statements.recipe.csv')
    .split('\n')
    .find((it) => it.startsWith(`"${start}`)) as string;
  const [calls, total] = line
    .slice(line.lastIndexOf('",') + 2)
    .split(',')
    .map(Number) as [number, number];
  return total / calls;
}
function planMs(): number {
  const text = sample('explain.json');
  return Number(/"Planning Time": ([\d.]+)/.exec(text)?.[1]) + Number(/"Execution Time": ([\d.]+)/.exec(text)?.[1]);
}

describe('broken, empty and foreign files give one clear sentence', () => {
  const half = (name: string): string => sample(name).slice(0, Math.floor(sample(name).length / 2));
  it.each<[string, string, string]>([
    ['nothing', '', 'It is empty.'],
    ['white space', ' \n\t\n', 'It is empty.'],
    ['a byte-order mark alone', '\uFEFF', 'It is empty.'],
    ['a binary file', 'PK\u0003\u0004\u0000\u0000', 'It is no text.'],
    ['a letter', 'Dear Sir or Madam,\nI write to you', 'It is none of the formats'],
    ['other JSON', '{"a": 1}', 'It is none of the formats'],
    ['a list', '[]', 'It is none of the formats'],
    ['a source file', "import x from 'y';\nexport const a = 1;\n", 'It is none of the formats'],
    ['statements without rows', 'query,calls,mean_exec_time\n', 'Read as pg_stat_statements: It holds a header and no rows'],
    ['statements without calls', 'userid,query,mean_exec_time\n1,SELECT 1,2\n', 'Read as pg_stat_statements: The column "calls" is missing.'],
    ['statements without times', 'userid,query,calls\n1,SELECT 1,2\n', 'Read as pg_stat_statements: The column "mean_exec_time" is missing'],
    ['statements with words for numbers', 'query,calls,mean_exec_time\nSELECT 1,many,2\n', 'Read as pg_stat_statements: No row holds a query'],
    ['statements cut off in a text', 'query,calls,mean_exec_time\n"SELECT 1', 'Read as pg_stat_statements: A quoted text never ends'],
    ['a plan without ANALYZE', '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "a"}}]', 'Read as EXPLAIN (FORMAT JSON): The plan holds no times'],
    ['a plan of no table', '[{"Plan": {"Node Type": "Result"}, "Execution Time": 0.1}]', 'Read as EXPLAIN (FORMAT JSON): The plan reads no table.'],
    ['half a plan', half('explain.json'), 'Read as EXPLAIN (FORMAT JSON): The plan is cut off'],
    ['half an autocannon result', half('autocannon.json'), 'It begins as JSON and is broken or cut off.'],
    ['a run without answers', sample('autocannon.json').replace('"total":501', '"total":0'), 'Read as autocannon --json: No request was answered'],
    ['a k6 summary without tags', '{"metrics":{"http_reqs":{"count":9,"rate":1},"http_req_duration":{"p(95)":3}}}', 'Read as k6 --summary-export: The summary adds up all routes'],
    ['k6 points of other things', '{"type":"Point","metric":"vus","data":{"time":"2026-11-20T10:00:00Z","value":1,"tags":{}}}\n', 'Read as k6 --out json: No times of requests'],
    ['half a trace', half('otlp.json'), 'Read as OTLP-JSON traces: It is cut off'],
    ['a trace of nothing', '{"resourceSpans":[]}', 'Read as OTLP-JSON traces: No span'],
    ['a HAR without requests', '{"log":{"version":"1.2","entries":[]}}', 'Read as HAR: It holds no request.'],
    ['metrics of something else', '# TYPE up gauge\nup 1\n', 'Read as Prometheus text: No requests by route'],
    ['INFO of another section', '# Server\r\nredis_version:7.0.15\r\n', 'Read as redis-cli INFO: The section "Stats"'],
    ['an idle Redis', '# Stats\r\nkeyspace_hits:0\r\nkeyspace_misses:0\r\n', 'Read as redis-cli INFO: No key was read yet'],
  ])('%s', (_name, text, message) => {
    expect(problem(text)).toContain(message);
    expect(problem(text).split('\n')).toHaveLength(1);
  });

  it('too large', () => expect(problem(`{${' '.repeat(MOST_CHARACTERS)}`)).toContain('larger than 200 MB'));

  it('half of a text by lines is read as far as it goes, and says so', () => {
    expect(read(half('otlp.jsonl')).samples.length + read(half('access.log')).samples.length).toBeGreaterThan(3);
    expect(read(`${sample('otlp.jsonl')}{"resourceSpans":[{`).skipped).toEqual(['1 line that are no JSON']);
  });

  it('a large log takes seconds, not minutes', () => {
    const line = '127.0.0.1 - - [21/Nov/2026:15:32:51 +0000] "GET /products/7 HTTP/1.1" 200 2624 "-" "curl"\n';
    const started = performance.now();
    expect(read(line.repeat(200_000)).samples).toEqual([expect.objectContaining({ path: '/products/7', count: 200_000 })]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('no problem quotes the file', () => {
    for (const it of FORMATS) {
      const result = it.read('query,calls,mean_exec_time\n"hunter2');
      if (result && 'problem' in result) expect(result.problem).not.toContain('hunter2');
    }
  });
});
