import type { Finding, Remedy } from '../model/advice.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Topology } from '../model/topology.ts';
import type { RuleId, Weakness } from '../model/weakness.ts';
import { storeOf } from '../rules/binding.ts';
import { severityRank } from './severity.ts';

/** Rules that see one root cause from several sides; where several speak the first one leads. */
const FAMILIES: readonly (readonly RuleId[])[] = [
  ['pool-saturation', 'connection-budget', 'synchronous-write-path', 'missing-bulkhead'],
  ['unbounded-query', 'ignored-backpressure'],
  ['single-process', 'single-replica', 'event-loop-blocking'],
  ['missing-circuit-breaker', 'missing-timeout', 'retry-amplification'],
  ['cache-stampede', 'lock-shorter-than-query'],
  ['uncached-hot-read', 'shared-read-write-model', 'read-replica'],
];
const VISIBLE_WARNINGS = 3;

/** What two weaknesses must share to be one: the family and the store (or station) that gives way; undefined stands alone. */
export function causeOf(topology: Topology, outcome: Outcome, weakness: Weakness): string | undefined {
  const family = FAMILIES.findIndex((it) => it.includes(weakness.rule));
  const station = outcome.stations.find((it) => it.id === weakness.station);
  if (family < 0 || !weakness.station) return undefined;
  return `${family} ${(station && storeOf(topology, station)) ?? weakness.facts.storeId ?? weakness.station}`;
}

/** A finding with what groups it; `cause` undefined stands alone. */
export interface Caused {
  finding: Finding;
  cause: string | undefined;
}

/**
 * One finding per place and rule: clients that share a construction share what is wrong with it.
 * The most severe leads; where the others say the same they add only their client's name, else they keep their words as folded rows.
 */
export function mergeTwins(findings: readonly Caused[], sharedBy: (components: readonly string[]) => string): Caused[] {
  const groups = new Map<string, Caused[]>();
  for (const it of findings) {
    const { rule, place } = it.finding;
    const key = place.file === '' ? it.finding.id : `${rule} ${place.file}:${place.line}:${place.column ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), it]);
  }
  return [...groups.values()].map((twins) => {
    const [lead, ...others] = [...twins].sort((a, b) => severityRank(a.finding.severity) - severityRank(b.finding.severity)) as [Caused, ...Caused[]];
    if (others.length === 0) return lead;
    const same = others.filter((it) => it.finding.message === lead.finding.message);
    const clients = [...new Set([lead, ...same].map((it) => it.finding.component))];
    const folded = fold(
      lead.finding,
      others.filter((it) => !same.includes(it)).map((it) => it.finding),
    );
    const remedies = [...folded.remedies, ...same.flatMap((it) => it.finding.remedies)].sort((a, b) => a.effort - b.effort);
    const message = clients.length > 1 ? `${folded.message} · ${sharedBy(clients)}` : folded.message;
    return { ...lead, finding: { ...folded, message, remedies: onePerTitle(remedies) } };
  });
}

/** What does alike is proposed once, with the effect that leads; of what only reads alike, whatever edits stays. */
function onePerTitle(remedies: Finding['remedies']): Finding['remedies'] {
  const does = ({ id, title, edit }: Remedy): string => (edit === null ? title : `${id} ${JSON.stringify(edit)}`);
  const isFirst = (it: Remedy): boolean => remedies.find((other) => does(other) === does(it)) === it;
  return remedies.filter((it) => isFirst(it) && (it.edit !== null || !remedies.some((other) => other.title === it.title && other.edit !== null)));
}

/** One diagnostic per cause: the first of each group leads, the others become its related advice and bring their remedies. */
export function mergeCauses(findings: readonly Caused[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const { finding, cause } of findings) {
    const key = cause ?? `alone ${finding.id}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map((group) => {
    const [lead, ...others] = [...group].sort((a, b) => placeInFamily(a.rule) - placeInFamily(b.rule)) as [Finding, ...Finding[]];
    return others.length === 0 ? lead : fold(lead, others);
  });
}

/** The first of a family leads. */
const placeInFamily = (rule: RuleId): number => FAMILIES.find((it) => it.includes(rule))?.indexOf(rule) ?? 0;

/** What stays of a finding inside another one. */
const rowOf = ({ rule, severity, message, place, subject }: Finding): Finding['folded'][number] => ({ rule, severity, message, place, ...(subject !== undefined && { subject }) });

function fold(lead: Finding, others: readonly Finding[]): Finding {
  return {
    ...lead,
    remedies: onePerTitle([...lead.remedies, ...others.flatMap((it) => it.remedies.map((r) => ({ ...r, preferred: false })))].sort((a, b) => a.effort - b.effort)),
    folded: [...lead.folded, ...others.flatMap((it) => [rowOf(it), ...it.folded])],
    related: [...lead.related, ...others.map((it) => ({ place: it.place, message: it.message }))],
  };
}

/** Worst first; warnings beyond the third fold into the third, so that an untuned workspace is not flooded. */
export function capWarnings(findings: readonly Finding[], more: (count: number) => string): Finding[] {
  const ranked = [...findings].sort((a, b) => severityRank(a.severity) - severityRank(b.severity));
  const warnings = ranked.filter((it) => it.severity === 'warning');
  const hidden = warnings.slice(VISIBLE_WARNINGS);
  const last = warnings[VISIBLE_WARNINGS - 1];
  if (!last || hidden.length === 0) return ranked;
  const capped: Finding = {
    ...last,
    message: `${last.message} · ${more(hidden.length)}`,
    folded: [...last.folded, ...hidden.flatMap((it) => [rowOf(it), ...it.folded])],
  };
  return ranked.filter((it) => !hidden.includes(it)).map((it) => (it === last ? capped : it));
}
