import { mapSteps, type ComponentId, type Topology } from '../model/topology.ts';

/** breaksAt is searched to 1%: less than twice that is no difference. */
export const NOTICEABLE = 1.02;
/** Response times and shares of work that differ by less read the same before and after, and less is nothing that the closed form knows. */
export const VISIBLE = 1.05;
/** Where the simulator's search begins. */
export const LEAST_RATE = 0.1;

/** Where only the rate at which a system breaks is asked for: the range, and what binds, cost many times as much. */
export const POINT_ONLY = { ranges: false, ladder: false, breakEven: false, spike: false, binding: false, saturation: false };

/** Where only what routes and stations show at the load is asked for. */
export const AT_LOAD = { ...POINT_ONLY, breaks: false };

/** Every request to `target` takes so many times as long. A timeout still ends it. */
export function slowed(topology: Topology, target: ComponentId, factor: number): Topology {
  return {
    ...topology,
    endpoints: topology.endpoints.map((endpoint) => ({
      ...endpoint,
      steps: mapSteps(endpoint.steps, (step) => {
        if (step.kind !== 'request' || step.target !== target || step.serviceMs.state !== 'known') return [step];
        return [{ ...step, serviceMs: { ...step.serviceMs, value: step.serviceMs.value * factor } }];
      }),
    })),
  };
}
