import { holdInput, type InputId, inputId } from '../model/inputs.ts';
import { type Step, type Topology, walkSteps } from '../model/topology.ts';

/** The steps that one input is about; empty for inputs of components, pools and the network. */
export function stepsOfInput(input: InputId, topology: Topology): Step[] {
  const found: Step[] = [];
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (inputsOfStep(step).includes(input)) found.push(step);
    });
  return found;
}

function inputsOfStep(step: Step): InputId[] {
  switch (step.kind) {
    case 'compute':
      return [inputId.compute(step.label)];
    case 'query':
      return [holdInput(step)];
    case 'request':
      return [inputId.service(step.target, step.label), inputId.timeout(step.target, step.label)];
    case 'publish':
      return [inputId.service(step.channel, 'publish')];
    case 'cache':
      return [inputId.service(step.target, 'command'), inputId.hitRatio(step.target, step.key)];
    case 'wait':
      return [inputId.wait(step.label)];
    case 'loop':
      return [inputId.times(step.place)];
    case 'branch':
      return [inputId.probability(step.place)];
    default:
      return [];
  }
}
