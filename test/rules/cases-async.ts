import { known } from '../../src/model/known.ts';
import type { Step, Topology } from '../../src/model/topology.ts';
import type { Case } from './cases.ts';
import { at, component, endpoint, shopOf } from './topologies.ts';

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

export const ASYNC_CASES: readonly Case[] = [
  { rule: 'blocking-work-in-request', says: 'a mail that the answer does not need', topology: signUp(), state: 'weak' },
  { rule: 'blocking-work-in-request', says: 'nobody awaits it', topology: signUp({ awaited: false }), state: 'sound' },
  { rule: 'blocking-work-in-request', says: 'the client has its answer', topology: signUp({}, [answer]), state: 'sound' },
  { rule: 'blocking-work-in-request', says: 'its result is taken', topology: signUp({ errand: { purpose: 'mail' } }), state: 'unknown' },
  { rule: 'blocking-work-in-request', says: 'a call that is no errand', topology: signUp({ errand: undefined }), state: 'absent' },
  { rule: 'blocking-work-in-request', says: 'a worker sends it', topology: signUp({}, [], { kind: 'message', channel: 'mails' }), state: 'absent' },
];
