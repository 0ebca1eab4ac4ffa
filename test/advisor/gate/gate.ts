import { adviseWith } from '../../../src/advisor/index.ts';
import type { Remedy } from '../../../src/model/advice.ts';
import { applyChange } from '../../../src/model/change.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { RuleId, Weakness } from '../../../src/model/weakness.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess, playJobOutage, playSpike } from '../../../src/simulator/index.ts';
import { meanOfIndependent } from '../../../src/simulator/experiment/batch-means.ts';
import { STEADY } from '../../rules/cases.ts';
import { type Fix, readAll } from '../../rules/fixes/fix.ts';

/** A weak system that takes part in the proof of a rule's first remedy: as it is, or as it is read from files. */
export type Proof = { says: string; topology: Topology; scenario?: Scenario } | Pick<Fix, 'says' | 'files' | 'scenario'>;

/** One number that a round of play tells. */
export interface Metric {
  /** With its unit, for people. */
  says: string;
  /** Which way a remedy has to move it; `shown`: it need not, and is told all the same. */
  goes: 'up' | 'down' | 'shown';
  /** What it has to come to with the remedy in place. */
  to?: number;
}

/** What is played of one system under the rule's strain, a number for each metric. Only `seed` differs between the rounds. */
export type Played = (topology: Topology, seed: number) => readonly number[];
export interface Strain {
  /** For people. */
  under: string;
  metrics: readonly Metric[];
  play(before: Topology, after: Topology, scenario: Scenario, finding: Weakness): Played;
}

/** The strain of a rule (patterns.md), and the systems under it: three or more. */
export interface Gate {
  strain: Strain;
  proofs: readonly Proof[];
}

async function systemOf(proof: Proof): Promise<{ topology: Topology; scenario: Scenario }> {
  if ('topology' in proof) return { topology: proof.topology, scenario: proof.scenario ?? STEADY };
  return (await readAll(proof.files, proof.scenario)).evidence;
}

/** What a rule proposes first, as the reader gets it: a remedy that is seen to do nothing is not among them. */
export function firstRemedy(rule: RuleId, topology: Topology, scenario: Scenario): { finding: Weakness; remedy: Remedy } {
  // The other rules play strains of their own, and say nothing of this one.
  const rules = RULES.filter((it) => it.id === rule);
  const outcome = assess(topology, scenario, { ladder: false });
  const { findings, readiness = [] } = adviseWith({ assess, playSpike, playJobOutage }, rules, topology, scenario, outcome);
  // What is no finding is an item of the readiness list.
  const told = findings.find((it) => it.rule === rule || it.folded.some((f) => f.rule === rule)) ?? readiness.find((it) => it.rule === rule);
  const remedy = told?.remedies.find((it) => it.id.startsWith(`${rule}/`) && it.change !== null);
  const finding = rules
    .flatMap((it) => it.find({ topology, scenario, outcome }))
    .find((it) => it.state === 'weak' && it.component === told?.component && it.place.file === told.place.file && it.place.line === told.place.line);
  if (!finding || !remedy) throw new Error(`${rule} proposes nothing that helps; there is ${findings.map((it) => it.rule).join(', ') || 'nothing'}`);
  return { finding, remedy };
}

/** Few, because a remedy that is worth a line shows itself in few. */
const SEEDS = [11, 12, 13, 14];

/** What a remedy does to one metric: means over the rounds, and the paired gain with the half width of its 95% interval (Student). */
export interface Row {
  metric: Metric;
  before: number;
  after: number;
  gain: number;
  spread: number;
}

export interface Proven {
  title: string;
  rows: readonly Row[];
  /** The same played with a remedy that changes nothing: has to be 0 throughout. */
  idle: readonly number[];
}

/** Plays a rule's first remedy under the rule's strain: before and after see the same luck. */
export async function prove(rule: RuleId, { strain }: Gate, proof: Proof): Promise<Proven> {
  const { topology, scenario } = await systemOf(proof);
  const { finding, remedy } = firstRemedy(rule, topology, scenario);
  if (!remedy.change) throw new Error('nothing is simulated');
  const after = applyChange(topology, remedy.change);
  const played = strain.play(topology, after, scenario, finding);
  const rounds = SEEDS.map((seed) => ({ before: played(topology, seed), after: played(after, seed) }));
  const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;
  const rows = strain.metrics.map((metric, at): Row => {
    const [was, is] = [rounds.map((it) => it.before[at] as number), rounds.map((it) => it.after[at] as number)];
    const gains = meanOfIndependent(is.map((it, round) => (metric.goes === 'down' ? -1 : 1) * (it - (was[round] as number))));
    if (!gains) throw new Error('one round proves nothing');
    return { metric, before: mean(was), after: mean(is), gain: gains.value, spread: gains.spread };
  });
  return { title: remedy.title, rows, idle: idleGains(topology, scenario, strain, finding) };
}

/** A strain that a remedy without operations passes looks at something other than the system. */
function idleGains(topology: Topology, scenario: Scenario, strain: Strain, finding: Weakness): number[] {
  const same = applyChange(topology, { id: 'nothing', operations: [] });
  const copy = same === topology ? { ...topology } : same;
  const played = strain.play(topology, copy, scenario, finding);
  const [was, is] = [played(topology, SEEDS[0] as number), played(copy, SEEDS[0] as number)];
  return was.map((it, at) => (is[at] as number) - it);
}
