import { innerRuns } from '../model/often.ts';
import { type ComponentId, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Weakness } from '../model/weakness.ts';
import { cacheBetween } from './cache-remedy.ts';

type Request = Extract<Step, { kind: 'request' }>;

/** From this share of a service's requests on, a call is what all of them have in common. */
const COMMON = 0.5;
/** Fewer programs than this have it in common because of what they do, not of who asks. */
const LEAST_PROGRAMS = 3;

interface Repeated {
  step: Request;
  /** Of the requests of the component, those that make it. */
  share: number;
  programs: number;
}

/** How likely each call outside of loops is made by a program, by its place. */
function callsIn(steps: readonly Step[], likely: number, met: (step: Request, likely: number) => void): void {
  for (const step of steps) {
    if (step.kind === 'request') met(step, likely);
    if (step.kind === 'branch' || step.kind === 'hold' || step.kind === 'parallel') for (const [inner, times] of innerRuns(step)) callsIn(inner, likely * times, met);
  }
}

function repeatedOf({ topology, outcome }: Evidence, component: ComponentId): Repeated[] {
  const own = topology.endpoints.filter((it) => it.component === component && it.trigger.kind === 'http' && it.role !== 'excluded');
  const rateOf = (id: string): number => outcome.endpoints.find((it) => it.id === id)?.offeredPerSecond ?? 0;
  const total = own.reduce((sum, it) => sum + rateOf(it.id), 0);
  const found = new Map<string, Repeated>();
  for (const endpoint of own)
    callsIn(endpoint.steps, 1, (step, likely) => {
      const key = `${step.place.file}:${step.place.line}`;
      const before = found.get(key) ?? { step, share: 0, programs: 0 };
      found.set(key, { ...before, share: before.share + (total > 0 ? (likely * rateOf(endpoint.id)) / total : likely / own.length), programs: before.programs + 1 });
    });
  return [...found.values()].filter((it) => it.share >= COMMON && it.programs >= LEAST_PROGRAMS);
}

/** The service answers with one row, and changes nothing. */
function onlyLooksUp(topology: Topology, { endpoint }: Request): boolean {
  const callee = topology.endpoints.find((it) => it.id === endpoint);
  let reads = 0;
  let others = 0;
  walkSteps(callee?.steps ?? [], (step) => {
    if (step.kind === 'query' && step.operation === 'read' && step.statement?.most === 1) reads += 1;
    else if (step.kind !== 'compute' && step.kind !== 'respond') others += 1;
  });
  return reads > 0 && others === 0;
}

/** Look-ups at another service that most requests of a service make anew, whatever they are about: who the client is, what it may do. */
export function repeatedCalls(evidence: Evidence): Weakness[] {
  const { topology } = evidence;
  const services = topology.components.filter((it) => it.scope === 'runtime' && topology.endpoints.some((one) => one.component === it.id));
  return services.flatMap(({ id, name }) =>
    repeatedOf(evidence, id)
      .filter(({ step }) => step.awaited && onlyLooksUp(topology, step))
      .map(({ step, share }): Weakness => {
        const store = topology.components.find((it) => it.id === step.target);
        return {
          rule: 'uncached-hot-read',
          state: 'weak',
          place: step.place,
          component: id,
          certain: false,
          facts: { label: step.label, share, store: store?.name ?? step.target, by: name, assumed: true },
          related: [],
          remedies: [cached(topology, id, step)],
        };
      }),
  );
}

const cached = (topology: Topology, from: ComponentId, step: Request): RemedyIdea => ({
  ...cacheBetween(topology, { from, to: step.target, label: step.label, place: step.place }),
  edit: null,
});
