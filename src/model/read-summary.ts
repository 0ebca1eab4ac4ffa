import { known, type Place } from './known.ts';
import { type Endpoint, mapSteps, type QueryStep, type Step, type Topology, walkSteps } from './topology.ts';

/** What a query puts together at `place` is kept ready, and made anew every `everyMs`. */
export interface Summary {
  place: Place;
  everyMs: number;
}

/** Reading what is ready: an assumption, replaced as soon as it is measured. */
const READY_MS = known(2, 'ms', 'assumed', { range: [0.5, 10], source: 'reading a table of ready sums by its key' });

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && (a.column ?? 0) === (b.column ?? 0);

/** Requests read what is ready; the query itself runs by the clock, whatever their number. */
export function readSummary(topology: Topology, { place, everyMs }: Summary): Topology {
  let asked: { step: QueryStep; endpoint: Endpoint } | undefined;
  const ready = (endpoint: Endpoint, step: Step): Step => {
    if (step.kind !== 'query' || step.operation !== 'read' || endpoint.trigger.kind === 'schedule' || !isAt(step.place, place)) return step;
    asked ??= { step, endpoint };
    return {
      ...step,
      label: `${step.label} ready`,
      holdMs: READY_MS,
      ...(step.statement && { statement: { table: `${step.statement.table}_summary`, adds: false, limit: 'unknown' as const } }),
    };
  };
  const endpoints = topology.endpoints.map((it) => (touches(it, place) ? { ...it, steps: mapSteps(it.steps, (step) => [ready(it, step)]) } : it));
  return asked ? { ...topology, endpoints: [...endpoints, refreshOf(asked.endpoint, asked.step, everyMs)] } : topology;
}

function touches({ steps }: Endpoint, place: Place): boolean {
  let found = false;
  walkSteps(steps, (step) => {
    found ||= step.kind === 'query' && isAt(step.place, place);
  });
  return found;
}

const refreshOf = ({ component }: Endpoint, step: QueryStep, everyMs: number): Endpoint => ({
  id: `${component} refreshes ${step.label} of ${step.place.file}:${step.place.line}`,
  component,
  trigger: { kind: 'schedule', everyMs: known(everyMs, 'ms', 'override') },
  role: 'excluded',
  external: false,
  steps: [{ ...step, usesHeld: false, awaited: true }],
  place: step.place,
});
