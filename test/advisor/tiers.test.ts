import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/advisor/effect.ts';
import { adviseWith } from '../../src/advisor/index.ts';
import { severityOf, worthOf } from '../../src/advisor/severity.ts';
import type { Outcome, Rung } from '../../src/model/outcome.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import type { Suppression, Topology } from '../../src/model/topology.ts';
import type { RemedyIdea, Rule, Severity, Weakness } from '../../src/model/weakness.ts';
import { at, shopOf } from '../rules/topologies.ts';
import { outcomeOf, poolStation, spikeOf } from './outcomes.ts';

const ASKED: Scenario = { ...DEFAULT_SCENARIO, targetSetByUser: true };
const SPIKE: Scenario = { ...ASKED, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } };
const FAILS: Partial<Outcome> = { verdict: 'fails', breaksAtPerSecond: { value: 310, low: 310, high: 310 } };

const weak = (rule: string, more: Partial<Weakness> = {}): Weakness => ({
  rule,
  state: 'weak',
  place: at('src/db.ts', 3),
  component: 'api',
  station: 'api→db pool',
  certain: false,
  facts: {},
  related: [],
  remedies: [],
  ...more,
});
const rung = (station: string, breaksAtPerSecond: number): Rung => ({ station, component: station, label: station, breaksAtPerSecond, criterion: 'stability', places: [] });
const ruleThatFinds = (found: readonly Weakness[], id: string, number: number): Rule => ({
  id,
  number,
  layer: 'data',
  title: id,
  find: () => found.filter((it) => it.rule === id),
});
const rulesFor = (found: readonly Weakness[]): Rule[] => [...new Set(found.map((it) => it.rule))].map((id, index) => ruleThatFinds(found, id, index));

/** Every change doubles the rate, whatever it is. */
const DOUBLING: Simulator = {
  assess: () => outcomeOf({ breaksAtPerSecond: { value: 620, low: 620, high: 620 }, binding: 'db', verdict: 'fails' }),
  playSpike: () => spikeOf(),
};
const USELESS: Simulator = { ...DOUBLING, assess: () => outcomeOf(FAILS) };

function adviceOn(
  found: readonly Weakness[],
  {
    outcome = FAILS,
    scenario = ASKED,
    topology = shopOf(),
    simulator = DOUBLING,
  }: { outcome?: Partial<Outcome>; scenario?: Scenario; topology?: Topology; simulator?: Simulator } = {},
) {
  return adviseWith(simulator, rulesFor(found), topology, scenario, outcomeOf(outcome));
}

const idea = (id: string, effort: RemedyIdea['effort'], more: Partial<RemedyIdea> = {}): RemedyIdea => ({
  id,
  effort,
  does: id,
  change: { id, operations: [] },
  edit: null,
  price: '',
  ...more,
});
const edit = { recipe: 'set-pool-max', args: { value: 25 } };

describe('severity', () => {
  const TABLE: [says: string, Weakness, Scenario, Partial<Outcome>, Severity][] = [
    ['user target, fails, binding', weak('pool-saturation'), ASKED, FAILS, 'warning'],
    ['user target, fails, another station binds', weak('pool-saturation'), ASKED, { ...FAILS, binding: 'db' }, 'information'],
    ['user target, fails, a query where its database binds', weak('unbounded-query'), ASKED, { ...FAILS, binding: 'db' }, 'warning'],
    ['user target, fails, a query of which nobody knows how much it matters', weak('missing-index', { facts: { assumed: true } }), ASKED, { ...FAILS, binding: 'db' }, 'hint'],
    ['user target, fails, an index that a table of a likely size needs', weak('missing-index', { facts: { rows: 1_000_000 } }), ASKED, { ...FAILS, binding: 'db' }, 'warning'],
    ['user target, fails, an index that only a larger table needs', weak('missing-index', { facts: { rows: 1_000_001 } }), ASKED, { ...FAILS, binding: 'db' }, 'information'],
    ['user target, fails, a query where an event loop binds', weak('unbounded-query'), ASKED, { ...FAILS, binding: 'api loop' }, 'information'],
    [
      'user target, fails, gives way with the one that binds',
      weak('pool-saturation'),
      ASKED,
      { ...FAILS, binding: 'db', ladder: [rung('db', 310), rung('api→db pool', 318)] },
      'warning',
    ],
    ['user target, fails, gives way later', weak('pool-saturation'), ASKED, { ...FAILS, binding: 'db', ladder: [rung('db', 310), rung('api→db pool', 400)] }, 'information'],
    [
      'user target, fails, a pool of an assumed size that the next limit follows at once',
      weak('pool-saturation', { facts: { sizeBasis: 'assumed' } }),
      ASKED,
      { ...FAILS, ladder: [rung('api→db pool', 310), rung('api loop', 380)] },
      'information',
    ],
    [
      'user target, fails, a pool of an assumed size far before the next limit',
      weak('pool-saturation', { facts: { sizeBasis: 'assumed' } }),
      ASKED,
      { ...FAILS, ladder: [rung('api→db pool', 310), rung('api loop', 400)] },
      'warning',
    ],
    [
      'user target, fails, a pool whose size is known that the next limit follows at once',
      weak('pool-saturation', { facts: { sizeBasis: 'libraryDefault' } }),
      ASKED,
      { ...FAILS, ladder: [rung('api→db pool', 310), rung('api loop', 380)] },
      'warning',
    ],
    ['default target, fails, binding', weak('pool-saturation'), DEFAULT_SCENARIO, FAILS, 'information'],
    ['user target, unknown', weak('pool-saturation'), ASKED, { verdict: 'unknown' }, 'hint'],
    ['user target, tight', weak('pool-saturation'), ASKED, { verdict: 'tight' }, 'information'],
    ['spike fails though the steady verdict holds', weak('pool-saturation'), SPIKE, { verdict: 'holds', spike: spikeOf() }, 'warning'],
    ['spike passes though the steady verdict fails', weak('pool-saturation'), SPIKE, { ...FAILS, spike: spikeOf({ passes: true }) }, 'information'],
    ['a queue is never a warning', weak('synchronous-write-path'), SPIKE, { ...FAILS, spike: spikeOf() }, 'information'],
    ['a missing timeout does not explain a failure', weak('missing-acquire-timeout'), ASKED, FAILS, 'information'],
    ['certain at its line, whatever the load', weak('nested-acquire', { certain: true }), DEFAULT_SCENARIO, {}, 'warning'],
    ['what it says rests on assumptions', weak('connection-budget', { facts: { assumed: true } }), DEFAULT_SCENARIO, {}, 'hint'],
    ['what it says is declared', weak('connection-budget'), DEFAULT_SCENARIO, { verdict: 'unknown' }, 'information'],
  ];
  it.each(TABLE)('%s', (_says, weakness, scenario, outcome, severity) => {
    expect(severityOf(weakness, { topology: shopOf(), scenario, outcome: outcomeOf(outcome) })).toBe(severity);
  });

  const BATCHED = [idea('one-query', 3)];
  /** With a page it bears 600, without one and with ten times the rows, at which the shop's read takes 80 ms, so many. */
  const growingTo = (perSecond: number): Simulator => ({
    ...DOUBLING,
    assess: (topology) => {
      const value = JSON.stringify(topology).includes('"value":80') ? perSecond : 600;
      return outcomeOf({ breaksAtPerSecond: { value, low: value, high: value }, binding: 'db', verdict: 'fails' });
    },
  });
  const PROVEN: [says: string, Weakness, Simulator, Severity][] = [
    ['a query without which it bears twice as much', weak('n-plus-one', { remedies: BATCHED }), DOUBLING, 'warning'],
    ['a query without which nothing changes', weak('n-plus-one', { remedies: BATCHED }), USELESS, 'hint'],
    ['a query that nothing can be tried for', weak('n-plus-one', { remedies: [idea('by-hand', 3, { change: null })] }), USELESS, 'warning'],
    ['a page that saves little of ten times the rows', weak('unbounded-query', { place: at('src/products.ts', 7), remedies: BATCHED }), growingTo(450), 'information'],
    ['a page that saves most of ten times the rows', weak('unbounded-query', { place: at('src/products.ts', 7), remedies: BATCHED }), growingTo(200), 'warning'],
    ['certain at its line, whatever is tried', weak('nested-acquire', { certain: true, remedies: BATCHED }), USELESS, 'warning'],
    ['what gives way itself, whatever is tried', weak('pool-saturation', { remedies: BATCHED }), USELESS, 'warning'],
  ];
  it.each(PROVEN)('%s', (_says, weakness, simulator, severity) => {
    expect(adviceOn([weakness], { simulator }).findings.map((it) => it.severity)).toEqual([severity]);
  });

  it('what gives way is told first, then what is certain, then what gains most', () => {
    const found = [
      weak('unbounded-query', { place: at('src/db.ts', 9) }),
      weak('nested-acquire', { certain: true }),
      weak('unbounded-cache', { station: 'heap' }),
      weak('pool-saturation'),
    ];
    expect(adviceOn(found).findings.map((it) => it.rule)).toEqual(['pool-saturation', 'nested-acquire', 'unbounded-query', 'unbounded-cache']);
    const evidence = { topology: shopOf(), scenario: ASKED, outcome: outcomeOf(FAILS) };
    expect([[], [1.1, 2], [1.5]].map((gains) => worthOf(weak('n-plus-one'), evidence, gains))).toEqual([
      [2, 0],
      [2, 2],
      [2, 1.5],
    ]);
  });

  it('of four warnings three are visible, the rest folds', () => {
    const found = ['a', 'b', 'c', 'd', 'e'].map((id) => weak(id, { certain: true, component: id }));
    const { findings } = adviceOn(found);
    expect(findings.map((it) => it.rule)).toEqual(['a', 'b', 'c']);
    expect(findings[2]?.folded.map((it) => it.rule)).toEqual(['d', 'e']);
    expect(findings[2]?.message).toBe('c · and 2 more');
  });
});

describe('one cause, one diagnostic', () => {
  const stations = [poolStation(), poolStation({ id: 'api→logs pool', target: 'logs' }), poolStation({ id: 'connections of db', kind: 'connections', component: 'db' })];
  const TABLE: [says: string, Weakness[], findings: string[][]][] = [
    ['pool and connections of one database', [weak('pool-saturation'), weak('connection-budget', { station: 'connections of db' })], [['pool-saturation', 'connection-budget']]],
    ['pool and write path of one database', [weak('pool-saturation'), weak('synchronous-write-path', { component: 'web' })], [['pool-saturation', 'synchronous-write-path']]],
    ['two databases', [weak('pool-saturation'), weak('connection-budget', { station: 'api→logs pool' })], [['pool-saturation'], ['connection-budget']]],
    [
      'connections without a station of their own',
      [weak('pool-saturation'), weak('connection-budget', { station: 'connections db', facts: { storeId: 'db' } })],
      [['pool-saturation', 'connection-budget']],
    ],
    ['another family', [weak('pool-saturation'), weak('missing-acquire-timeout')], [['pool-saturation'], ['missing-acquire-timeout']]],
    [
      'the same family without a station',
      [weak('missing-circuit-breaker', { station: undefined }), weak('missing-timeout', { station: undefined })],
      [['missing-circuit-breaker'], ['missing-timeout']],
    ],
  ];
  it.each(TABLE)('%s', (_says, found, groups) => {
    const { findings } = adviceOn(found, { outcome: { ...FAILS, stations } });
    expect(findings.map((it) => [it.rule, ...it.folded.map((f) => f.rule)]).sort()).toEqual(groups.sort());
  });

  it('brings its remedies along, by effort, and one of them is preferred', () => {
    const found = [
      weak('pool-saturation', { remedies: [idea('insert-cache', 4)] }),
      weak('connection-budget', { station: 'connections of db', facts: { total: 200, limit: 100 }, remedies: [idea('set-pool-max', 1, { edit })] }),
    ];
    const [finding] = adviceOn(found, { outcome: { ...FAILS, stations } }).findings;
    expect(finding?.remedies.map((it) => [it.id, it.preferred])).toEqual([
      ['connection-budget/set-pool-max', true],
      ['pool-saturation/insert-cache', false],
    ]);
    expect(finding?.related.map((it) => it.message)).toContain(finding?.folded[0]?.message);
  });

  const elsewhere = { ...edit, args: { ...edit.args, line: 9 } };
  it.each<[string, RemedyIdea[], RemedyIdea[], unknown[]]>([
    ['the same edit twice', [idea('page', 3, { edit })], [idea('page', 3, { edit })], [edit]],
    ['the same edit with other words for what it brings', [idea('page', 3, { edit, does: 'page: ×2' })], [idea('page', 3, { edit, does: 'page: ×3' })], [edit]],
    ['advice in the same words', [idea('page', 3)], [idea('page', 3)], [null]],
    ['of the same words one edits', [idea('page', 3)], [idea('page', 3, { edit })], [edit]],
    ['the same words for two places', [idea('page', 3, { edit })], [idea('page', 3, { edit: elsewhere })], [edit, elsewhere]],
  ])('proposes once: %s', (_says, first, second, edits) => {
    const found = [weak('pool-saturation', { remedies: first }), weak('pool-saturation', { place: at('src/db.ts', 9), remedies: second })];
    const [finding] = adviceOn(found, { outcome: { ...FAILS, stations } }).findings;
    expect(finding?.remedies.map((it) => it.edit)).toEqual(edits);
  });
});

describe('one construction, one finding', () => {
  const TABLE: [says: string, Weakness[], findings: [message: string, folded: number][]][] = [
    ['two clients, the same words', [weak('x'), weak('x', { component: 'worker' })], [['x · used by api and worker', 0]]],
    ['three clients', [weak('x'), weak('x', { component: 'worker' }), weak('x', { component: 'admin' })], [['x · used by api, worker and admin', 0]]],
    ['one client, twice', [weak('x'), weak('x')], [['x', 0]]],
    [
      'another line',
      [weak('x'), weak('x', { component: 'worker', place: at('src/db.ts', 4) })],
      [
        ['x', 0],
        ['x', 0],
      ],
    ],
    [
      'other words',
      [weak('nested-acquire', { facts: { label: 'A' } }), weak('nested-acquire', { facts: { label: 'B' } })],
      [['A takes a second connection of  while one is held: deadlock under load', 1]],
    ],
    [
      'no place',
      [weak('x', { place: at('', 0) }), weak('x', { component: 'worker', place: at('', 0) })],
      [
        ['x', 0],
        ['x', 0],
      ],
    ],
  ];
  it.each(TABLE)('%s', (_says, found, expected) => {
    const { findings } = adviceOn(found);
    expect(findings.map((it) => [it.message, it.folded.length])).toEqual(expected);
  });

  it('the most severe leads, and a remedy that both propose is proposed once', () => {
    const remedies = [idea('set', 1, { edit })];
    const [finding] = adviceOn([weak('x', { component: 'worker', facts: { assumed: true }, station: undefined, remedies }), weak('x', { certain: true, remedies })]).findings;
    expect(finding).toMatchObject({ severity: 'warning', component: 'api' });
    expect(finding?.remedies).toHaveLength(1);
  });
});

describe('remedies', () => {
  it('rank by effort; an edit is preferred to guidance of the same effort', () => {
    const [finding] = adviceOn([weak('pool-saturation', { remedies: [idea('queue', 5, { edit }), idea('by-hand', 1), idea('by-edit', 1, { edit })] })]).findings;
    expect(finding?.remedies.map((it) => it.id)).toEqual(['pool-saturation/by-hand', 'pool-saturation/by-edit', 'pool-saturation/queue']);
    expect(finding?.remedies.filter((it) => it.preferred).map((it) => it.id)).toEqual(['pool-saturation/by-edit']);
  });

  it('a queue that changes the contract is never preferred', () => {
    const [finding] = adviceOn([weak('synchronous-write-path', { remedies: [idea('insert-queue', 5, { edit })] })]).findings;
    expect(finding?.remedies.map((it) => it.preferred)).toEqual([false]);
  });

  it('that bring nothing are dropped; advice without a change stays', () => {
    const found = [weak('pool-saturation', { remedies: [idea('useless', 1), idea('read this', 6, { change: null, guidance: 'link' })] })];
    expect(adviceOn(found, { simulator: USELESS }).findings[0]?.remedies.map((it) => it.id)).toEqual(['pool-saturation/read this']);
  });

  it('a finding that no remedy helps is a hint, unless it explains the failure', () => {
    const idle = [idea('useless', 1)];
    const found = [weak('pool-saturation', { remedies: idle }), weak('worker-in-web-process', { component: 'other', remedies: idle })];
    expect(adviceOn(found, { simulator: USELESS }).findings.map((it) => [it.rule, it.severity])).toEqual([
      ['pool-saturation', 'warning'],
      ['worker-in-web-process', 'hint'],
    ]);
  });

  it('carry the figures before and after', () => {
    const [finding] = adviceOn([weak('pool-saturation', { remedies: [idea('set-pool-max', 1, { price: '2500 of 3000 connections' })] })]).findings;
    expect(finding?.remedies[0]).toMatchObject({ breaksAtBefore: 310, breaksAtAfter: 620, verdictAfter: 'fails', price: '2,500 of 3,000 connections' });
  });
});

describe('suppressions', () => {
  const excuse = (file: string, line: number, reason = 'known', rule = 'pool-saturation'): Suppression => ({ rule, reason, place: at(file, line) });
  const TABLE: [says: string, Suppression, rules: string[]][] = [
    ['the line before', excuse('src/db.ts', 2), []],
    ['another line', excuse('src/db.ts', 3), ['pool-saturation', 'unused-suppression']],
    ['another file', excuse('src/other.ts', 2), ['pool-saturation', 'unused-suppression']],
    ['another rule', excuse('src/db.ts', 2, 'known', 'slow-consumer'), ['pool-saturation', 'unused-suppression']],
    ['no reason', excuse('src/db.ts', 2, ' '), ['pool-saturation', 'unused-suppression']],
    ['the whole file', { ...excuse('faultline.json', 9), file: 'src/db.ts' }, []],
    ['another whole file', { ...excuse('faultline.json', 9), file: 'src/other.ts' }, ['pool-saturation', 'unused-suppression']],
    ['the whole workspace', { ...excuse('faultline.json', 9), file: '' }, []],
  ];
  it.each(TABLE)('%s', (_says, suppression, rules) => {
    const { findings } = adviceOn([weak('pool-saturation')], { topology: { ...shopOf(), suppressions: [suppression] } });
    expect(findings.map((it) => it.rule)).toEqual(rules);
    for (const it of findings.filter((f) => f.rule === 'unused-suppression')) expect(it).toMatchObject({ severity: 'hint', place: suppression.place });
  });
});

describe('layers', () => {
  it('count every state of every rule', () => {
    const rule: Rule = {
      ...ruleThatFinds([], 'x', 1),
      layer: 'async',
      find: () => [weak('x'), weak('x', { state: 'sound' }), weak('x', { state: 'unknown' }), weak('x', { state: 'unknown' })],
    };
    const { layers } = adviseWith(DOUBLING, [rule], shopOf(), ASKED, outcomeOf());
    expect(layers.map((it) => it.layer)).toEqual(['data', 'cache', 'async', 'infrastructure', 'observability', 'security']);
    expect(layers.find((it) => it.layer === 'async')?.rules).toEqual([{ rule: 'x', title: 'x', weak: 1, sound: 1, unknown: 2 }]);
  });
});
