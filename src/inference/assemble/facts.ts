import type { Known } from '../../model/known.ts';
import { type ComponentId, type Fact, type Step, type Topology, walkSteps } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import { imageOf } from './images.ts';
import type { Layouts } from './layouts.ts';
import { configurationsOf } from './proxies.ts';
import { told } from './steps.ts';

/** The numbers of a topology as a flat list, as people count them in reviews. */
export function factsOf(topology: Topology, claims: Pick<Claims, 'services' | 'units' | 'configuration'>, layouts: Layouts): Fact[] {
  const facts: Fact[] = [];
  const add = (...fact: Parameters<typeof factOf>): void => void facts.push(...factOf(...fact));
  for (const it of topology.pools) if (!it.multiplexed) add('pool_size', `${it.client}->${it.target}`, it.max, 'connections', it.place);
  for (const it of topology.channels)
    for (const consumer of it.consumers) {
      add('worker_concurrency', it.name, consumer.concurrency, 'jobs', consumer.place);
      if (it.attempts.state === 'known' && it.attempts.basis !== 'assumed') add('max_retries', it.name, it.attempts, 'attempts');
    }
  for (const it of topology.components) {
    if (it.runsIn || it.engine) continue;
    add('replicas', it.id, it.replicas, 'replicas', it.places[0]);
    if (it.processes.state === 'known' && it.processes.basis === 'declared') add('replicas', `${it.id} processes`, it.processes, 'processes');
    if (it.cores.state === 'known') add('resource_limits', it.id, it.cores, 'cores');
  }
  for (const { onDemand, name, place } of claims.services)
    for (const event of onDemand?.events ?? [])
      if (event.kind === 'message' && event.batchSize) add('batch_size', `${name} ${event.channel}`, told(event.batchSize, 'count'), 'messages', place);
  for (const it of topology.components) {
    if (!it.onDemand) continue;
    add('timeout', `${it.id} lambda function`, it.onDemand.timeoutMs, 'ms', it.places[0]);
    add('memory_limit', it.id, it.onDemand.memory, 'bytes', it.places[0]);
    if (it.onDemand.most.state === 'known' && it.onDemand.most.basis === 'declared') add('worker_concurrency', `${it.id} instances`, it.onDemand.most, 'instances');
  }
  for (const it of topology.rateLimiters)
    add('rate_limiter', it.component, it.limit, it.limit.state === 'known' && it.limit.unit === 'perSecond' ? 'requests/s' : 'requests', it.place);
  for (const endpoint of topology.endpoints) {
    if (endpoint.role === 'excluded' && endpoint.trigger.kind === 'http' && /health|ready|live/i.test(endpoint.trigger.path))
      facts.push({ type: 'health_check', subject: endpoint.component, value: true, basis: 'declared', place: endpoint.place });
    if (endpoint.trigger.kind === 'schedule') add('poll_interval', endpoint.component, endpoint.trigger.everyMs, 'ms', endpoint.place);
    facts.push(...layouts.following(endpoint.steps, 'facts', endpoint.component, () => factsIn(endpoint.steps, endpoint.component)));
  }
  for (const it of claims.services) {
    const name = it.claims.every((claim) => !claim.replicas) ? it.claims.find((claim) => claim.fixedName)?.fixedName : undefined;
    if (name) facts.push({ type: 'replicas', subject: it.name, value: 1, unit: 'replicas', basis: 'declared', place: name });
  }
  for (const it of claims.services) {
    if (topology.components.find((one) => one.id === it.name)?.kind !== 'gateway') continue;
    for (const { type, to, said, unit } of configurationsOf(it, claims).flatMap((proxy) => proxy.settings ?? []))
      facts.push({ type, subject: to ? `${it.name}->${to}` : it.name, value: said.value, unit, basis: 'declared', place: said.place });
    for (const limit of configurationsOf(it, claims).flatMap((proxy) => proxy.limits ?? []))
      if (limit.kind === 'inFlight')
        facts.push({
          type: 'bulkhead',
          subject: [it.name, ...(limit.to ?? [])].join('->'),
          value: limit.most.value,
          unit: 'requests at once',
          basis: 'declared',
          place: limit.most.place,
        });
  }
  for (const unit of claims.units) {
    // Processes that one command starts side by side are one each in every container.
    const beside = unit.service && claims.units.filter((it) => it.service === unit.service).length > 1;
    const place = beside ? imageOf(unit.service?.build, claims.configuration)?.commandPlace : undefined;
    if (place) facts.push({ type: 'replicas', subject: `${unit.id} processes`, value: 1, unit: 'processes', basis: 'declared', place });
  }
  for (const unit of claims.units)
    for (const it of unit.reading.claims) {
      if (it.kind !== 'fact') continue;
      const { kind: _kind, subject, ...fact } = it;
      facts.push({ ...fact, subject: subject === undefined ? unit.id : `${unit.id} ${subject}`, basis: it.source ? 'libraryDefault' : 'declared' });
    }
  for (const it of claims.services) if (it.hasHealthcheck) facts.push({ type: 'health_check', subject: it.name, value: true, basis: 'declared', place: it.place });
  return eachOnce(facts);
}

function factOf(type: string, subject: string, it: Known, unit: string, fallback?: Fact['place']): Fact[] {
  if (it.state !== 'known') return [];
  const place = it.place ?? fallback;
  return [{ type, subject, value: it.value, unit, basis: it.basis, ...(place && { place }), ...(it.source && { source: it.source }) }];
}

/** What the steps of one endpoint say. */
function factsIn(steps: readonly Step[], component: ComponentId): Fact[] {
  const facts: Fact[] = [];
  const add = (...fact: Parameters<typeof factOf>): void => void facts.push(...factOf(...fact));
  walkSteps(steps, (step, enclosing) => {
    if (step.kind === 'wait' && enclosing.some((it) => it.kind === 'loop')) add('poll_interval', component, step.ms, 'ms', step.place);
    if (step.kind === 'cache' && step.ttlMs.state === 'known') add('cache_ttl', `${component} ${step.key}`, step.ttlMs, 'ms', step.place);
    if (step.kind === 'request') add('timeout', `${component}->${step.target}`, step.timeoutMs, 'ms', step.place);
    const cost = step.kind === 'compute' ? /^bcrypt cost (\d+)/.exec(step.label)?.[1] : undefined;
    if (cost) facts.push({ type: 'bcrypt_cost', subject: component, value: Number(cost), basis: 'declared', place: step.place });
  });
  return eachOnce(facts);
}

function eachOnce(facts: readonly Fact[]): Fact[] {
  const known = new Set<string>();
  return facts.filter((it) => {
    const key = JSON.stringify([it.type, it.subject, it.value, it.place?.file, it.place?.line]);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}
