import type { Place } from '../model/known.ts';
import { SIMULATED_RULES } from '../model/weakness.ts';
import type { CallRow, CheckReport, ComponentRow, EndpointRow, FactRow, StepRow, ToldFinding } from './check-report.ts';
import { type PairedRates, pairedRates } from './paired-rates.ts';
import { type StepUse, stepUses } from './step-uses.ts';

/** Rows that one report has and the other lacks; `changed` ones are in both with another value. */
export interface Moved<T, C = never> {
  added: readonly T[];
  removed: readonly T[];
  changed: readonly C[];
}

export interface ChangedFact {
  type: string;
  subject: string;
  before: FactRow;
  after: FactRow;
}

export interface ChangedComponent {
  before: ComponentRow;
  after: ComponentRow;
  fields: readonly ('kind' | 'technology')[];
}

/** What one endpoint does and did not do before, and the other way round. */
export interface ChangedEndpoint {
  endpoint: string;
  place: Place;
  added: readonly StepUse[];
  removed: readonly StepUse[];
}

/** What changed between two reports of one system. */
export interface ReportDiff {
  version: 1;
  /** Where the two answer different questions, their figures can't be held against each other. */
  askedDifferently: readonly string[];
  targetPerSecond: number;
  /** What the verdict is on: the load of `targetPerSecond` for good, or a spike that rises to it. */
  profile: CheckReport['scenario']['profile']['kind'];
  headline: { before: string; after: string };
  verdict: { before: string; after: string };
  breaksAt: PairedRates;
  givesWayFirst: { before: string | null; after: string | null };
  components: Moved<ComponentRow, ChangedComponent>;
  calls: Moved<CallRow>;
  endpoints: Moved<EndpointRow, ChangedEndpoint>;
  facts: Moved<FactRow, ChangedFact>;
  /** Stores whose clients may open another number of connections than before; `limit`: what the store accepts, where that is known. */
  connections: readonly { store: string; before: number; after: number; limit: number | null }[];
  /** What nobody has measured and the verdict after the change hangs on, most decisive first. */
  decidedBy: NonNullable<CheckReport['outcome']['decidedBy']>;
  /** p95 at the target where it moved by more than a tenth; null: there is no steady state. Largest change first. */
  responses: readonly { endpoint: string; beforeMs: number | null; afterMs: number | null }[];
  /** `moved`: what gives way now that something else does not; `covered`: what is not said any more because something else gives way before. Neither is new or fixed. */
  findings: {
    new: readonly ToldFinding[];
    fixed: readonly ToldFinding[];
    severer: readonly { before: ToldFinding; after: ToldFinding }[];
    moved: readonly ToldFinding[];
    covered: readonly ToldFinding[];
  };
}

/** Compares two reports; expects both to be of one version, as `readCheckReport` sees to it. */
export function diffReports(before: CheckReport, after: CheckReport): ReportDiff {
  const [was, is] = [before.topology, after.topology];
  const breaksAt = pairedRates(before.outcome, after.outcome, before.scenario.seed === after.scenario.seed);
  const endpoints = new Map(was.endpoints.map((it) => [it.id, it]));
  return {
    version: 1,
    askedDifferently: askedDifferently(before, after),
    targetPerSecond: after.outcome.targetPerSecond,
    profile: after.scenario.profile.kind,
    headline: { before: before.outcome.headline, after: after.outcome.headline },
    verdict: { before: before.outcome.verdict, after: after.outcome.verdict },
    breaksAt,
    givesWayFirst: { before: before.outcome.ladder[0]?.station ?? null, after: after.outcome.ladder[0]?.station ?? null },
    components: { ...moved(was.components, is.components, (it) => it.id), changed: changedComponents(was.components, is.components) },
    calls: { ...moved(was.calls, is.calls, (it) => `${it.from}\n${it.to}\n${it.kind}`), changed: [] },
    endpoints: {
      ...moved(was.endpoints, is.endpoints, (it) => it.id),
      changed: is.endpoints.flatMap((it) => changedEndpoint(endpoints.get(it.id), it)),
    },
    facts: changedFacts(was.facts, is.facts),
    connections: changedConnections(was, is),
    decidedBy: after.outcome.decidedBy ?? [],
    responses: changedResponses(before.outcome.endpoints, after.outcome.endpoints),
    findings: changedFindings(before.findings, after.findings, breaksAt),
  };
}

function askedDifferently(before: CheckReport, after: CheckReport): string[] {
  const [was, is] = [before.scenario, after.scenario];
  const names = { targetPerSecond: 'target', profile: 'profile', mix: 'mix', objective: 'objective', clientPatienceMs: 'patience', clientCount: 'clients', seed: 'seed' } as const;
  const asked = (Object.keys(names) as (keyof typeof names)[]).filter((it) => JSON.stringify(was[it] ?? null) !== JSON.stringify(is[it] ?? null)).map((it) => names[it]);
  return before.topology.deployment === after.topology.deployment ? asked : [...asked, 'deployment'];
}

function moved<T>(before: readonly T[], after: readonly T[], keyOf: (it: T) => string): { added: T[]; removed: T[] } {
  const [was, is] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return { added: after.filter((it) => !was.has(keyOf(it))), removed: before.filter((it) => !is.has(keyOf(it))) };
}

function changedComponents(before: readonly ComponentRow[], after: readonly ComponentRow[]): ChangedComponent[] {
  return after.flatMap((it) => {
    const old = before.find((row) => row.id === it.id);
    const fields = old ? (['kind', 'technology'] as const).filter((field) => old[field] !== it[field]) : [];
    return old && fields.length > 0 ? [{ before: old, after: it, fields }] : [];
  });
}

function changedEndpoint(before: EndpointRow | undefined, after: EndpointRow): ChangedEndpoint[] {
  if (!before) return [];
  const [was, is] = [stepUses(before.steps as readonly StepRow[]), stepUses(after.steps)];
  const more = without(is, was).map((it) => (was.some((row) => row.says === it.says) ? { says: `${it.says}, once more` } : it));
  const [added, removed] = [more, without(was, is)];
  return added.length + removed.length === 0 ? [] : [{ endpoint: after.id, place: after.place, added, removed }];
}

/** Rows whose words the other list does not have as often. */
function without(rows: readonly StepUse[], others: readonly StepUse[]): StepUse[] {
  const left = new Map<string, number>();
  for (const it of others) left.set(it.says, (left.get(it.says) ?? 0) + 1);
  return rows.filter((it) => {
    const count = left.get(it.says) ?? 0;
    left.set(it.says, count - 1);
    return count <= 0;
  });
}

/** One value of a name that gave way to another one is a change; several of one name come and go by themselves. */
function changedFacts(before: readonly FactRow[], after: readonly FactRow[]): Moved<FactRow, ChangedFact> {
  const { added, removed } = moved(before, after, (it) => `${it.type}\n${it.subject}\n${it.value}\n${it.unit ?? ''}`);
  const isOf =
    (fact: FactRow) =>
    (it: FactRow): boolean =>
      it.type === fact.type && it.subject === fact.subject;
  const changed = added.flatMap((it): ChangedFact[] => {
    const gone = removed.filter(isOf(it));
    return gone.length === 1 && added.filter(isOf(it)).length === 1 ? [{ type: it.type, subject: it.subject, before: gone[0] as FactRow, after: it }] : [];
  });
  return {
    added: added.filter((it) => !changed.some((row) => row.after === it)),
    removed: removed.filter((it) => !changed.some((row) => row.before === it)),
    changed,
  };
}

function changedConnections(was: CheckReport['topology'], is: CheckReport['topology']): ReportDiff['connections'] {
  return is.components.flatMap((store) => {
    const [before, after] = [connectionsOf(was, store.id), connectionsOf(is, store.id)];
    const limit = store.maxConnections?.value;
    return before !== null && after !== null && before !== after ? [{ store: store.name, before, after, limit: typeof limit === 'number' ? limit : null }] : [];
  });
}

/** All pools of a store, filled in each process of each replica; null where one of the numbers is not known, or there is no pool. */
function connectionsOf({ components, facts }: CheckReport['topology'], store: string): number | null {
  const pools = facts.filter((it) => it.type === 'pool_size' && it.subject.endsWith(`->${store}`));
  let sum = 0;
  for (const it of pools) {
    const client = components.find((row) => row.id === it.subject.slice(0, it.subject.indexOf('->')));
    const [replicas, processes] = [client?.replicas?.value, client?.processes?.value];
    if (typeof it.value !== 'number' || typeof replicas !== 'number' || typeof processes !== 'number') return null;
    sum += it.value * replicas * processes;
  }
  return pools.length === 0 ? null : sum;
}

/** Less is no difference that anybody would feel. */
const NOTICEABLE_RESPONSE = 0.1;
const NOTICEABLE_MS = 5;

function changedResponses(before: CheckReport['outcome']['endpoints'], after: CheckReport['outcome']['endpoints']): ReportDiff['responses'] {
  const size = (a: number | null, b: number | null): number => {
    if (a === null || b === null) return a === b ? 0 : Number.POSITIVE_INFINITY;
    return Math.abs(b - a) < NOTICEABLE_MS ? 0 : Math.abs(Math.log(b / a));
  };
  return after
    .flatMap((it) => {
      const old = before.find((row) => row.id === it.id);
      return old ? [{ endpoint: it.id, beforeMs: old.latencyMs?.p95 ?? null, afterMs: it.latencyMs?.p95 ?? null }] : [];
    })
    .filter((it) => size(it.beforeMs, it.afterMs) > Math.log(1 + NOTICEABLE_RESPONSE))
    .sort((a, b) => size(b.beforeMs, b.afterMs) - size(a.beforeMs, a.afterMs) || (a.endpoint < b.endpoint ? -1 : 1));
}

const SEVERITIES = ['hint', 'information', 'warning'];

/** A system that breaks later is not worse for what gives way then, and one that breaks earlier has not been cured of what gave way before. */
function changedFindings(before: readonly ToldFinding[], after: readonly ToldFinding[], { isSignificant, ratio }: PairedRates): ReportDiff['findings'] {
  const [was, is] = [flat(before), flat(after)];
  const pairs = [...pairUp(was, is, (it) => it.fingerprint)];
  const rest = (rows: readonly ToldFinding[], side: 0 | 1): ToldFinding[] => rows.filter((it) => !pairs.some((pair) => pair[side] === it));
  // What has moved to another file is no news either.
  pairs.push(...pairUp(rest(was, 0), rest(is, 1), (it) => `${it.rule}\n${it.subject}`));
  const [news, gone] = [rest(is, 1), rest(was, 0)];
  const isMoved = (it: ToldFinding): boolean => isSignificant && ratio > 1 && SIMULATED_RULES.includes(it.rule);
  const isCovered = (it: ToldFinding): boolean => isSignificant && ratio < 1 && SIMULATED_RULES.includes(it.rule);
  return {
    new: news.filter((it) => !isMoved(it)),
    fixed: gone.filter((it) => !isCovered(it)),
    moved: news.filter(isMoved),
    covered: gone.filter(isCovered),
    severer: pairs.filter(([a, b]) => SEVERITIES.indexOf(b.severity) > SEVERITIES.indexOf(a.severity)).map(([a, b]) => ({ before: a, after: b })),
  };
}

const flat = (findings: readonly ToldFinding[]): ToldFinding[] => findings.flatMap((it) => [it, ...(it.folded ?? [])]);

function pairUp(before: readonly ToldFinding[], after: readonly ToldFinding[], keyOf: (it: ToldFinding) => string): [ToldFinding, ToldFinding][] {
  const left = [...before];
  return after.flatMap((it): [ToldFinding, ToldFinding][] => {
    const at = left.findIndex((row) => keyOf(row) === keyOf(it));
    return at < 0 ? [] : [[left.splice(at, 1)[0] as ToldFinding, it]];
  });
}
