import { mapSteps, type ComponentId, type Topology } from '../model/topology.ts';

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
