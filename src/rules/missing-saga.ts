import { type Component, type Endpoint, type QueryStep, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, Rule, Weakness } from '../model/weakness.ts';
import { afterSteps } from './after-writes.ts';
import { effectOf } from './done-once.ts';
import { everyones } from './everyones.ts';
import { oncePerPlace } from './once.ts';

type Request = Extract<Step, { kind: 'request' }>;
type Write = QueryStep | Request;

/** What is kept there is a copy or a count, and is made anew from elsewhere. */
const COPIES = ['clickhouse', 'elasticsearch', 'opensearch', 'bigquery', 'sqlite', 's3'];
const WRITING = /^(POST|PUT|PATCH|DELETE)\b/;

/** Whatever is waited for and changes something: a write of one's own, a call that may be one. */
const isWrite = (step: Step): step is Write =>
  (step.kind === 'query' && step.operation === 'write' && step.awaited) ||
  (step.kind === 'request' && step.awaited && step.errand === undefined && (WRITING.test(step.label) || effectOf(step)?.kind === 'charge'));

/** The one whose record is changed for certain: a database, a service whose route writes to one, a vendor that moves money. Undefined: not certain. */
function recordOf(topology: Topology, step: Write): Component | undefined {
  const target = topology.components.find((it) => it.id === step.target);
  if (target?.scope !== 'runtime') return undefined;
  if (step.kind === 'query') return target.kind === 'database' && !COPIES.includes(target.engine ?? '') ? target : undefined;
  if (effectOf(step)?.kind === 'charge') return target;
  const route = topology.endpoints.find((it) => it.id === step.endpoint);
  return route && writesRecord(topology, route) ? target : undefined;
}

function writesRecord(topology: Topology, route: Endpoint): boolean {
  let found = false;
  walkSteps(route.steps, (step) => {
    found ||= step.kind === 'query' && step.operation === 'write' && recordOf(topology, step) !== undefined;
  });
  return found;
}

/** A transaction around both: the database takes its part back when the other one fails. */
function areInOne(endpoint: Endpoint, first: Step, second: Step): boolean {
  const around = new Map<Step, readonly Step[]>();
  walkSteps(endpoint.steps, (step, enclosing) => {
    if (step === first || step === second) around.set(step, enclosing);
  });
  return (around.get(first) ?? []).some((it) => isTransaction(it) && (around.get(second) ?? []).includes(it));
}

const isTransaction = (it: Step): boolean => it.kind === 'hold' && (it.label === 'transaction' || it.steps.some((one) => one.kind === 'query' && one.label === 'BEGIN'));

function judge(topology: Topology, endpoint: Endpoint, before: readonly Write[], second: Write): Weakness {
  const base = { rule: 'missing-saga', place: second.place, component: endpoint.component, certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  const theirs = recordOf(topology, second);
  const others = before.filter((it) => it.target !== second.target);
  const first = others.findLast((it) => recordOf(topology, it) !== undefined);
  const ours = first && recordOf(topology, first);
  // What a message brought here comes again until all of it is done.
  if (!theirs || !first || !ours || endpoint.trigger.kind !== 'http') return { ...quiet, state: 'unknown' };
  if (first.mayBeUndone || areInOne(endpoint, first, second)) return { ...quiet, state: 'sound' };
  return {
    ...base,
    state: 'weak',
    facts: { label: first.label, store: ours.name, second: second.label, other: theirs.name },
    related: [{ place: first.place, says: `${first.label} stays when what follows it fails` }],
    remedies: [
      {
        id: 'add-compensation',
        effort: 5,
        does: `Take ${first.label} back when ${second.label} fails`,
        change: null,
        edit: null,
        price: 'a state for what has begun and not ended, and a compensation for each step',
        guidance:
          'Write down what is about to happen (pending), do the steps in order with the one that can’t be taken back last, and mark it as done; in the catch take back what was done, in reverse order. A timer ends what a crash left pending: forward where the rest can be done, back where it can’t. Or put the second step into an outbox, in the transaction of the first.',
      },
    ],
  };
}

function found({ topology }: Evidence): Weakness[] {
  const isEveryones = everyones(topology);
  return topology.endpoints.flatMap((endpoint) => {
    if (endpoint.role === 'excluded') return [];
    const judged: Weakness[] = [];
    const isOwnWrite = (step: Step): step is Write => isWrite(step) && !isEveryones(endpoint.component, step);
    afterSteps(endpoint.steps, isOwnWrite, (step, before) => {
      if (isWrite(step) && before.some((it) => it.target !== step.target)) judged.push(judge(topology, endpoint, before, step));
    });
    // One flow is one saga: it speaks where it first needs one.
    const lead = judged.find((it) => it.state === 'weak');
    return lead ? [lead] : judged;
  });
}

export default {
  id: 'missing-saga',
  number: 23,
  layer: 'async',
  title: 'Writes to two systems, and nothing takes the first back',
  find: (evidence) => oncePerPlace(found(evidence)),
} satisfies Rule;
