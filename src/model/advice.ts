import type { Change } from './change.ts';
import type { HeldAgainst } from './load-test.ts';
import type { Place } from './known.ts';
import type { Outcome } from './outcome.ts';
import type { Scenario } from './scenario.ts';
import type { ComponentId, Topology } from './topology.ts';
import type { Layer, RecipeCall, RuleId, Severity } from './weakness.ts';

/** A remedy whose effect was simulated. */
export interface Remedy {
  id: string;
  /** With effect and price: `Set pool max to 25: ×2.5 until the database binds · 75 of 100 connections`. */
  title: string;
  change: Change | null;
  edit: RecipeCall | null;
  /** Null where there is nothing to simulate. */
  breaksAtBefore: number | null;
  breaksAtAfter: number | null;
  verdictAfter: Outcome['verdict'] | null;
  price: string;
  effort: number;
  preferred: boolean;
  guidance?: string;
  /** `one of the two is enough: Set pool max to 28`: with both, the system carries hardly more than with the better one. */
  insteadOf?: string;
}

export interface Finding {
  id: string;
  rule: RuleId;
  severity: Severity;
  place: Place;
  component: ComponentId;
  message: string;
  /** What it is about by names alone, without numbers and verdicts: the same finding of another commit has the same one. Absent: the message has to do. */
  subject?: string;
  related: readonly { place: Place; message: string }[];
  remedies: readonly Remedy[];
  /** Other findings with the same root cause, folded into this one. */
  folded: readonly { rule: RuleId; message: string; place: Place; severity?: Severity; subject?: string }[];
}

export interface LayerCount {
  layer: Layer;
  rules: readonly { rule: RuleId; title: string; weak: number; sound: number; unknown: number }[];
}

/** Something that the workspace itself does not show to be there; it may well be, outside of it. */
export interface ReadinessItem {
  layer: Layer;
  rule: RuleId;
  place: Place;
  component: ComponentId;
  message: string;
  remedies: readonly Remedy[];
}

/** What code still lacks of its own design as a generator has left it: nothing is wrong with it, so no rule speaks of it. */
export interface FollowUp {
  id: string;
  message: string;
  place: Place;
  component: ComponentId;
  remedies: readonly Remedy[];
}

/** What a reader shows: outcome, the sentence that matters, findings with computed remedies. */
export interface Advice {
  headline: string;
  /** A second line: why, and what to do next. */
  explanation: string;
  findings: readonly Finding[];
  layers: readonly LayerCount[];
  /** Absent: there is nothing to be ready for. */
  readiness?: readonly ReadinessItem[];
  /** Absent: the project was not generated, or nothing is left to do. */
  followUps?: readonly FollowUp[];
}

/** A whole analysis, as the worker sends it and every reader shows it. */
export interface Report {
  topology: Topology;
  scenario: Scenario;
  outcome: Outcome;
  advice: Advice;
  /** Load tests beside the prediction for exactly their loads; absent: there are none. */
  measured?: readonly HeldAgainst[];
  /** Files looked at, and of these parsed. */
  read: { files: number; parsed: number; ms: number };
}
