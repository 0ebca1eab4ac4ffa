import { holdInput, type InputId } from '../../model/inputs.ts';
import { valueIn } from '../../model/known.ts';
import { walkRuns } from '../../model/often.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type EndpointId, type Step, type Topology, walkSharedSteps } from '../../model/topology.ts';
import { sharesOf } from '../compile/mix.ts';
import { askAssumed } from '../solve/ask.ts';
import { solveAt } from '../solve/solve-at.ts';
import { type Assumed, triedTopology } from './ranges.ts';

/** A load without waits, at which work is what the queries themselves take. */
const LIGHT_PER_SECOND = 1e-3;
/** A step that is seen in the work of a pool and changes nothing else. */
const STEP = 1.01;
/** What little waiting there is at such a load, many times over. */
const SLACK = 1.05;

/**
 * The query that keeps a pool busiest: the one whose time moves the pool's work most, percent for percent; of equals the first.
 * Each is a network of its own to solve, so those are left out that can't move it as much as one that was tried. The topology is one that came out of `compile`.
 */
export function busiestQuery(topology: Topology, scenario: Scenario, pool: string, members: readonly Assumed[]): Assumed {
  if (members.length === 1) return members[0] as Assumed;
  const workWith = (values: ReadonlyMap<InputId, number>): number => {
    const { flat, state } = askAssumed(triedTopology(topology, values), scenario).question;
    solveAt(flat, state, LIGHT_PER_SECOND);
    return state.work[flat.stationIds.indexOf(pool)] ?? 0;
  };
  const usual = workWith(new Map());
  const mostWork = mostWorkOf(topology, scenario);
  const mostAt = ({ id }: Assumed): number => Math.min(Number.MAX_VALUE, mostWork.get(id) ?? 0);
  const works = new Map<InputId, number>();
  let highest = Number.NEGATIVE_INFINITY;
  for (const it of [...members].sort((a, b) => mostAt(b) - mostAt(a))) {
    if (usual + (STEP - 1) * SLACK * (LIGHT_PER_SECOND / 1000) * mostAt(it) < highest) continue;
    const work = workWith(new Map([[it.id, it.value.value * STEP]]));
    works.set(it.id, work);
    highest = Math.max(highest, work);
  }
  let busiest = members[0] as Assumed;
  let most = Number.NEGATIVE_INFINITY;
  for (const it of members) {
    const work = works.get(it.id) ?? Number.NEGATIVE_INFINITY;
    if (work <= most * (1 + 1e-12)) continue;
    most = work;
    busiest = it;
  }
  return busiest;
}

/** For each query the time, ms for a request from outside, that it can keep places of any one pool at most: its own, and one for each hold around it. Infinity where others than clients ask for its route. */
function mostWorkOf(topology: Topology, scenario: Scenario): Map<InputId, number> {
  const shares = sharesOf(topology, scenario);
  const asked = askedWithin(topology);
  const found = new Map<InputId, number>();
  for (const { id, steps, trigger } of topology.endpoints) {
    const rate = asked.has(id) || trigger.kind !== 'http' ? Number.POSITIVE_INFINITY : (shares.get(id) ?? 0);
    if (rate === 0) continue;
    walkRuns(steps, (step, often, enclosing) => {
      if (step.kind !== 'query' || often === 0) return;
      const input = holdInput(step);
      const places = 1 + enclosing.filter((it) => it.kind === 'hold').length;
      found.set(input, (found.get(input) ?? 0) + rate * often * places * (valueIn(step.holdMs) ?? 0));
    });
  }
  return found;
}

/** Endpoints that others of the system ask for or hand messages to. */
function askedWithin(topology: Topology): Set<EndpointId> {
  const found = new Set(topology.channels.flatMap((it) => it.consumers.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]))));
  const seen = new Set<Step>();
  for (const { steps } of topology.endpoints)
    walkSharedSteps(
      steps,
      (step) => {
        const asked = step.kind === 'request' ? step.endpoint : step.kind === 'publish' ? step.job : undefined;
        if (asked !== undefined) found.add(asked);
      },
      seen,
    );
  return found;
}
