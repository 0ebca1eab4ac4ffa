import { alsoFor } from './also-for.ts';
import { valueIn } from '../model/known.ts';
import { type Channel, type Endpoint, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';

/** Queues whose jobs are tried once unless somebody says otherwise. */
const TRIED_ONCE = ['bullmq', 'bull', 'bee-queue'];
const SET_BY_RECIPE = ['bullmq', 'bull'];
/** Five attempts a second apart at first bridge 1 + 2 + 4 + 8 = 15 s. */
const ATTEMPTS = 5;
const BACKOFF_MS = 1000;

function judge(evidence: Evidence, channel: Channel): Weakness[] {
  const { topology } = evidence;
  const handlers = channel.consumers.flatMap((it) => topology.endpoints.filter((one) => one.id === it.endpoint && runs(evidence, it.component)));
  if (handlers.length === 0) return [];
  const base = { rule: 'missing-retry-backoff', place: channel.place, component: handlers[0]?.component ?? '', certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  const attempts = channel.attempts;
  const isPublished = topology.endpoints.some((it) => publishes(it, channel));
  // Where nobody is seen to enqueue, the options of the jobs are not seen either.
  if (attempts.state !== 'known' || !isPublished || !handlers.some(asksOthers)) return [{ ...silent, state: 'unknown' }];
  // One attempt that somebody wrote down is a choice.
  if (attempts.value <= 1 && attempts.basis !== 'libraryDefault') return [{ ...silent, state: 'unknown' }];
  if (attempts.value > 1 && channel.backoff) return [{ ...silent, state: valueIn(channel.backoff.delayMs) === undefined ? 'unknown' : 'sound' }];
  const places = channel.consumers.map((it) => it.place);
  return [
    {
      ...base,
      state: 'weak',
      facts: { channel: channel.name, channelId: channel.id, attempts: attempts.value },
      related: [...channel.producers.map((it) => ({ place: it.place, says: 'jobs are enqueued here' })), ...places.map((place) => ({ place, says: 'and done here' }))],
      remedies: [retry(evidence, channel, attempts.value)],
    },
  ];
}

const runs = ({ topology }: Evidence, id: string): boolean => topology.components.some((it) => it.id === id && it.scope === 'runtime');

function publishes(endpoint: Endpoint, channel: Channel): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= step.kind === 'publish' && step.channel === channel.id;
  });
  return found;
}

/** Only what asks somebody else fails for a moment and works the next time. */
function asksOthers(endpoint: Endpoint): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= step.kind === 'query' || step.kind === 'request' || (step.kind === 'cache' && step.serviceMs.state === 'known');
  });
  return found;
}

function retry({ topology }: Evidence, channel: Channel, now: number): RemedyIdea {
  const { file, line } = channel.place;
  const others = topology.channels.filter((it) => it.id !== channel.id && it.place.file === file && it.place.line === line);
  const attempts = Math.max(ATTEMPTS, now);
  return {
    id: 'set-job-attempts',
    effort: 1,
    does: `Try jobs ${attempts} times, ${BACKOFF_MS / 1000} s apart and then twice as long each time`,
    change: { id: `set-job-attempts ${channel.id} ${attempts}`, operations: [{ kind: 'retryJobs', channel: channel.id, attempts, backoffMs: BACKOFF_MS }] },
    edit: SET_BY_RECIPE.includes(channel.library) && file !== '' ? { recipe: 'set-job-attempts', args: { file, line, attempts, backoffMs: BACKOFF_MS } } : null,
    price: `a job may be done twice${alsoFor(others.map((it) => it.name))}: its work must bear that`,
    guidance: `defaultJobOptions: { attempts: ${attempts}, backoff: { type: 'exponential', delay: ${BACKOFF_MS} } }`,
  };
}

export default {
  id: 'missing-retry-backoff',
  number: 20,
  layer: 'async',
  title: 'Jobs are lost on one failure, or tried again at once',
  find: (evidence) => evidence.topology.channels.filter((it) => TRIED_ONCE.includes(it.library)).flatMap((it) => judge(evidence, it)),
} satisfies Rule;
