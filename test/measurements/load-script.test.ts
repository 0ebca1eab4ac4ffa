import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { loadScriptOf } from '../../src/measurements/load-script.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import type { Topology } from '../../src/model/topology.ts';
import { assess } from '../../src/simulator/index.ts';
import { endpoint, shopOf } from '../rules/topologies.ts';

interface Options {
  scenarios: Record<
    string,
    { executor: string; rate?: number; timeUnit: string; exec: string; startRate?: number; stages?: { target: number; duration: string }[]; maxVUs: number }
  >;
  thresholds: Record<string, string[]>;
}

/** Runs a script as k6 would: its options, and the requests that each of its functions sends. */
function played(
  topology: Topology,
  scenario: Partial<Scenario>,
  env: Record<string, string> = {},
): { text: string; options: Options; sent: Record<string, [string, string, unknown, unknown]> } {
  const asked = { ...DEFAULT_SCENARIO, ...scenario };
  const made = loadScriptOf(topology, asked, assess(topology, asked, { ranges: false, ladder: false, breakEven: false, spike: false }));
  if ('cannot' in made) throw new Error(made.cannot);
  const calls: [string, string, unknown, unknown][] = [];
  const context = createContext({ http: { request: (...it: [string, string, unknown, unknown]) => calls.push(it) }, __ENV: env, exported: {} });
  const script = made.text
    .replace(/^import .*$/m, '')
    .replace(/^export const options/m, 'exported.options')
    .replace(/^export function (\w+)/gm, 'exported.$1 = function');
  runInContext(script, context);
  const { options, ...functions } = context.exported as { options: Options } & Record<string, () => void>;
  const sent = Object.fromEntries(
    Object.entries(functions).map(([name, send]) => {
      send();
      return [name, calls.pop() as [string, string, unknown, unknown]];
    }),
  );
  return { text: made.text, options, sent };
}

const [read, write] = shopOf().endpoints;
const mix = { [read!.id]: 3, [write!.id]: 1 };

describe('a k6 script', () => {
  it('sends each route at its part of the target, and fails when the objective does', () => {
    const { options, sent } = played(shopOf(), { targetPerSecond: 400, mix, objective: { p95Ms: 250, errorShare: 0.02, messageAgeSeconds: null } });
    expect(Object.values(options.scenarios).map((it) => [it.executor, it.rate, it.timeUnit])).toEqual([
      ['constant-arrival-rate', 300, '1s'],
      ['constant-arrival-rate', 100, '1s'],
    ]);
    for (const it of Object.values(options.scenarios)) {
      const [method, url, , { tags }] = sent[it.exec] as [string, string, unknown, { tags: { name: string } }];
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:3000\//);
      expect(tags.name.startsWith(`${method} /`)).toBe(true);
      expect(options.thresholds[`http_req_duration{name:${tags.name}}`]).toEqual(['p(95)<250']);
      expect(options.thresholds[`http_req_failed{name:${tags.name}}`]).toEqual(['rate<0.02']);
    }
    expect(options.thresholds.dropped_iterations).toEqual(['count==0']);
  });

  it('a spike: calm, peak, calm', () => {
    const { options } = played(shopOf(), { targetPerSecond: 1000, mix, profile: { kind: 'spike', basePerSecond: 40, peakPerSecond: 1000, seconds: 60 } });
    const [first] = Object.values(options.scenarios);
    expect(first).toMatchObject({ executor: 'ramping-arrival-rate', startRate: 40 * 0.75 * 60, timeUnit: '1m' });
    expect(first?.stages?.map((it) => [it.target / 60, it.duration])).toEqual([
      [30, '60s'],
      [750, '0s'],
      [750, '60s'],
      [30, '0s'],
      [30, '60s'],
    ]);
  });

  it('several services are asked at addresses of their own', () => {
    const shop = shopOf();
    const other = { ...shop.components[0]!, id: 'admin-api', name: 'admin-api' };
    const topology = { ...shop, components: [...shop.components, other], endpoints: [...shop.endpoints, endpoint('admin-api', 'GET', '/stats', [])] };
    const { sent } = played(topology, { targetPerSecond: 100 }, { BASE_URL_ADMIN_API: 'http://admin', BASE_URL: 'http://shop' });
    expect(
      Object.values(sent)
        .map(([, url]) => url.replace(/(http:\/\/\w+).*/, '$1'))
        .sort(),
    ).toEqual(['http://admin', 'http://shop', 'http://shop']);
  });

  it('says what is assumed and what has to be put in', () => {
    const { text } = played(shopOf(), { targetPerSecond: 100 });
    expect(text).toMatch(/The mix is assumed/);
    expect(text).toMatch(/Put bodies that the routes take/);
    expect(played(shopOf(), { targetPerSecond: 100, mix }).text).toMatch(/The mix is the declared or measured one/);
  });

  it('nothing takes load', () => {
    const topology = { ...shopOf(), endpoints: [] };
    expect(loadScriptOf(topology, DEFAULT_SCENARIO, assess(topology, DEFAULT_SCENARIO))).toEqual({ cannot: expect.stringContaining('no route takes load') });
  });
});
