import { type InputId, withInputs } from '../model/inputs.ts';
import type { BreakEven } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import { type Topology, walkSteps } from '../model/topology.ts';
import { LN10, log } from './arithmetic.ts';
import { ask } from './ask.ts';
import { failing } from './measures.ts';
import type { Assumed } from './ranges.ts';
import { solveAt } from './solve-at.ts';

/** Servers come whole: what is simulated is the nearest whole number. */
const COUNTED: ReadonlySet<string> = new Set(['cores', 'connections', 'jobs', 'processes', 'replicas']);
const wholeSafely = (value: number, direction: 'atMost' | 'atLeast'): number => (direction === 'atMost' ? Math.floor(value) : Math.max(1, Math.ceil(value)));

/** How far beyond its range an input is tried. */
const BEYOND = 100;

/**
 * For each input, most decisive first: the value at which "holds at the target" tips, with all others at their point value. Inputs that never tip it are left out.
 * Queries that share a pool are guesses of one kind, and no one of them can be solved for while the others stay guesses:
 * the most decisive one stands for them, and the others are scaled with it.
 */
export function breakEvens(topology: Topology, scenario: Scenario, inputs: readonly Assumed[]): BreakEven[] {
  const { targetPerSecond } = scenario;
  const holdsWith = (values: ReadonlyMap<InputId, number>): boolean => failing(ask(withInputs(topology, values, 'assumed'), scenario).question, targetPerSecond) === null;
  const kin = kinOf(topology, inputs);
  const spokenFor = new Set<InputId>();
  const found = inputs.flatMap((input): BreakEven[] => {
    if (spokenFor.has(input.id)) return [];
    const others = kin.get(input.id) ?? [];
    for (const other of others) spokenFor.add(other.id);
    const [low, high] = input.value.range;
    const point = input.value.value;
    const withKin = (value: number) => new Map([[input.id, value], ...others.map((it) => [it.id, (it.value.value * value) / point] as const)]);
    const holdsAt = (value: number): boolean => holdsWith(withKin(value));
    const least = low / BEYOND;
    const most = input.unit === 'ratio' ? 1 : high * BEYOND;
    const holdsLow = holdsAt(least);
    const holdsHigh = holdsAt(most);
    const common = {
      input: input.id,
      label: others.length === 0 ? input.label : `${input.label} (the pool's other queries in proportion)`,
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
    const binds = busiestAt(withInputs(topology, withKin(holding), 'assumed'), scenario);
    return [{ ...common, ...(binds !== undefined && { binds }), value: COUNTED.has(input.unit) ? wholeSafely(holding, direction) : roundSafely(holding, direction), direction }];
  });
  // "Nothing helps" is worth saying only where it is all there is to say.
  const helping = found.filter((it) => it.value !== null);
  return helping.length > 0 ? helping : found.slice(0, 1);
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

/** The other assumed queries of the pools that a query uses. */
function kinOf(topology: Topology, inputs: readonly Assumed[]): Map<InputId, readonly Assumed[]> {
  const byPool = new Map<string, Set<InputId>>();
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind !== 'query' || step.pool === undefined) return;
      const id = `hold ${step.target} ${step.label}`;
      byPool.set(step.pool, (byPool.get(step.pool) ?? new Set()).add(id));
    });
  const found = new Map<InputId, readonly Assumed[]>();
  for (const ids of byPool.values()) {
    const members = inputs.filter((it) => ids.has(it.id));
    for (const member of members) found.set(member.id, [...(found.get(member.id) ?? []), ...members.filter((it) => it !== member && !(found.get(member.id) ?? []).includes(it))]);
  }
  return found;
}
