import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/known.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Evidence, Weakness } from '../../src/model/weakness.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { spikeOf } from '../advisor/outcomes.ts';
import { CASES, type Case, SPIKE, STEADY } from './cases.ts';
import { ledgerOf, roomFor } from '../../src/rules/ledger.ts';
import { hold, nestedShop, query, queueOf, renamed, shopOf } from './topologies.ts';

/** A rule sees the simulator's own outcome; only a spike is handed in. */
function evidenceOf({ topology, scenario = STEADY, spike }: Pick<Case, 'topology' | 'scenario' | 'spike'>): Evidence {
  const outcome: Outcome = { ...assess(topology, scenario, { spike: false, ladder: false }), ...(spike && { spike: spikeOf(spike) }) };
  return { topology, scenario, outcome };
}

const ruleOf = (id: string) => RULES.find((it) => it.id === id)!;
const answers = new Map<Case, readonly Weakness[]>();

/** What its rule finds in a case; asked for by several tests, worked out once. */
function find(it: Case): readonly Weakness[] {
  const found = answers.get(it) ?? ruleOf(it.rule).find(evidenceOf(it));
  answers.set(it, found);
  return found;
}

function judgement(found: readonly Weakness[]): Weakness['state'] | 'absent' {
  const order = ['weak', 'unknown', 'sound'] as const;
  return order.find((state) => found.some((it) => it.state === state)) ?? 'absent';
}

describe.each(RULES.map((it) => it.id))('%s', (rule) => {
  const cases = CASES.filter((it) => it.rule === rule);

  it.each(cases.map((it) => [it.state, it.says, it] as const))('%s: %s', (state, _says, it) => {
    expect(judgement(find(it))).toBe(state);
  });

  it.each(cases.map((it) => [it.says, it] as const))('renaming changes nothing: %s', (_says, it) => {
    const plain = find(it);
    const other = find({ ...it, topology: renamed(it.topology) });
    expect(other).toEqual(renamed(plain));
  });

  it('only what is weak speaks', () => {
    for (const it of cases) for (const found of find(it)) if (found.state !== 'weak') expect(found.remedies, it.says).toEqual([]);
  });

  it('edits only real files', () => {
    const weak = cases.filter((it) => it.state === 'weak');
    for (const it of weak) {
      const nowhere = JSON.parse(JSON.stringify(it.topology).replace(/"file":"[^"]*"/g, '"file":""'));
      for (const found of find({ ...it, topology: nowhere })) expect(found.remedies.map((r) => r.edit).filter((edit) => edit !== null)).toEqual([]);
    }
  });
});

describe('the size of a pool', () => {
  const remedy = (topology: ReturnType<typeof shopOf>, scenario = STEADY) =>
    ruleOf('pool-saturation')
      .find(evidenceOf({ topology, scenario }))[0]
      ?.remedies.find((it) => it.id === 'set-pool-max');
  const size = (topology: ReturnType<typeof shopOf>) => {
    const operation = remedy(topology)?.change?.operations[0];
    return operation?.kind === 'setInput' ? operation.value : undefined;
  };
  const twenty = { readMs: hold(20), writeMs: hold(20) };

  it('follows Little: 1,000/s × 20 ms ÷ 0.7', () => expect(size(shopOf({ ...twenty, db: { parallelism: known(64, 'cores', 'declared') } }))).toBeGreaterThanOrEqual(29));
  it('ends where the cores are full', () =>
    expect(size(shopOf({ ...twenty, max: known(5, 'connections', 'declared'), db: { parallelism: known(8, 'cores', 'declared') } }))).toBe(12));
  it('is not said where requests wait for themselves', () => {
    const slow = { max: known(5, 'connections' as const, 'declared' as const), readMs: hold(20) };
    expect(size(nestedShop({}, slow))).toBeUndefined();
    expect(size(nestedShop({ usesHeld: true }, slow))).toBeGreaterThan(5);
  });
  it('divides among processes', () =>
    expect(
      size(
        shopOf({ ...twenty, max: known(4, 'connections', 'declared'), api: { replicas: known(2, 'replicas', 'declared') }, db: { parallelism: known(64, 'cores', 'declared') } }),
      ),
    ).toBe(15));
  it('never exceeds what the database accepts', () => {
    const topology = shopOf({ ...twenty, db: { maxConnections: known(16, 'connections', 'declared') } });
    expect(size(topology)).toBe(14);
    expect(remedy(topology)?.price).toBe('14 of 16 connections');
  });
  it('proposes nothing where there is no room', () => expect(remedy(shopOf({ ...twenty, db: { maxConnections: known(11, 'connections', 'declared') } }))).toBeUndefined());
  it('names the price where the limit is not known', () =>
    expect(remedy(shopOf({ ...twenty, db: { maxConnections: { state: 'unknown', why: 'managed' } } }))?.price).toMatch(/^\d+ connections, limit of db unknown$/));
});

describe('pool-saturation', () => {
  const busy = shopOf({ readMs: hold(20), writeMs: hold(20) });
  const weakOf = (topology: ReturnType<typeof shopOf>) =>
    ruleOf('pool-saturation')
      .find(evidenceOf({ topology }))
      .filter((it) => it.state === 'weak');

  it('a client beside it that no request uses is not what gives way', () => {
    const lock = { ...busy.pools[0]!, id: 'api→db pool 2', max: known(1, 'connections', 'libraryDefault'), place: { file: 'src/lock.ts', line: 4 } };
    expect(weakOf({ ...busy, pools: [...busy.pools, lock] }).map((it) => it.place.file)).toEqual(['src/db.ts']);
  });

  it('may be larger where requests that hold one ask for another without waiting for it', () => {
    const size = (awaited: boolean) =>
      ruleOf('pool-saturation')
        .find(evidenceOf({ topology: nestedShop({ awaited }, { readMs: hold(20) }) }))
        .flatMap((it) => it.remedies.filter((one) => one.id === 'set-pool-max')).length;
    expect([size(true), size(false)]).toEqual([0, 1]);
  });

  it.each([
    ['postgres', 1],
    ['sqlite', 0],
  ])('of %s: sizes proposed %i', (engine, sizes) => {
    const [found] = weakOf(shopOf({ readMs: hold(20), writeMs: hold(20), db: { engine } }));
    expect(found?.remedies.filter((it) => it.id === 'set-pool-max')).toHaveLength(sizes);
  });

  it('names what keeps its connections busy most, and no more than can be read', () => {
    const many = Array.from({ length: 40 }, (_, index) => query(`SELECT t${index}`, 'read', hold(index === 30 ? 20 : 1), { place: { file: 'src/list.ts', line: index + 1 } }));
    const endpoints = busy.endpoints.map((it) => (it.role === 'read' ? { ...it, steps: many } : it));
    const [found] = weakOf({ ...busy, endpoints });
    expect(found?.related[0]?.place).toEqual({ file: 'src/list.ts', line: 31 });
    expect(found?.related.length).toBeLessThan(10);
  });
});

describe('missing-acquire-timeout', () => {
  it.each([
    ['pg', 'postgres', 'set-acquire-timeout', 'edit'],
    ['typeorm', 'postgres', 'set-acquire-timeout', 'extra: { connectionTimeoutMillis: 2000 }'],
    ['postgres', 'postgres', 'set-acquire-timeout', 'query.cancel()'],
    ['mysql2', 'mysql', 'set-queue-limit', 'edit'],
    ['typeorm', 'mysql', 'set-queue-limit', 'extra: { queueLimit: 100 }'],
  ])('%s over %s is told by %s: %s', (library, engine, remedy, how) => {
    const found = ruleOf('missing-acquire-timeout').find(evidenceOf({ topology: shopOf({ pool: { library }, db: { engine } }) }));
    const [idea] = found[0]?.remedies ?? [];
    expect(idea?.id).toBe(remedy);
    if (how === 'edit') expect(idea?.edit).not.toBeNull();
    else expect([idea?.edit, idea?.guidance]).toEqual([null, expect.stringContaining(how)]);
  });
});

describe('places', () => {
  const placeOf = (rule: string, topology: ReturnType<typeof shopOf>) => {
    const { file, line } = ruleOf(rule)
      .find(evidenceOf({ topology }))
      .find((it) => it.state === 'weak')!.place;
    return `${file}:${line}`;
  };
  it.each([
    ['pool-saturation', shopOf({ readMs: hold(20), writeMs: hold(20) }), 'src/db.ts:3'],
    ['pool-saturation', shopOf({ readMs: hold(20), writeMs: hold(20), max: known(10, 'connections', 'declared', { place: { file: 'src/db.ts', line: 5 } }) }), 'src/db.ts:5'],
    ['missing-acquire-timeout', shopOf(), 'src/db.ts:3'],
    ['slow-consumer', queueOf(), 'src/worker.ts:5'],
    ['worker-in-web-process', queueOf({ worker: { runsIn: 'api' } }), 'src/worker.ts:5'],
    ['nested-acquire', nestedShop(), 'src/orders.ts:9'],
  ])('%s', (rule, topology, place) => expect(placeOf(rule, topology)).toBe(place));
});

describe('synchronous-write-path', () => {
  it('speaks once per client and database, at the heaviest write', () => {
    const shop = shopOf({ readMs: hold(20), writeMs: hold(20) });
    const second = {
      ...shop.endpoints[1]!,
      id: 'api POST /reviews',
      trigger: { kind: 'http' as const, method: 'POST', path: '/reviews' },
      steps: [query('INSERT reviews', 'write', hold(2), { place: { file: 'src/reviews.ts', line: 4 } })],
    };
    const found = ruleOf('synchronous-write-path').find(evidenceOf({ topology: { ...shop, endpoints: [second, ...shop.endpoints] }, scenario: SPIKE, spike: { passes: false } }));
    expect(found.map((it) => it.place.file)).toEqual(['src/orders.ts']);
    expect(found[0]?.related.map((it) => it.place.file)).toEqual(['src/reviews.ts']);
    expect(found[0]?.remedies.map((it) => it.id)).toEqual(['insert-queue-bullmq', 'insert-queue-kafka']);
  });
});

describe('slow-consumer', () => {
  it.each([
    ['declared', known(1, 'jobs', 'declared'), 'weak'],
    ['assumed, for it may be set in a console', known(1, 'jobs', 'assumed', { range: [1, 20] }), 'unknown'],
  ] as const)('jobs at once are %s', (_basis, concurrency, state) => {
    const found = ruleOf('slow-consumer').find(evidenceOf({ topology: queueOf({ concurrency }) }));
    expect(found.map((it) => it.state)).toEqual([state]);
  });

  it('is silent where the event loop is what holds its jobs up', () => {
    const topology = queueOf({ worker: { runsIn: 'api' }, concurrency: known(10, 'jobs', 'declared'), jobCpuMs: known(8, 'ms', 'measured') });
    expect(
      ruleOf('slow-consumer')
        .find(evidenceOf({ topology }))
        .map((it) => it.state),
    ).toEqual(['unknown']);
  });
});

describe('room for a larger pool', () => {
  it.each<[string, number | undefined, number]>([
    ['what the server accepts, less its reserve', 200, 180],
    ['where its limit is not known, what any server accepts', undefined, 90],
  ])('%s', (_says, limit, expected) => {
    const topology = shopOf({ db: { maxConnections: limit === undefined ? unknown('managed') : known(limit, 'connections', 'declared') } });
    const store = topology.components.find((it) => it.kind === 'database')!;
    const pool = topology.pools[0]!;
    expect(roomFor(ledgerOf({ ...topology, pools: [pool] }, store), pool)).toBe(expected);
  });
});
