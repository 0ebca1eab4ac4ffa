import { type Known, type Place, valueIn } from '../model/known.ts';
import { type Endpoint, type Step, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { oncePerPlace } from './once.ts';

type Publish = Extract<Step, { kind: 'publish' }>;

/** A job that is enqueued, and where the same program waits for its end. */
interface Awaited {
  publish: Publish;
  place: Place;
  /** The loop that looks for the result again and again. */
  polls?: Place;
  everyMs?: Known;
  timeoutMs?: Known;
}

/** Jobs of one program in its order, with those that it waits for before it has answered. */
function jobsOf(endpoint: Endpoint): { enqueued: readonly Publish[]; awaited: readonly Awaited[] } {
  const enqueued: Publish[] = [];
  const awaited: Awaited[] = [];
  let isAnswered = false;
  const written = new Set<string>();
  walkSteps(endpoint.steps, (step) => {
    if (step.kind === 'cache' && step.operation === 'write') written.add(step.key);
  });
  walkSteps(endpoint.steps, (step) => {
    isAnswered ||= step.kind === 'respond';
    if (step.kind === 'publish') {
      enqueued.push(step);
      if (step.waitsForJob && !isAnswered) awaited.push({ publish: step, ...step.waitsForJob });
    }
    const last = enqueued.at(-1);
    // A key that the program itself writes is a lock, or what another request like this one is just making.
    const isOwn = step.kind === 'wait' && step.looksAt?.some((key) => written.has(key)) === true;
    if (step.kind === 'wait' && step.polls && !isOwn && last && !isAnswered && !awaited.some((it) => it.publish === last))
      awaited.push({ publish: last, place: step.polls, polls: step.polls, everyMs: step.ms });
  });
  return { enqueued, awaited };
}

function judge(evidence: Evidence, endpoint: Endpoint): Weakness[] {
  if (endpoint.role === 'excluded') return [];
  const { enqueued, awaited } = jobsOf(endpoint);
  const base = { rule: 'job-awaited-in-request', component: endpoint.component, certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  const isServed = endpoint.trigger.kind === 'http';
  return enqueued.map((publish): Weakness => {
    const wait = awaited.find((it) => it.publish === publish);
    if (!wait) return { ...silent, state: 'sound', place: publish.place };
    // What a job waits for keeps a worker, not a client.
    if (!isServed) return { ...silent, state: 'unknown', place: wait.place };
    return {
      ...base,
      state: 'weak',
      place: wait.place,
      facts: {
        route: endpoint.trigger.kind === 'http' ? `${endpoint.trigger.method} ${endpoint.trigger.path}` : endpoint.id,
        channel: nameOf(evidence, publish),
        channelId: publish.channel,
        endpointId: endpoint.id,
        everyMs: wait.everyMs ? (valueIn(wait.everyMs) ?? null) : null,
        timeoutMs: wait.timeoutMs ? (valueIn(wait.timeoutMs) ?? null) : null,
      },
      related: [
        { place: publish.place, says: 'the job is enqueued here' },
        ...(evidence.topology.channels.find((it) => it.id === publish.channel)?.consumers ?? []).map((it) => ({ place: it.place, says: 'and done here' })),
      ],
      remedies: [answer(publish, wait)],
    };
  });
}

const nameOf = ({ topology }: Evidence, { channel }: Publish): string => topology.channels.find((it) => it.id === channel)?.name ?? channel;

function answer(publish: Publish, { polls }: Awaited): RemedyIdea {
  const { file, line } = publish.place;
  return {
    id: 'answer-early',
    effort: 5,
    does: 'Answer 202 with a status URL as soon as the job is enqueued',
    change: { id: `answer-early ${file}:${line}`, operations: [{ kind: 'answerEarly', publish: publish.place, ...(polls && { polls }) }] },
    edit: null,
    price: 'clients ask for the result, or are told, by a second call',
    guidance:
      "res.status(202).location('/jobs/' + job.id).json({ id: job.id }), and a route that gives the state of a job. Where the answer is needed at once, do the work in the request: it waits for it anyway.",
  };
}

export default {
  id: 'job-awaited-in-request',
  number: 52,
  layer: 'async',
  title: 'A request enqueues a job and waits for it',
  find: (evidence) => oncePerPlace(evidence.topology.endpoints.flatMap((it) => judge(evidence, it))),
} satisfies Rule;
