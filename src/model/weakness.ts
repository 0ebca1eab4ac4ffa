import type { Change } from './change.ts';
import type { Place } from './known.ts';
import type { Outcome, StationId } from './outcome.ts';
import type { Scenario } from './scenario.ts';
import type { ComponentId, Topology } from './topology.ts';

export type RuleId = string;
export type Layer = 'data' | 'cache' | 'async' | 'infrastructure' | 'observability' | 'security';
export type Severity = 'warning' | 'information' | 'hint';

/** What a rule may look at. It never computes outcomes: the advisor hands it the one of the active scenario. */
export interface Evidence {
  topology: Topology;
  scenario: Scenario;
  outcome: Outcome;
}

/** An edit that can be made in the workspace: which recipe, with which arguments (plain data). */
export interface RecipeCall {
  recipe: string;
  args: Readonly<Record<string, string | number | boolean>>;
  /** Further calls that belong to it: all of them are made, or none. */
  also?: readonly RecipeCall[];
}

/** A way out, before anybody has computed what it brings. */
export interface RemedyIdea {
  id: string;
  /** Smaller is less work: parameter 1, index 2, query 3, cache 4, queue 5, new service 6. */
  effort: 1 | 2 | 3 | 4 | 5 | 6;
  /** What the user does: `Set pool max to 25`. Values are in the topology's units. */
  does: string;
  /** Null for advice that has no effect on throughput. */
  change: Change | null;
  edit: RecipeCall | null;
  /** What it costs, as facts: `75 of 100 connections`. Empty only where it costs nothing. */
  price: string;
  /** Link or snippet for a remedy that no edit can make. */
  guidance?: string;
}

/** What a rule says about one place. `unknown` stays silent everywhere but in counts. */
export interface Weakness {
  rule: RuleId;
  state: 'weak' | 'sound' | 'unknown';
  place: Place;
  component: ComponentId;
  station?: StationId;
  /** Certain and serious at its line, whatever the load (rules 2, 34, 50). */
  certain: boolean;
  /** Plain facts for the sentence; `phrase.ts` words them by rule. */
  facts: Readonly<Record<string, string | number | boolean | null>>;
  related: readonly { place: Place; says: string }[];
  remedies: readonly RemedyIdea[];
}

export interface Rule {
  id: RuleId;
  /** Number in the catalogue. */
  number: number;
  layer: Layer;
  title: string;
  /** An item of the readiness list: from a workspace one can't see whether something outside of it does the same. Never a finding. */
  readiness?: true;
  find(evidence: Evidence): readonly Weakness[];
}

/** What these rules say follows from the simulated figures: while assumptions decide those it is a hint, and it goes when something else gives way first. */
export const SIMULATED_RULES: readonly string[] = ['pool-saturation', 'slow-consumer', 'synchronous-write-path', 'read-replica', 'shared-read-write-model', 'uncached-hot-read'];
