import { known, none, unknown } from '../../src/model/known.ts';
import type { Channel, Step, Topology } from '../../src/model/topology.ts';
import type { Case } from './cases.ts';
import { at, component, endpoint, hold, queueOf, shopOf } from './topologies.ts';

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
  {
    rule: 'uncached-hot-read',
    says: 'the pool is what is small',
    topology: shopOf({ readMs: hold(6), writeMs: hold(6), max: known(2, 'connections', 'declared') }),
    state: 'unknown',
  },
  { rule: 'uncached-hot-read', says: 'the target is carried', topology: shopOf({ ...twoCores, readMs: hold(1), writeMs: hold(1) }), state: 'unknown' },
  { rule: 'uncached-hot-read', says: 'nobody reads', topology: fewReads(shopOf(slowReads)), state: 'absent' },
];
