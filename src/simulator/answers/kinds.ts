import { holdInput, type InputId, inputId } from '../../model/inputs.ts';
import { type Step, type Topology, walkSharedSteps } from '../../model/topology.ts';

/** What assumed inputs have in common. */
export interface Kind {
  /** Made of the ids of components and channels, as ids of inputs are. */
  id: string;
  /** For people: `queries of db`. */
  label: string;
}

const LOOPS: Kind = { id: 'times', label: 'loops over data' };
const COMPUTING: Kind = { id: 'compute', label: 'CPU times' };

/**
 * The inputs that one thing makes large or small together: what one store's queries take (its machine, its disk, how much data it has), what the calls of one outside service or the messages to one
 * broker take, what computing takes (the processor), how many rounds loops make (how much data a user has). Of shares of routes, of conditions and of hits nobody knows such a thing.
 */
export function kindsOf(topology: Topology): ReadonlyMap<InputId, Kind> {
  const names = new Map(topology.components.map((it) => [it.id, it.name]));
  const brokers = new Map(topology.channels.map((it) => [it.id, it.broker]));
  const found = new Map<InputId, Kind>();
  const made = new Map<string, Kind>();
  const kind = (word: string, target: string, label: string): Kind => {
    const id = `${word} ${target}`;
    const known = made.get(id) ?? { id, label: `${label} ${names.get(target) ?? target}` };
    made.set(id, known);
    return known;
  };
  const kindOf = (step: Step): Kind | undefined => {
    switch (step.kind) {
      case 'query':
        return kind('hold', step.primary ?? step.target, 'queries of');
      case 'request':
        return kind('service', step.target, 'calls of');
      case 'publish':
        return kind('publish', brokers.get(step.channel) ?? step.channel, 'messages to');
      case 'compute':
        return COMPUTING;
      case 'loop':
        return LOOPS;
      default:
        return undefined;
    }
  };
  const seen = new Set<Step>();
  for (const { steps } of topology.endpoints)
    walkSharedSteps(
      steps,
      (step) => {
        const [input, of] = [inputOf(step), kindOf(step)];
        if (input !== undefined && of) found.set(input, of);
      },
      seen,
    );
  return found;
}

/** The input of a step that may be of a kind: what its work takes, or the rounds of a loop. */
export function inputOf(step: Step): InputId | undefined {
  switch (step.kind) {
    case 'query':
      return holdInput(step);
    case 'request':
      return inputId.service(step.target, step.label);
    case 'publish':
      return inputId.service(step.channel, 'publish');
    case 'compute':
      return inputId.compute(step.label);
    case 'loop':
      return inputId.times(step.place);
    default:
      return undefined;
  }
}
