import { isInDoubt } from '../../model/answer.ts';
import { holdInput, type InputId } from '../../model/inputs.ts';
import type { BreakEven } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Step, type Topology, walkSharedSteps } from '../../model/topology.ts';
import { LN10, log } from '../arithmetic.ts';
import { ask } from '../solve/ask.ts';
import { borneBy } from './borne.ts';
import { busiestQuery } from './busiest-query.ts';
import type { Decider } from './deciders.ts';
import { type Assumed, assumedInputs, triedTopology } from './ranges.ts';
import { solveAt } from '../solve/solve-at.ts';

/** Servers come whole: what is simulated is the nearest whole number. */
const COUNTED: ReadonlySet<string> = new Set(['cores', 'connections', 'jobs', 'processes', 'replicas']);
const wholeSafely = (value: number, direction: 'atMost' | 'atLeast'): number => (direction === 'atMost' ? Math.floor(value) : Math.max(1, Math.ceil(value)));

/** How far beyond its range an input is tried. */
const BEYOND = 100;
/** The same of a kind, upwards: rounds of loops inside of loops multiply. */
const BEYOND_TOGETHER = 3;

/**
 * For each input, those first that tip within their range, then most decisive first: the value at which "holds at the target" tips, with all others at their point value. Inputs that never tip it are left out.
 * Queries that share a pool are guesses of one kind, and no one of them can be solved for while the others stay guesses: all guessed queries of the pool, decisive or not,
 * are scaled by one factor, which is told as the value of the query that keeps the pool busiest. So it does not hang on which of them the draws found decisive. What decides for all of its kind is told with them in
 * proportion, too.
 */
export function breakEvens(topology: Topology, scenario: Scenario, deciders: readonly Decider[]): BreakEven[] {
  const { targetPerSecond } = scenario;
  const holdsWith = (values: ReadonlyMap<InputId, number>): boolean => borneBy(triedTopology(topology, values), scenario)(targetPerSecond);
  const groups = poolMates(topology);
  const spokenFor = new Set<InputId>();
  const found = deciders.flatMap((decisive): BreakEven[] => {
    if (spokenFor.has(decisive.input.id)) return [];
    const group = groups.get(decisive.input.id);
    const input = group ? busiestQuery(topology, scenario, group.pool, group.members) : decisive.input;
    const others = group ? group.members.filter((it) => it.id !== input.id) : decisive.kin;
    for (const it of [input, ...others]) spokenFor.add(it.id);
    const [low, high] = input.value.range;
    const point = input.value.value;
    const withKin = (value: number) => new Map([[input.id, value], ...others.map((it) => [it.id, (it.value.value * value) / point] as const)]);
    const holdsAt = (value: number): boolean => holdsWith(withKin(value));
    const least = low / BEYOND;
    const most = input.unit === 'ratio' ? 1 : high * (!group && others.length > 0 ? BEYOND_TOGETHER : BEYOND);
    const holdsLow = holdsAt(least);
    const holdsHigh = holdsAt(most);
    const common = {
      input: input.id,
      label: !group ? decisive.label : others.length === 0 ? input.label : `${input.label} (the pool's other queries in proportion)`,
      unit: input.unit,
      basis: input.value.basis,
      typical: [low, high] as const,
      places: input.places,
    };
    if (holdsLow && holdsHigh) return [];
    if (!holdsLow && !holdsHigh) return [{ ...common, value: null, direction: point > 0 && input.unit === 'ms' ? 'atMost' : 'atLeast' }];
    let holding = holdsLow ? least : most;
    let failingAt = holdsLow ? most : least;
    for (let round = 0; round < 40 && Math.abs(failingAt - holding) > 0.002 * holding; round++) {
      const middle = Math.sqrt(holding * failingAt);
      if (holdsAt(middle)) holding = middle;
      else failingAt = middle;
    }
    const direction = holdsLow ? 'atMost' : 'atLeast';
    const binds = busiestAt(triedTopology(topology, withKin(holding)), scenario);
    return [{ ...common, ...(binds !== undefined && { binds }), value: COUNTED.has(input.unit) ? wholeSafely(holding, direction) : roundSafely(holding, direction), direction }];
  });
  // "Nothing helps" is worth saying only where it is all there is to say.
  const helping = found.filter((it) => it.value !== null);
  return helping.length > 0 ? [...helping.filter(isInDoubt), ...helping.filter((it) => !isInDoubt(it))] : found.slice(0, 1);
}

/** The station with the least room at the target: where a system only just holds, that is what tips it. */
function busiestAt(topology: Topology, scenario: Scenario): string | undefined {
  const { flat, state } = ask(topology, scenario).question;
  solveAt(flat, state, scenario.targetPerSecond);
  let busiest = -1;
  for (let s = 0; s < flat.servers.length; s++)
    if (flat.servers[s] !== Number.POSITIVE_INFINITY && (state.utilisation[s] as number) > (busiest < 0 ? 0 : (state.utilisation[busiest] as number))) busiest = s;
  return busiest < 0 ? undefined : flat.stationIds[busiest];
}

/** Two significant digits, towards the side that holds. */
export function roundSafely(value: number, direction: 'atMost' | 'atLeast'): number {
  if (!(value > 0)) return 0;
  let scale = 1;
  for (let digits = Math.floor(log(value) / LN10) - 1; digits !== 0; digits += digits < 0 ? 1 : -1) scale = digits < 0 ? scale / 10 : scale * 10;
  const steps = value / scale;
  const whole = direction === 'atMost' ? Math.floor(steps + 1e-9) : Math.ceil(steps - 1e-9);
  // Dividing by a whole number gives 4.9, multiplying by 0.1 gives 4.9000000000000004.
  return scale < 1 ? whole / Math.round(1 / scale) : whole * scale;
}

/** For each guessed query: the first pool that it uses, with all guessed queries of that pool. */
function poolMates(topology: Topology): Map<InputId, { pool: string; members: readonly Assumed[] }> {
  const byPool = new Map<string, Set<InputId>>();
  const seen = new Set<Step>();
  for (const endpoint of topology.endpoints)
    walkSharedSteps(
      endpoint.steps,
      (step) => {
        if (step.kind !== 'query' || step.pool === undefined) return;
        byPool.set(step.pool, (byPool.get(step.pool) ?? new Set()).add(holdInput(step)));
      },
      seen,
    );
  const assumed = assumedInputs(topology);
  const found = new Map<InputId, { pool: string; members: readonly Assumed[] }>();
  for (const [pool, ids] of byPool) {
    const members = assumed.filter((it) => ids.has(it.id));
    for (const member of members) if (!found.has(member.id)) found.set(member.id, { pool, members });
  }
  return found;
}
