import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Graph, graphOf, type Layout, layoutGraph, ratesOf } from '../src/diagram/index.ts';
import type { Report } from '../src/model/advice.ts';
import type { Outcome } from '../src/model/outcome.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import type { Answers } from './answers.ts';
import { changedTopology, frameOutcome, sentences } from './simulation.ts';
import { type State, same } from './store.ts';

/** Everything that follows from the state. */
export interface View {
  report: Report;
  scenario: Scenario;
  topology: Topology;
  graph: Graph;
  layout: Layout;
  /** Null where the simulator could not answer for the what-if. */
  outcome: Outcome | null;
  /** At the same load without the what-if; null when there is none. */
  before: Outcome | null;
  /** The name that people know a part by. */
  nameOf(id: string): string;
  headline: string;
  explanation: string;
  rates: ReadonlyMap<string, number | null>;
  /** Parts and edges that only the what-if has. */
  ghosts: ReadonlySet<string>;
  /** True while ranges, ladder and spike for what is shown have not been computed. */
  isDraft: boolean;
  /** False while the report's findings belong to another load or to the workspace without the what-if. */
  isAsReported: boolean;
}

/** How long a slider must rest before the costly answer is worked out. */
export const REST_MS = 250;

export function useView(state: State, answers: Answers): View | null {
  const report = state.snapshot?.report ?? null;
  const scenario = useStable(state.scenario ?? report?.scenario ?? null);
  const topology = report && changedTopology(report.topology, state.changes);
  const graph = useMemo(() => topology && graphOf(topology, { dev: state.showDev }), [topology, state.showDev]);
  const placed = useMemo(() => graph && layoutGraph(graph), [graph]);
  const ghosts = useMemo(() => newcomers(report?.topology ?? null, graph), [report?.topology, graph]);
  const nameOf = useCallback((id: string): string => graph?.nodes.find((it) => it.id === id)?.name ?? id, [graph]);
  const rested = useRested(answers, topology, scenario, report?.topology ?? null);
  if (!report || !scenario || !topology || !graph || !placed) return null;

  const isAsReported = topology === report.topology && same(scenario, report.scenario);
  const full = isAsReported ? report.outcome : rested?.topology === topology && rested.scenario === scenario ? rested.outcome : null;
  const outcome = full ?? frameOutcome(topology, scenario);
  const before = topology === report.topology ? null : same(scenario, report.scenario) ? report.outcome : frameOutcome(report.topology, scenario);
  return {
    report,
    scenario,
    topology,
    graph,
    layout: placed,
    outcome,
    before,
    rates: outcome ? ratesOf(topology, outcome) : new Map(),
    ghosts,
    nameOf,
    isDraft: full === null,
    isAsReported,
    ...(isAsReported || !outcome ? report.advice : sentences(topology, scenario, outcome)),
  };
}

interface Rested {
  topology: Topology;
  scenario: Scenario;
  outcome: Outcome;
}

/** The full answer for a what-if, once nothing has moved for a moment. A plain change of load is answered by the host. */
function useRested(answers: Answers, topology: Topology | null, scenario: Scenario | null, reported: Topology | null): Rested | null {
  const [rested, setRested] = useState<Rested | null>(null);
  useEffect(() => {
    if (!topology || !scenario || topology === reported) return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const outcome = await answers.full(topology, scenario);
      if (isCurrent && outcome) setRested({ topology, scenario, outcome });
    }, REST_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [answers, topology, scenario, reported]);
  return rested;
}

function newcomers(base: Topology | null, graph: Graph | null): ReadonlySet<string> {
  if (!base || !graph) return new Set();
  const old = graphOf(base, { dev: true });
  const known = new Set([...old.nodes, ...old.edges].map((it) => it.id));
  return new Set([...graph.nodes, ...graph.edges].map((it) => it.id).filter((it) => !known.has(it)));
}

/** The same object as long as the content is the same: what depends on it is not computed anew for an equal copy. */
export function useStable<T>(value: T): T {
  const [kept, setKept] = useState(value);
  if (kept !== value && !same(kept, value)) setKept(value);
  return same(kept, value) ? kept : value;
}
