import { type Place, valueIn } from '../model/known.ts';
import { walkRuns } from '../model/often.ts';
import { type Endpoint, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { stationOfPool } from './binding.ts';
import { eachStep } from './each-step.ts';
import { isForSome } from './for-some.ts';
import { oncePerPlace } from './once.ts';
import { isSeldom } from './seldom.ts';

type Asked = Extract<Step, { kind: 'query' | 'cache' | 'request' }>;
type Loop = Extract<Step, { kind: 'loop' }>;

/** A loop that code bounds to so few rounds costs no more than what is around it. */
const FEW_ROWS = 10;
/** Of questions closer than this the first in the code leads. */
const MUCH = 1.5;
/** Clients whose questions the recipe can put together. */
const ASKED_BY_RECIPE = ['pg', 'prisma', 'sequelize'];

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && a.column === b.column;

function judge({ topology, outcome }: Evidence, endpoint: Endpoint, step: Asked, enclosing: readonly Step[]): Weakness | undefined {
  const loops = enclosing.filter((it): it is Loop => it.kind === 'loop');
  if (loops.length === 0 || !isAskedFor(topology, endpoint, step)) return undefined;
  const pool = step.kind === 'query' ? topology.pools.find((it) => it.id === step.pool) : undefined;
  const station = pool && stationOfPool(outcome, pool);
  const base = { rule: 'n-plus-one', place: step.place, component: endpoint.component, ...(station && { station: station.id }), certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  const rounds = step.roundsOf ?? [];
  const dependsOn = loops.filter((loop) => rounds.some((it) => isAt(it, loop.place)));
  const loop = dependsOn.findLast((it) => it.over !== undefined);
  // The same question in every round, or one about something that no query gave: another matter, if any.
  if (!loop?.over) return { ...quiet, state: rounds.length === 0 && loops.some((it) => it.over) ? 'sound' : 'unknown' };
  if ((loop.over.most ?? Number.POSITIVE_INFINITY) <= FEW_ROWS) return { ...quiet, state: 'sound' };
  // What a request brings is often written one by one on purpose: each has rules of its own.
  const isBrought = loop.over.ofRequest === true;
  if (isBrought && (endpoint.trigger.kind !== 'http' || isWrite(step) || step.kind === 'request')) return { ...quiet, state: 'unknown' };
  // Rows that are worked on side by side ask in one tick.
  if (loop.concurrent && step.kind === 'query' && step.batches) return { ...quiet, state: 'unknown' };
  // What comes with the row is not asked for: whether it does, the query of the rows would have to tell.
  if (enclosing.slice(enclosing.indexOf(loop)).some((it) => it.kind === 'branch' && it.unlessThere)) return { ...quiet, state: 'unknown' };
  if (!step.awaited || isOrdered(step, loop, enclosing)) return { ...quiet, state: 'unknown' };
  const isRare = isSeldom(endpoint) || (step.kind === 'query' && isForSome(topology, endpoint, step));
  return {
    ...base,
    // The function of a field is where objects of a list would be loaded together; what it calls serves others, too.
    ...(loop.over.ofField && { place: loop.place }),
    state: 'weak',
    facts: {
      label: step.label,
      askedAt: lineOf(step.place),
      kind: step.kind,
      rows: loop.over.label,
      concurrent: loop.concurrent,
      ...(isBrought && { brought: true }),
      ...((isWrite(step) || isBrought || isRare || isOfWork(loop)) && { assumed: true }),
    },
    related: [
      loop.over.ofField ? { place: step.place, says: `${step.label} is asked here` } : { place: loop.place, says: loop.concurrent ? 'all rows at once' : 'one row after another' },
      ...(isAt(loop.over.place, loop.place) ? [] : [{ place: loop.over.place, says: 'the rows come from here' }]),
    ],
    remedies: [ask(step, loop, pool?.library)],
  };
}

/** Whether each row is written in its own way, code does not say here, nor how many a request brings: worth a hint. */
const isWrite = (step: Asked): boolean => step.kind === 'query' && step.operation === 'write';

/** One row after another is written: what is read for it is part of such a round, and little changes before the writes are put together, too. */
function isOfWork({ concurrent, steps }: Loop): boolean {
  let writes = false;
  if (!concurrent)
    walkSteps(steps, (it, enclosing) => {
      writes ||= it.kind === 'query' && isWrite(it) && !enclosing.some((one) => one.kind === 'branch' || one.kind === 'cache');
    });
  return writes;
}

/** Redis and other services are asked one by one on purpose in jobs; a store in the process answers for nothing, an outside service takes no lists. */
function isAskedFor(topology: Topology, endpoint: Endpoint, step: Asked): boolean {
  if (endpoint.role === 'excluded') return false;
  if (step.kind === 'query') return step.operation !== 'other';
  if (endpoint.trigger.kind !== 'http') return false;
  if (step.kind === 'cache') return step.operation === 'read' && step.serviceMs.state !== 'none';
  return topology.components.find((it) => it.id === step.target)?.kind !== 'external-api';
}

/** Writes in a transaction, or after something that was done for the same row, keep their order. */
function isOrdered(step: Asked, loop: Loop, enclosing: readonly Step[]): boolean {
  if (step.kind !== 'query' || step.operation !== 'write') return false;
  let doesMore = false;
  walkSteps(loop.steps, (it) => {
    doesMore ||= it.kind === 'request' || it.kind === 'publish' || it.kind === 'hold' || it.kind === 'wait';
  });
  return step.usesHeld || doesMore || enclosing.some((it) => it.kind === 'hold');
}

function ask(step: Asked, loop: Loop, library: string | undefined): RemedyIdea {
  const { file, line } = step.place;
  const column = step.kind === 'query' ? step.statement?.where?.find((it) => it.by === 'equal' && !it.isConstant)?.column : undefined;
  const how =
    step.kind === 'cache'
      ? 'MGET, or a pipeline: one round trip for all keys.'
      : step.kind === 'request'
        ? 'A call that takes a list of ids, behind a DataLoader where single objects ask.'
        : `Collect the keys of all rows, ask once (WHERE ${column ?? 'key'} IN (…), or include/populate/join of the first query), and match the answer to the rows in memory.`;
  return {
    id: 'ask-once',
    effort: 3,
    does: `Ask ${step.label} once for all rows`,
    change: { id: `ask-once ${step.place.file}:${step.place.line}`, operations: [{ kind: 'askOnce', loop: loop.place, step: step.place }] },
    edit: file !== '' && library !== undefined && !loop.over?.ofRequest && ASKED_BY_RECIPE.includes(library) ? { recipe: 'ask-once', args: { file, line, library } } : null,
    price: 'one larger answer, matched to the rows in memory',
    guidance: how,
  };
}

const lineOf = ({ file, line }: Place): string => `${file}:${line}`;

/** Milliseconds a second that the load brings to each line's questions: which of a loop's is worth naming first. */
function workByLine({ topology, outcome }: Evidence): Map<string, number> {
  const offered = new Map(outcome.endpoints.map((it) => [it.id, it.offeredPerSecond]));
  const all = new Map<string, number>();
  for (const { id, steps } of topology.endpoints) {
    const rate = offered.get(id) ?? 0;
    walkRuns(steps, (step, often) => {
      const ms = step.kind === 'query' ? valueIn(step.holdMs) : step.kind === 'request' || step.kind === 'cache' ? valueIn(step.serviceMs) : undefined;
      if (ms) all.set(lineOf(step.place), (all.get(lineOf(step.place)) ?? 0) + rate * often * ms);
    });
  }
  return all;
}

/**
 * One loop is one defect: the question that is most of its work leads, reads before writes; the others are related.
 * Fields of the objects of one type are one, too: each has its function, but what is missing is one thing, that objects of a list are loaded together.
 */
function onePerLoop(all: readonly Weakness[], work: () => ReadonlyMap<string, number>): Weakness[] {
  const byLoop = new Map<string, Weakness>();
  const weak = all.filter((it) => it.state === 'weak');
  const by = weak.length > 1 ? work() : new Map<string, number>();
  const share = ({ facts }: Weakness): number => by.get(String(facts.askedAt)) ?? 0;
  const ranked = weak.sort((a, b) => rank(a) - rank(b) || (share(b) > share(a) * MUCH ? 1 : share(a) > share(b) * MUCH ? -1 : 0));
  for (const it of ranked) {
    const [loop, rows] = it.related;
    // Whose rows come from nowhere else is a list of objects whose fields have functions.
    const isOfObjects = !rows && it.facts.brought !== true;
    const key = isOfObjects ? `${it.component} ${String(it.facts.rows)}` : `${loop?.place.file}:${loop?.place.line}:${loop?.place.column ?? 0}`;
    const lead = byLoop.get(key);
    const says = !isOfObjects ? `${String(it.facts.label)} is asked in the same loop` : `${String(it.facts.label)} is asked for each of them, too`;
    byLoop.set(key, lead ? { ...lead, related: [...lead.related, { place: it.place, says }] } : it);
  }
  return [...all.filter((it) => it.state !== 'weak'), ...byLoop.values()];
}

const rank = ({ facts }: Weakness): number => (facts.assumed === true ? 1 : 0);

export default {
  id: 'n-plus-one',
  number: 5,
  layer: 'data',
  title: 'A query per row of another query',
  find: (evidence) =>
    onePerLoop(
      // A line that requests of all kinds lead to is judged by those of anybody.
      oncePerPlace(
        eachStep(evidence.topology, ['query', 'cache', 'request'], (endpoint, step, enclosing) => judge(evidence, endpoint, step, enclosing)).sort((a, b) => rank(a) - rank(b)),
      ),
      () => workByLine(evidence),
    ),
} satisfies Rule;
