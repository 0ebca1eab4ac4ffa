import { known, none, unknown } from '../../src/model/known.ts';
import type { Channel, Step, Topology } from '../../src/model/topology.ts';
import type { Case } from './cases.ts';
import { applyChange } from '../../src/model/change.ts';
import { at, component, endpoint, hold, query, queueOf, shopOf } from './topologies.ts';

type Mail = Partial<Extract<Step, { kind: 'request' }>>;

const sending = (more: Mail = {}): Step => ({
  kind: 'request',
  label: 'send mail',
  target: 'smtp',
  serviceMs: known(200, 'ms', 'assumed', { range: [50, 1000] }),
  timeoutMs: known(10_000, 'ms', 'libraryDefault'),
  retries: known(0, 'count', 'libraryDefault'),
  errand: { purpose: 'mail', isForgotten: true, calledAt: at('src/signup.ts', 9) },
  awaited: true,
  place: at('src/mail.ts', 4),
  ...more,
});
const answer: Step = { kind: 'respond', place: at('src/signup.ts', 8) };

/** A sign-up that stores its row and sends a mail. */
export function signUp(
  mail: Mail = {},
  before: readonly Step[] = [],
  trigger: Topology['endpoints'][number]['trigger'] = { kind: 'http', method: 'POST', path: '/signup' },
): Topology {
  const shop = shopOf();
  const insert = shop.endpoints[1]?.steps ?? [];
  return {
    ...shop,
    components: [...shop.components, component('smtp', 'external-api')],
    endpoints: [...shop.endpoints.slice(0, 1), { ...endpoint('api', 'POST', '/signup', [...insert, ...before, sending(mail)]), trigger }],
  };
}

/** An API that enqueues mails, a worker that sends them. */
export const tried = (channel: Partial<Channel>): Topology => {
  const topology = queueOf();
  return { ...topology, channels: topology.channels.map((it) => ({ ...it, ...channel })) };
};
const attempts = (value: number) => known(value, 'count', 'declared');
const pause = { kind: 'exponential', delayMs: known(1000, 'ms', 'declared') } as const;
const unpublished = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.filter((one) => one.trigger.kind === 'message') });
const idle = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((one) => (one.trigger.kind === 'message' ? { ...one, steps: one.steps.slice(0, 1) } : one)) });

const twoCores = { db: { parallelism: known(2, 'cores', 'declared') }, max: known(50, 'connections', 'declared') } as const;
export const slowReads = { ...twoCores, readMs: hold(20), writeMs: hold(5) } as const;
const cached = (it: Topology): Topology => ({
  ...it,
  endpoints: it.endpoints.map((one) => ({
    ...one,
    steps: one.steps.map(
      (step): Step =>
        step.kind !== 'query' || step.operation !== 'read'
          ? step
          : {
              kind: 'cache',
              label: 'get products',
              target: 'api',
              operation: 'read',
              key: 'products:*',
              keyVaries: true,
              ttlMs: known(1000, 'ms', 'declared'),
              hitRatio: known(0.1, 'ratio', 'measured'),
              serviceMs: none(),
              onMiss: [step],
              awaited: true,
              place: step.place,
            },
    ),
  })),
});
const inDevelopment = (it: Topology): Topology => ({ ...it, deployments: it.deployments.map((d) => ({ ...d, stage: 'development' })) });
const reading = (it: Topology, change: (step: Step) => readonly Step[], trigger?: Topology['endpoints'][number]['trigger']): Topology => ({
  ...it,
  endpoints: it.endpoints.map((one) =>
    one.role === 'read' ? { ...one, ...(trigger && { trigger }), steps: one.steps.flatMap((step) => (step.kind === 'query' ? change(step) : [step])) } : one,
  ),
});
const beside = (it: Topology, other: Step): Topology => reading(it, (step) => [other, step]);
const inTransaction = (it: Topology): Topology =>
  reading(it, (step) => [{ kind: 'hold', label: 'transaction', pool: 'api→db pool', released: 'always', steps: [step], place: at('src/products.ts', 6) }]);
/** Writes fill the database; one request in twenty asks for something slow as well. */
const rareSlowRead = (): Topology => {
  const slow: Step = {
    kind: 'branch',
    label: 'if',
    probability: known(0.05, 'ratio', 'declared'),
    taken: [query('SELECT history', 'read', hold(200), { place: at('src/history.ts', 3) })],
    otherwise: [],
    place: at('src/products.ts', 9),
  };
  return reading(shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(80) }), (step) => [step, slow]);
};
/** The read takes all rows of a table into which the write puts more. */
const ofAllRows = (): Topology => {
  const shop = shopOf({ ...slowReads, write: [query('INSERT products', 'write', hold(5), { statement: { table: 'products', adds: true, limit: 'unknown' } })] });
  return reading(shop, (step) => (step.kind === 'query' ? [{ ...step, statement: { table: 'products', adds: false, where: [], limit: 'none' } }] : [step]));
};
const onMessage = (it: Topology): Topology => ({ ...reading(it, (step) => [step], { kind: 'message', channel: 'orders' }) });
/** What lists products is asked by the program that writes them too. */
const alsoInWrite = (it: Topology): Topology => {
  const read = it.endpoints[0]?.steps.filter((step) => step.kind === 'query') ?? [];
  return { ...it, endpoints: it.endpoints.map((one) => (one.role === 'write' ? { ...one, steps: [...one.steps, ...read] } : one)) };
};
const onReplica = (it: Topology): Topology => {
  const moved = applyChange(it, { id: 'replica', operations: [{ kind: 'routeReads', store: 'db', pools: ['api→db pool'], copies: 1 }] });
  const count = query('SELECT stock', 'read', hold(0.2), { place: at('src/stock.ts', 3) });
  return { ...moved, endpoints: [...moved.endpoints, endpoint('api', 'GET', '/stock', [count])] };
};
/** No index begins with the column that is asked for, and the table grows. */
const unindexed = (it: Topology): Topology => {
  const asked: Step[] = [
    query('SELECT products', 'read', hold(20), {
      place: at('src/products.ts', 7),
      statement: { table: 'products', adds: false, where: [{ column: 'shelf', by: 'equal', isConstant: false }], limit: 'some' },
    }),
  ];
  const added = query('INSERT products', 'write', hold(5), { statement: { table: 'products', adds: true, limit: 'unknown' } });
  const place = at('db/schema.sql', 1);
  return {
    ...reading(it, () => asked),
    endpoints: [...reading(it, () => asked).endpoints.slice(0, 1), endpoint('api', 'POST', '/products', [added])],
    tables: [
      {
        name: 'products',
        columns: [
          { name: 'id', place },
          { name: 'shelf', place },
        ],
        indexes: [{ kind: 'primary', columns: ['id'], place }],
        foreignKeys: [],
        isWhole: true,
        place,
      },
    ],
  };
};
const fewReads = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((one) => ({ ...one, role: one.role === 'read' ? 'excluded' : one.role })) });

export const ASYNC_CASES: readonly Case[] = [
  { rule: 'blocking-work-in-request', says: 'a mail that the answer does not need', topology: signUp(), state: 'weak' },
  { rule: 'blocking-work-in-request', says: 'nobody awaits it', topology: signUp({ awaited: false }), state: 'sound' },
  { rule: 'blocking-work-in-request', says: 'the client has its answer', topology: signUp({}, [answer]), state: 'sound' },
  { rule: 'blocking-work-in-request', says: 'its result is taken', topology: signUp({ errand: { purpose: 'mail' } }), state: 'unknown' },
  { rule: 'blocking-work-in-request', says: 'a call that is no errand', topology: signUp({ errand: undefined }), state: 'absent' },
  { rule: 'blocking-work-in-request', says: 'a worker sends it', topology: signUp({}, [], { kind: 'message', channel: 'mails' }), state: 'absent' },

  { rule: 'missing-retry-backoff', says: 'nobody says how often', topology: tried({}), state: 'weak' },
  { rule: 'missing-retry-backoff', says: 'three times at once', topology: tried({ attempts: attempts(3) }), state: 'weak' },
  { rule: 'missing-retry-backoff', says: 'three times, with a pause', topology: tried({ attempts: attempts(3), backoff: pause }), state: 'sound' },
  {
    rule: 'missing-retry-backoff',
    says: 'a pause that cannot be read',
    topology: tried({ attempts: attempts(3), backoff: { ...pause, delayMs: unknown('computed') } }),
    state: 'unknown',
  },
  { rule: 'missing-retry-backoff', says: 'once, in so many words', topology: tried({ attempts: attempts(1) }), state: 'unknown' },
  { rule: 'missing-retry-backoff', says: 'options that cannot be read', topology: tried({ attempts: unknown('computed') }), state: 'unknown' },
  { rule: 'missing-retry-backoff', says: 'nobody is seen to enqueue', topology: unpublished(tried({})), state: 'unknown' },
  { rule: 'missing-retry-backoff', says: 'jobs that ask nobody', topology: idle(tried({})), state: 'unknown' },
  { rule: 'missing-retry-backoff', says: 'a topic', topology: queueOf({ kafka: true }), state: 'absent' },

  { rule: 'uncached-hot-read', says: 'one read fills the database', topology: shopOf(slowReads), state: 'weak' },
  { rule: 'uncached-hot-read', says: 'assumed times decide', topology: shopOf({ ...twoCores, readMs: hold(2, 'assumed', [0.5, 20]), writeMs: hold(1) }), state: 'weak' },
  { rule: 'uncached-hot-read', says: 'a cache stands before it', topology: cached(shopOf(slowReads)), state: 'sound' },
  { rule: 'uncached-hot-read', says: 'writes fill the database', topology: shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(80) }), state: 'unknown' },
  { rule: 'uncached-hot-read', says: 'all rows of a table that grows: a page cures that', topology: ofAllRows(), state: 'unknown' },
  { rule: 'unbounded-query', says: 'all rows of a table that grows', topology: ofAllRows(), state: 'weak' },
  { rule: 'uncached-hot-read', says: 'a slow read that few requests ask for', topology: rareSlowRead(), state: 'unknown' },
  {
    rule: 'uncached-hot-read',
    says: 'the pool is what is small',
    topology: shopOf({ readMs: hold(6), writeMs: hold(6), max: known(2, 'connections', 'declared') }),
    state: 'unknown',
  },
  { rule: 'uncached-hot-read', says: 'the target is carried', topology: shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(1) }), state: 'unknown' },
  { rule: 'read-replica', says: 'reads fill the primary', topology: shopOf(slowReads), state: 'weak' },
  { rule: 'read-replica', says: 'MySQL', topology: shopOf({ ...slowReads, db: { ...slowReads.db, engine: 'mysql' } }), state: 'weak' },
  { rule: 'read-replica', says: 'they go to its replica already', topology: onReplica(shopOf({ ...slowReads, writeMs: hold(80) })), state: 'sound' },
  { rule: 'read-replica', says: 'beside a write of the same program', topology: beside(shopOf(slowReads), query('UPDATE visits', 'write', hold(0.5))), state: 'absent' },
  { rule: 'read-replica', says: 'another program reads there what it has written', topology: alsoInWrite(shopOf(slowReads)), state: 'absent' },
  { rule: 'read-replica', says: 'in a transaction', topology: inTransaction(shopOf(slowReads)), state: 'absent' },
  { rule: 'read-replica', says: 'a consumer reads', topology: onMessage(shopOf(slowReads)), state: 'absent' },
  { rule: 'read-replica', says: 'writes fill it', topology: shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(80) }), state: 'unknown' },
  { rule: 'read-replica', says: 'a slow read that few requests ask for', topology: rareSlowRead(), state: 'unknown' },
  { rule: 'read-replica', says: 'assumed times decide', topology: shopOf({ ...twoCores, readMs: hold(2, 'assumed', [0.5, 20]), writeMs: hold(1) }), state: 'unknown' },
  { rule: 'read-replica', says: 'the target is carried', topology: shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(1) }), state: 'unknown' },
  {
    rule: 'read-replica',
    says: 'the pool is what is small',
    topology: shopOf({ readMs: hold(6), writeMs: hold(6), max: known(2, 'connections', 'declared') }),
    state: 'unknown',
  },
  { rule: 'read-replica', says: 'a development deployment', topology: inDevelopment(shopOf(slowReads)), state: 'unknown' },
  { rule: 'read-replica', says: 'an index would do', topology: unindexed(shopOf(slowReads)), state: 'unknown' },
  { rule: 'read-replica', says: 'a server that copies itself otherwise', topology: shopOf({ ...slowReads, db: { ...slowReads.db, engine: 'cockroachdb' } }), state: 'absent' },

  { rule: 'uncached-hot-read', says: 'nobody reads', topology: fewReads(shopOf(slowReads)), state: 'absent' },
];
