import { inputId } from '../model/inputs.ts';
import { valueIn } from '../model/known.ts';
import type { Place } from '../model/known.ts';
import { type Endpoint, type EndpointId, type Pool, type QueryStep, type Step, walkSteps } from '../model/topology.ts';
import type { Evidence, RecipeCall, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { stationOfPool } from './binding.ts';
import { connectionsPrice, ledgerOf, roomFor } from './ledger.ts';
import { oncePerPlace } from './once.ts';
import { sizeEdit } from './shared-pools.ts';
import { routeOf } from './route-of.ts';

type Hold = Extract<Step, { kind: 'hold' }>;
type Inner = QueryStep | Hold;

const isLeft = (it: Step): boolean => it.kind === 'hold' && it.awaited === false;

interface Nested {
  outer: Hold;
  inner: Inner;
  /** Connections that one run holds when it asks for this one. */
  held: number;
}

/** What is done while a connection is held, on that pool or on one that can't be told. */
function inside(endpoint: Endpoint): Nested[] {
  const found: Nested[] = [];
  walkSteps(endpoint.steps, (step, enclosing) => {
    if (step.kind !== 'query' && step.kind !== 'hold') return;
    // What nobody awaits takes its connections while the others are given back.
    const around = enclosing.slice(Math.max(0, enclosing.findLastIndex(isLeft)));
    const holds = around.filter((it): it is Hold => it.kind === 'hold');
    const own = step.pool === undefined ? holds.slice(0, 1) : holds.filter((it) => it.pool === step.pool);
    const [outer] = own;
    if (outer) found.push({ outer, inner: step, held: own.length });
  });
  return found;
}

function judge(evidence: Evidence, endpoint: Endpoint, { outer, inner, held }: Nested): Weakness {
  const { topology, outcome } = evidence;
  const pool = topology.pools.find((it) => it.id === outer.pool);
  const station = pool && stationOfPool(outcome, pool);
  const base = { rule: 'nested-acquire', place: inner.place, component: endpoint.component, ...(station && { station: station.id }), certain: true };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  if (inner.kind === 'query' && inner.usesHeld) return { ...quiet, state: 'sound' };
  // Work that nobody awaits delays no release, so nothing waits in a circle.
  if (inner.awaited === false) return { ...quiet, state: 'sound' };
  if (!pool || inner.pool === undefined || pool.multiplexed) return { ...quiet, state: 'unknown' };
  const callers = callersOf(evidence, endpoint, pool);
  const size = valueIn(pool.max) ?? 0;
  if (callers !== undefined && size > callers * held) return { ...quiet, state: 'sound' };
  // Beside requests: so few jobs never hold all of them, and whoever else may is found where it does.
  if (size > (jobsAtOnce(evidence, endpoint) ?? Number.POSITIVE_INFINITY) * held) return { ...quiet, state: 'unknown' };
  return {
    ...base,
    state: 'weak',
    facts: { label: inner.label, pool: pool.id, size: valueIn(pool.max) ?? null, timeoutMs: waitMs(outer, pool) ?? null },
    related: [
      { place: outer.place, says: 'the connection that is already held' },
      { place: endpoint.place, says: `${routeOf(endpoint)} comes here` },
      { place: pool.place, says: `${pool.id} is made here` },
    ],
    remedies: [...(inner.kind === 'query' ? [shareHeld(outer, inner, pool)] : []), ...enlarge(evidence, endpoint, pool, held)],
  };
}

/** How long the circle lasts: until a wait is given up or the library takes the first connection back; undefined: for ever, as far as is known. */
function waitMs(outer: Hold, pool: Pool): number | undefined {
  const ends = [pool.acquireTimeoutMs, outer.endsAfterMs].flatMap((it) => (it ? (valueIn(it) ?? []) : []));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

const ENLARGE = 'set-pool-max';
const SHARE = 'use-held-connection';

function shareHeld(outer: Hold, inner: QueryStep, pool: Pool): RemedyIdea {
  const { file, line } = inner.place;
  const client = outer.label;
  // The label names the variable that holds the connection only where it is an identifier; Prisma's transactions hand theirs to the function that they run.
  const editable = file !== '' && (/^[A-Za-z_$][\w$]*$/.test(client) || pool.library === 'prisma');
  return {
    id: SHARE,
    effort: 1,
    does: `Run ${inner.label} (line ${line}) on the connection that is held`,
    change: { id: `share-held-connection ${pool.id}`, operations: [{ kind: 'shareHeldConnection', pool: pool.id }] },
    edit: editable ? { recipe: SHARE, args: { file, line, client, heldFile: outer.place.file, heldLine: outer.place.line } } : null,
    price: 'it then sees the open transaction and is rolled back with it',
    ...(!editable && { guidance: 'Call query on the client that connect() returned, not on the pool.' }),
  };
}

/** Jobs of an endpoint at once in one process; undefined for requests, whose number nobody bounds. */
function jobsAtOnce({ topology }: Evidence, endpoint: Endpoint): number | undefined {
  const consumer = topology.channels.flatMap((it) => it.consumers).find((it) => it.endpoint === endpoint.id);
  return consumer && valueIn(consumer.concurrency);
}

/** Jobs at once of the worker that alone uses the pool; undefined where requests use it too. */
function callersOf(evidence: Evidence, endpoint: Endpoint, pool: Pool): number | undefined {
  const isShared = evidence.topology.endpoints.some((it) => it !== endpoint && uses(it, pool));
  return isShared ? undefined : jobsAtOnce(evidence, endpoint);
}

/** n callers that each hold k and want one more always finish with n × k + 1 connections; only a worker's n is bounded. */
function enlarge(evidence: Evidence, endpoint: Endpoint, pool: Pool, held: number): RemedyIdea[] {
  const { topology } = evidence;
  const callers = callersOf(evidence, endpoint, pool);
  const size = valueIn(pool.max);
  const store = topology.components.find((it) => it.id === pool.target);
  if (callers === undefined || size === undefined || !store) return [];
  const value = callers * held + 1;
  const ledger = ledgerOf(topology, store);
  if (value <= size || value > (roomFor(ledger, pool) ?? Number.POSITIVE_INFINITY)) return [];
  return [
    {
      id: ENLARGE,
      effort: 1,
      does: `Set pool max to ${value}`,
      change: { id: `set-pool-max ${pool.id} ${value}`, operations: [{ kind: 'setInput', input: inputId.poolMax(pool.id), value }] },
      edit: sizeEdit(pool, value),
      price: connectionsPrice(ledger, pool, value),
      guidance: `${callers} jobs at once × ${held} ${held === 1 ? 'connection' : 'connections'} held + 1`,
    },
  ];
}

function uses(endpoint: Endpoint, pool: Pool): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= (step.kind === 'query' || step.kind === 'hold') && step.pool === pool.id;
  });
  return found;
}

/** A judgement, the connection that is held meanwhile, and the program in which that is so. */
interface Held {
  judged: Weakness;
  outer: Place;
  endpoint: EndpointId;
}

const keyOf = (it: Place): string => `${it.file}:${it.line}:${it.column ?? 0}`;

/** Lines that lead to each other's finding: of one held connection, in programs that have both. */
interface Lead {
  weakness: Weakness;
  outer: string;
  programs: Set<EndpointId>;
}

/**
 * One held connection is one defect: the first line that takes another leads, the lines after it are related and keep their own fix.
 * A function through which all transactions go holds one for each of its callers: what no program has together are defects of their own.
 */
function onePerHold(all: readonly Held[]): Weakness[] {
  const outerOf = new Map(all.map((it) => [it.judged, keyOf(it.outer)]));
  const programsOf = new Map<string, Set<EndpointId>>();
  for (const { judged: it, endpoint } of all) if (it.state === 'weak') programsOf.set(keyOf(it.place), (programsOf.get(keyOf(it.place)) ?? new Set()).add(endpoint));
  const lines = oncePerPlace(all.map((it) => it.judged));
  const leads: Lead[] = [];
  for (const it of lines.filter((one) => one.state === 'weak')) {
    const [outer, programs] = [outerOf.get(it) ?? keyOf(it.place), programsOf.get(keyOf(it.place)) ?? new Set<EndpointId>()];
    const lead = leads.find((one) => one.outer === outer && [...programs].some((id) => one.programs.has(id)));
    if (!lead) leads.push({ weakness: it, outer, programs: new Set(programs) });
    else {
      lead.weakness = withLine(lead.weakness, it);
      for (const id of programs) lead.programs.add(id);
    }
  }
  return [...lines.filter((it) => it.state !== 'weak'), ...leads.map((it) => it.weakness)];
}

function withLine(lead: Weakness, other: Weakness): Weakness {
  const more = Number(lead.facts.more ?? 0) + 1;
  const [own, others] = [lead, other].map((it) => it.remedies.find((one) => one.id === SHARE));
  return {
    ...lead,
    facts: { ...lead.facts, more },
    related: [...lead.related, { place: other.place, says: `${String(other.facts.label)} takes another one too` }],
    // The size that the deepest of them needs.
    remedies: [...shareAll(own, others, more + 1), ...lead.remedies.filter((it) => it.id !== SHARE && it.id !== ENLARGE), ...deepest(lead, other)],
  };
}

const sizeOf = ({ change }: RemedyIdea): number => change?.operations.reduce((most, it) => (it.kind === 'setInput' ? Math.max(most, it.value) : most), 0) ?? 0;

const deepest = (lead: Weakness, other: Weakness): RemedyIdea[] =>
  [...lead.remedies, ...other.remedies]
    .filter((it) => it.id === ENLARGE)
    .sort((a, b) => sizeOf(b) - sizeOf(a))
    .slice(0, 1);

/**
 * All of them are moved, or none: what one connection has written and not committed, another one waits for,
 * and with half of the queries on each side the function would wait for itself.
 */
function shareAll(own: RemedyIdea | undefined, others: RemedyIdea | undefined, count: number): RemedyIdea[] {
  const either = own ?? others;
  if (!either) return [];
  const does = `Run all ${count} on the connection that is held`;
  // What opens a transaction of its own has no such remedy.
  if (!own || !others) return [{ ...either, does, edit: null, guidance: 'Hand the connection that is held to what opens a transaction of its own.' }];
  const calls = own.edit && others.edit ? [own.edit, others.edit].flatMap(({ also = [], ...it }) => [it, ...also]) : [];
  const [first, ...also] = calls.filter((it, at) => calls.findIndex((one) => isSameCall(one, it)) === at);
  const { guidance } = own.guidance === undefined ? others : own;
  return [
    {
      ...own,
      does,
      edit: first ? { ...first, ...(also.length > 0 && { also: also.map((it) => ({ ...it, args: { ...it.args, part: true } })) }) } : null,
      ...(guidance !== undefined && { guidance }),
    },
  ];
}

const isSameCall = (a: RecipeCall, b: RecipeCall): boolean => a.args.file === b.args.file && a.args.line === b.args.line;

export default {
  id: 'nested-acquire',
  number: 50,
  layer: 'data',
  title: 'A second connection of a pool is taken while one is held',
  find: (evidence) =>
    onePerHold(
      evidence.topology.endpoints.flatMap((endpoint) => inside(endpoint).map((it) => ({ judged: judge(evidence, endpoint, it), outer: it.outer.place, endpoint: endpoint.id }))),
    ),
} satisfies Rule;
