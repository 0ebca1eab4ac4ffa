import type { Instruction, Network } from '../../model/network.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the closed form of `solve` says nothing about, by field of a call. */
const CALL: Readonly<Record<string, string>> = {
  cancels: 'a call that ends what it called',
  breaker: 'a circuit breaker',
  hedge: 'a hedged call',
  fallback: 'a fallback',
};

/**
 * The first thing in a network that `solve` does not know, in words; null where it knows all.
 * It plays such a network as if that thing were absent: rates and utilisation are then a first guess, times are not to be told.
 */
export function whatSolveCannot(network: Network): string | null {
  if (network.faults && network.faults.length > 0) return 'faults';
  for (const source of network.sources) {
    if (source.closed) return `a closed source (${source.id})`;
    if (typeof source.arrivals === 'object') return `arrivals that are no Poisson stream (${source.id})`;
    if (source.phases?.some((it) => it.toPerSecond !== undefined)) return `a rate that changes all the time (${source.id})`;
  }
  // A timer beside random requests changes little; where nothing else comes, waits are shorter than the formulas say.
  if (network.sources.length > 0 && network.sources.every((it) => it.arrivals === 'deterministic')) return 'a load of paced requests alone';
  for (const program of network.programs) {
    if (program.job?.retentionMs !== undefined) return `retention of messages (${program.id})`;
    const found = inside(program.body);
    if (found !== null) return `${found} (${program.id})`;
  }
  for (const cache of network.caches ?? []) if (cache.singleFlight) return `lookups that wait for one another (${cache.id})`;
  for (const station of network.stations) {
    if (station.discipline === 'eventLoop') return `an event loop that takes in new connections one by one (${station.id})`;
    if (station.discipline === 'priority') return `priorities (${station.id})`;
    if (station.scalability) return `a station that slows down as it fills (${station.id})`;
  }
  for (const group of network.groups) {
    if (group.balancer === 'connection' && group.instances > 1) return `balancing by connection (${group.id})`;
    if (group.autoscaling) return `autoscaling (${group.id})`;
    if (group.onDemand) return `instances that are started on demand (${group.id})`;
    if (group.memory) return `instances that may run out of memory (${group.id})`;
  }
  return null;
}

function inside(body: readonly Instruction[]): string | null {
  for (const step of body) {
    const found = ofStep(step);
    if (found !== null) return found;
  }
  return null;
}

function ofStep(step: Instruction): string | null {
  switch (step.op) {
    case 'serve':
      return isRandom(step.waitLimitMs) ? 'a wait limit that is drawn' : null;
    case 'hold':
      return isRandom(step.waitLimitMs) ? 'a wait limit that is drawn' : inside(step.body);
    case 'loop':
      return inside(step.body);
    case 'branch':
      return inside(step.taken) ?? inside(step.otherwise);
    case 'parallel':
      for (const branch of step.branches) {
        const found = inside(branch);
        if (found !== null) return found;
      }
      return null;
    case 'readReplica':
      return step.stale === undefined ? null : 'a stale read that something follows from';
    case 'lookup':
      return inside(step.hit) ?? inside(step.miss);
    case 'call':
      return ofCall(step as unknown as Fields);
    default:
      return null;
  }
}

const isRandom = (limit: unknown): boolean => typeof limit === 'object' && limit !== null && (limit as Fields).kind !== 'deterministic';

function ofCall(call: Fields): string | null {
  for (const [field, words] of Object.entries(CALL)) if (call[field] !== undefined && call[field] !== false) return words;
  const retry = call.retry as Fields | undefined;
  if (!retry) return null;
  if (retry.times === null) return 'retries without end';
  if (retry.probability !== undefined && retry.probability !== 1) return 'retries that are made by chance';
  return retry.budget !== undefined ? 'a retry budget' : null;
}
