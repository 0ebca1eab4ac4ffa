import type { Instruction, Network } from '../model/network.ts';

/** Every instruction of every program, at any depth; called programs once. */
export function stepsOf(network: Network): readonly Instruction[] {
  const found: Instruction[] = [];
  for (const it of network.programs) collect(it.body, found);
  return found;
}

/** Programs that were read from code have tens of thousands: each goes into one list, once. */
function collect(body: readonly Instruction[], into: Instruction[]): void {
  for (const step of body) {
    into.push(step);
    switch (step.op) {
      case 'hold':
      case 'loop':
        collect(step.body, into);
        break;
      case 'parallel':
        for (const branch of step.branches) collect(branch, into);
        break;
      case 'branch':
        collect(step.taken, into);
        collect(step.otherwise, into);
        break;
      case 'lookup':
        collect(step.hit, into);
        collect(step.miss, into);
        break;
      case 'call':
        if (step.fallback) collect(step.fallback, into);
        break;
      case 'readReplica':
        if (step.stale) collect(step.stale, into);
        break;
    }
  }
}
