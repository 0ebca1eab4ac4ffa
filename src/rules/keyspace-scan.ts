import { inputId } from '../model/inputs.ts';
import type { CacheStep, Endpoint } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { eachStep } from './each-step.ts';
import { oncePerPlace } from './once.ts';

/** Reading a set of keys takes what a command takes: the middle of what is assumed of one. */
const COMMAND_MS = 0.3;

function judge({ topology, outcome }: Evidence, endpoint: Endpoint, step: CacheStep): Weakness | undefined {
  // What lies in the memory of the process is counted in thousands, and keeps nobody else waiting.
  if (step.operation !== 'read' || step.serviceMs.state === 'none' || endpoint.role === 'excluded') return undefined;
  const station = outcome.stations.find((it) => it.kind === 'store' && it.component === step.target);
  const base = { rule: 'keyspace-scan', place: step.place, component: endpoint.component, ...(station && { station: station.id }), certain: false };
  if (!step.scans) return { ...base, state: 'sound', facts: {}, related: [], remedies: [] };
  if (endpoint.trigger.kind !== 'http') return { ...base, state: 'unknown', facts: {}, related: [], remedies: [] };
  const store = topology.components.find((it) => it.id === step.target);
  return {
    ...base,
    state: 'weak',
    facts: { label: step.label, store: store?.name ?? step.target },
    related: [{ place: endpoint.place, says: 'a request that waits for it' }],
    remedies: [keepIndex(step)],
  };
}

function keepIndex(step: CacheStep): RemedyIdea {
  return {
    id: 'keep-index',
    effort: 3,
    does: 'Keep the keys of a group in a set of their own',
    change: { id: `keep-index ${step.target}`, operations: [{ kind: 'setInput', input: inputId.service(step.target, 'keyspace scan'), value: COMMAND_MS }] },
    edit: null,
    price: 'every write of a key adds it to the set, every delete takes it out',
    guidance: 'SADD beside each SET and SMEMBERS instead of KEYS; one hash for what is read and dropped together; or a version number in the key, raised to drop all at once.',
  };
}

export default {
  id: 'keyspace-scan',
  number: 53,
  layer: 'cache',
  title: 'A request looks at every key of a store',
  find: (evidence) => oncePerPlace(eachStep(evidence.topology, ['cache'], (endpoint, step) => judge(evidence, endpoint, step))),
} satisfies Rule;
