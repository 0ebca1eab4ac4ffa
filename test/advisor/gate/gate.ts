import { adviseWith } from '../../../src/advisor/index.ts';
import type { Finding, Remedy } from '../../../src/model/advice.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { RuleId } from '../../../src/model/weakness.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess, playJobOutage, playSpike } from '../../../src/simulator/index.ts';
import { meanOfIndependent } from '../../../src/simulator/experiment/batch-means.ts';
import { STEADY } from '../../rules/cases.ts';

/** A weak system that takes part in the proof of a rule's first remedy. */
export interface Proof {
  says: string;
  topology: Topology | (() => Promise<Topology>);
  scenario?: Scenario;
}

/** What every kind of finding tells of its place. */
export type Found = Pick<Finding, 'component' | 'place'>;

/** What is played of one system under the rule's strain: more is better. Only `seed` differs between the rounds. */
export type Played = (topology: Topology, seed: number) => number;
export type Strain = (before: Topology, after: Topology, scenario: Scenario, finding: Found) => Played;

/** The strain of a rule (patterns.md), and the systems under it: three or more. */
export interface Gate {
  strain: Strain;
  /** What has to get better, for people. */
  improves: string;
  proofs: readonly Proof[];
}

/** What a rule proposes first, as the reader gets it: a remedy that is seen to do nothing is not among them. */
export function firstRemedy(rule: RuleId, topology: Topology, scenario: Scenario = STEADY): { finding: Found; remedy: Remedy } {
  // The other rules play strains of their own, and say nothing of this one.
  const rules = RULES.filter((it) => it.id === rule);
  const { findings, readiness = [] } = adviseWith({ assess, playSpike, playJobOutage }, rules, topology, scenario, assess(topology, scenario, { ladder: false }));
  // What is no finding is an item of the readiness list.
  const finding = findings.find((it) => it.rule === rule || it.folded.some((f) => f.rule === rule)) ?? readiness.find((it) => it.rule === rule);
  const remedy = finding?.remedies.find((it) => it.id.startsWith(`${rule}/`) && it.change !== null);
  if (!finding || !remedy) throw new Error(`${rule} proposes nothing that helps; there is ${findings.map((it) => it.rule).join(', ') || 'nothing'}`);
  return { finding, remedy };
}

/** Few, because a remedy that is worth a line shows itself in few. */
const SEEDS = [11, 12, 13, 14];

/** Mean gain over paired rounds (before and after see the same luck) and the half width of its 95% interval (Student). */
export function pairedGain(before: Topology, after: Topology, played: Played): { mean: number; spread: number } {
  const estimate = meanOfIndependent(SEEDS.map((seed) => played(after, seed) - played(before, seed)));
  if (!estimate) throw new Error('one round proves nothing');
  return { mean: estimate.value, spread: estimate.spread };
}
