import { describe, expect, it } from 'vitest';
import type { Finding, Report } from '../../src/model/advice.ts';
import { known } from '../../src/model/known.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import type { Topology } from '../../src/model/topology.ts';
import { jsonOf } from '../../src/report/json.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { sarifOf } from '../../src/report/sarif.ts';
import { textOf } from '../../src/report/text.ts';
import { outcomeOf, poolStation } from '../advisor/outcomes.ts';
import { at, component, endpoint, shopOf } from '../rules/topologies.ts';

const NO_SCAFFOLD = { command: null, notExpressible: [] };
const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'x',
  rule: 'nested-acquire',
  severity: 'warning',
  place: at('src/a.ts', 6),
  component: 'api',
  message: 'the lead · and 1 more',
  related: [],
  remedies: [],
  folded: [],
  ...more,
});

function reportOf({ outcome = {}, topology = {}, findings = [] }: { outcome?: Partial<Outcome>; topology?: Partial<Topology>; findings?: Finding[] } = {}): Report {
  return {
    topology: { ...shopOf(), ...topology },
    scenario: DEFAULT_SCENARIO,
    outcome: outcomeOf(outcome),
    advice: { headline: 'the headline', explanation: 'why', findings, layers: [] },
    read: { files: 1, parsed: 1, ms: 1 },
  };
}
const text = (of: Parameters<typeof reportOf>[0]): string => textOf(reportOf(of), NO_SCAFFOLD);
const markdown = (of: Parameters<typeof reportOf>[0]): string => markdownOf(reportOf(of), NO_SCAFFOLD);

describe('figures', () => {
  it.each([
    [0.5, 'api  service, node express 4  50% busy'],
    [1.17, '117% busy'],
    [3, '300% busy'],
    [3.01, '>300% busy'],
    [3337.44, '>300% busy'],
    [Number.POSITIVE_INFINITY, '>300% busy'],
  ])('a utilisation of %d reads %s', (utilisation, words) => expect(text({ outcome: { stations: [poolStation({ utilisation })] } })).toContain(words));

  const rungs = [312, 1234].map((breaksAtPerSecond, index) => ({
    station: `s${index}`,
    component: 'api',
    label: `s${index}`,
    breaksAtPerSecond,
    criterion: 'stability' as const,
    places: [],
  }));
  it.each([
    ['nothing assumed', { value: 312, low: 312, high: 312 }, '1. s0 at 312 req/s', '2. s1 at 1,230 req/s'],
    ['assumed', { value: 312, low: 223, high: 412 }, '1. s0 at 310 req/s (220–410)', '2. s1 at 1,200 req/s'],
    ['assumed, far apart', { value: 312, low: 123, high: 812 }, '1. s0 between 120 and 810 req/s', '2. s1 at 1,200 req/s'],
    ['no upper end', { value: 312, low: 123, high: null }, '1. s0 above 120 req/s', '2. s1 at 1,200 req/s'],
  ])('%s', (_says, breaksAtPerSecond, ...lines) => {
    const said = text({ outcome: { ladder: rungs, breaksAtPerSecond } });
    for (const line of lines) expect(said).toContain(line);
  });
});

describe('what was assumed', () => {
  const places = [at('src/user.ts', 8), at('src/admin.ts', 3)];
  const decidedBy = Array.from({ length: 7 }, (_, index) => ({
    input: `i${index}`,
    label: `Q${index}`,
    basis: 'assumed' as const,
    low: 0.5,
    high: 30,
    unit: 'ms' as const,
    places,
  }));
  const ratio = { ...decidedBy[0]!, label: 'hit ratio', low: 0.5, high: 0.95, unit: 'ratio' as const, places: [] };
  const endpoints = [
    { id: 'api GET /a', role: 'read', offeredPerSecond: 80 },
    { id: 'api POST /a', role: 'write', offeredPerSecond: 20 },
  ] as const;
  const of = {
    topology: { endpoints: endpoints.map((it) => ({ ...endpoint('api', it.id.split(' ')[1]!, '/a', []), id: it.id })) },
    outcome: {
      decidedBy: [ratio, ...decidedBy],
      endpoints: endpoints.map((it) => ({ ...it, goodputPerSecond: 0, errorShare: 0, latencyMs: null, objectiveP95Ms: it.role === 'read' ? 500 : 800, unloadedP95Ms: 1 })),
    },
  };
  it.each([
    ['text', text],
    ['markdown', markdown],
  ])('%s names range, unit, place, objective and mix', (_format, render) => {
    const said = render(of).split('Assumed, and deciding')[1]!;
    for (const line of [
      'hit ratio: 50–95%',
      'Q0: 0.5–30 ms  src/user.ts:8 and 1 more',
      'and 3 more',
      'the objective: p95 within 500–800 ms by route, at most 1% errors, messages up to 60 s old',
      'the mix: 80% reads over 1 route, 20% writes over 1 route',
    ])
      expect(said).toContain(line);
    expect(said).not.toContain('Q5');
  });

  it('a declared objective is none', () => {
    const objective = { p95Ms: 250, errorShare: 0.01, messageAgeSeconds: 60, basis: 'declared' as const };
    expect(text({ ...of, outcome: { ...of.outcome, objective } })).not.toContain('the objective');
  });
});

describe('a folded finding keeps its own row', () => {
  const findings = [finding({ folded: [{ rule: 'slow-consumer', severity: 'information', message: 'the folded', place: at('src/b.ts', 79) }] })];
  it.each([
    ['text', text({ findings }), 'src/b.ts:79  information  slow-consumer: the folded'],
    ['markdown', markdown({ findings }), '- **slow-consumer** (information) `src/b.ts:79`: the folded'],
  ])('%s', (_format, said, row) => expect(said).toContain(row));

  it('json', () => {
    const { findings: rows } = jsonOf(reportOf({ findings }), NO_SCAFFOLD, false) as { findings: { folded: object[] }[] };
    expect(rows[0]?.folded).toMatchObject([{ rule: 'slow-consumer', severity: 'information', file: 'src/b.ts', line: 79, message: 'the folded' }]);
  });

  it('sarif', () => {
    const { runs } = sarifOf(reportOf({ findings }), { version: '1', pages: '' }) as {
      runs: { results: { ruleId: string; ruleIndex: number; level: string; locations: object[] }[] }[];
    };
    expect(runs[0]?.results.map((it) => [it.ruleId, it.ruleIndex, it.level])).toEqual([
      ['nested-acquire', 0, 'warning'],
      ['slow-consumer', 1, 'note'],
    ]);
    expect(JSON.stringify(runs[0]?.results[1]?.locations)).toContain('"startLine":79');
  });
});

describe('lines', () => {
  it.each([
    ['text', text],
    ['markdown', markdown],
  ])('%s: a name with a line break starts no line of its own', (_format, render) => {
    const said = render({
      findings: [finding({ place: at('src/a\nwarning  forged', 1), message: 'one\r\nFindings' })],
      topology: { problems: [{ file: 'b\nc', line: 2, message: 'd\ne' }] } as never,
    });
    expect(said.split('\n').filter((it) => /^(warning|c:|e|Findings$)/.test(it))).toEqual(said.startsWith('#') ? [] : ['Findings']);
  });

  it('calls of hidden components are hidden with them', () => {
    const shop = shopOf();
    const call = { ...shop.calls[0], from: 'tool', to: 'db', kind: 'query', sync: true, scope: 'runtime', places: [] } as never;
    const components = [...shop.components, component('tool', 'service', { scope: 'dev' })];
    expect(text({ topology: { components, calls: [call, { ...(call as object), from: 'api', scope: 'dev' } as never] } })).not.toContain('Calls');
    expect(text({ topology: { components: shop.components, calls: [{ ...(call as object), from: 'api' } as never] } })).toContain('api -> db');
  });
});

it('each route, job and timer says in JSON who asks it', () => {
  const { topology } = jsonOf(
    reportOf({
      topology: {
        endpoints: [
          endpoint('api', 'GET', '/orders', []),
          endpoint('api', 'GET', '/clean', [], { trigger: { kind: 'schedule', everyMs: known(60_000, 'ms', 'declared') } }),
          endpoint('api', 'POST', '/mails', [], { trigger: { kind: 'message', channel: 'mails' } }),
        ],
      },
    }),
    NO_SCAFFOLD,
    false,
  ) as { topology: { endpoints: { trigger: object }[] } };
  expect(topology.endpoints.map((it) => it.trigger)).toEqual([
    { kind: 'http', method: 'GET', path: '/orders' },
    { kind: 'schedule', everyMs: { value: 60_000, unit: 'ms', basis: 'declared' } },
    { kind: 'message', channel: 'mails' },
  ]);
});
