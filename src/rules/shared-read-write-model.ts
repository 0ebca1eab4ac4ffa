import { isAssumed } from '../model/known.ts';
import { activeDeployment, type Component, type Endpoint, type QueryStep, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { bindingDatabase, fails } from './binding.ts';
import { eachStep } from './each-step.ts';
import { oncePerPlace } from './once.ts';
import { isFull } from './read-replica.ts';
import { isSeldom } from './seldom.ts';
import { sumOf, type Work, workAt } from './store-work.ts';
import { routeOf } from './route-of.ts';

/** Servers that are made for short transactions; a column store is made for sums. */
const TRANSACTIONAL = ['postgres', 'mysql', 'mariadb', 'mssql', 'mongodb'];
/** Share of the work from which sums are in the way of the rest. */
const HEAVY = 0.3;
const REFRESH_MS = 60_000;

/** The request or the message by which rows of a table come or change. */
function writerOf(topology: Topology, { target, statement }: QueryStep): { endpoint: Endpoint; step: QueryStep } | undefined {
  const table = statement?.table.toLowerCase();
  for (const endpoint of topology.endpoints) {
    if (endpoint.role === 'excluded' || endpoint.trigger.kind === 'schedule') continue;
    let found: QueryStep | undefined;
    walkSteps(endpoint.steps, (it) => {
      if (it.kind === 'query' && it.operation === 'write' && it.target === target && it.statement?.table.toLowerCase() === table) found ??= it;
    });
    if (found) return { endpoint, step: found };
  }
  return undefined;
}

/** Timers and pages for administrators may take their time. */
const isOfRequests = ({ endpoint }: Work): boolean => endpoint.trigger.kind === 'http' && endpoint.role === 'read' && !isSeldom(endpoint);

const isKept = (enclosing: readonly Step[]): boolean => enclosing.some((it) => it.kind === 'cache');

/** What a cache or a copy answers is a model of its own already. */
const apart = ({ topology }: Evidence): Weakness[] =>
  eachStep(topology, ['query'], (endpoint, step, enclosing) => {
    if (step.statement?.sums !== 'whole' || !(isKept(enclosing) || step.primary !== undefined)) return undefined;
    return { rule: 'shared-read-write-model', state: 'sound', place: step.place, component: endpoint.component, certain: false, facts: {}, related: [], remedies: [] };
  });

function judge(evidence: Evidence): Weakness[] {
  const { topology, scenario, outcome } = evidence;
  const store = topology.components.find((it) => it.id === bindingDatabase(topology, outcome));
  if (!store || !TRANSACTIONAL.includes(store.engine ?? '') || store.replicaOf !== undefined) return [];
  const work = workAt(evidence, store.id);
  const total = sumOf(work);
  const sums = work.filter((it) => it.step.operation === 'read' && it.step.statement?.sums !== undefined && isOfRequests(it)).sort((a, b) => b.perSecond - a.perSecond);
  const [first] = sums;
  if (!first || total <= 0) return [];
  const base = {
    rule: 'shared-read-write-model',
    place: first.step.place,
    component: first.endpoint.component,
    ...(outcome.binding && { station: outcome.binding }),
    certain: false,
  };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  const open = sums.filter((it) => it.step.statement?.sums === 'whole' && !it.step.usesHeld && !isKept(it.enclosing));
  const heaviest = open[0];
  if (!heaviest) return [{ ...silent, state: 'unknown' }];
  const same = open.filter((it) => isOneLine(it, heaviest));
  const share = sumOf(same) / total;
  const writer = writerOf(topology, heaviest.step);
  const isDevelopment = activeDeployment(topology)?.stage === 'development';
  if (!writer || share < HEAVY || isDevelopment || !isFull(evidence, store) || !fails(scenario, outcome)) return [{ ...silent, place: heaviest.step.place, state: 'unknown' }];
  return [weakness(evidence, store, heaviest, writer, share)];
}

const isOneLine = (a: Work, b: Work): boolean => a.step.place.file === b.step.place.file && a.step.place.line === b.step.place.line;

function weakness({ scenario, outcome }: Evidence, store: Component, { step, endpoint }: Work, writer: { endpoint: Endpoint; step: QueryStep }, share: number): Weakness {
  return {
    rule: 'shared-read-write-model',
    state: 'weak',
    place: step.place,
    component: endpoint.component,
    ...(outcome.binding && { station: outcome.binding }),
    certain: false,
    facts: {
      label: step.label,
      table: step.statement?.table ?? '',
      store: store.name,
      storeId: store.id,
      route: routeOf(endpoint),
      writer: routeOf(writer.endpoint),
      share,
      basis: scenario.mix === null ? 'assumed mix' : 'declared mix',
      assumed: scenario.mix === null || isAssumed(step.holdMs),
    },
    related: [{ place: writer.step.place, says: `${routeOf(writer.endpoint)} writes the same table` }],
    remedies: [readModel(store, step)],
  };
}

const SNIPPETS: Readonly<Record<string, string>> = {
  postgres:
    'CREATE MATERIALIZED VIEW sums AS <the query>; CREATE UNIQUE INDEX ON sums (<its groups>); every minute, from one process: REFRESH MATERIALIZED VIEW CONCURRENTLY sums; the route reads sums.',
  mongodb: 'Every minute, from one process: the same pipeline with { $merge: { into: "sums" } } at its end; the route reads sums.',
};
const TABLE =
  'A table with one row for each group; every minute, from one process, write it anew in a transaction, or add to it in the transaction of each write; the route reads it.';

function readModel({ engine }: Component, step: QueryStep): RemedyIdea {
  const table = step.statement?.table ?? 'the table';
  return {
    id: 'add-read-model',
    effort: 4,
    does: `Keep the sums of ${step.label} ready, made anew every ${REFRESH_MS / 1000} s`,
    change: { id: `read-summary ${step.place.file}:${step.place.line}`, operations: [{ kind: 'readSummary', place: step.place, everyMs: REFRESH_MS }] },
    edit: null,
    price: `answers up to ${REFRESH_MS / 1000} s old, and as old as making them takes; one table more beside ${table}`,
    guidance: SNIPPETS[engine ?? ''] ?? TABLE,
  };
}

export default {
  id: 'shared-read-write-model',
  number: 9,
  layer: 'data',
  title: 'Sums over a table that requests write, asked for with every request',
  find: (evidence) => oncePerPlace([...apart(evidence), ...judge(evidence)]),
} satisfies Rule;
