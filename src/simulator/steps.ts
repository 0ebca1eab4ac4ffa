import type { Instruction, Network } from '../model/network.ts';

/** Every instruction of every program, at any depth; called programs once. */
export const stepsOf = (network: Network): readonly Instruction[] => network.programs.flatMap((it) => inside(it.body));

function inside(body: readonly Instruction[]): readonly Instruction[] {
  return body.flatMap((step) => {
    switch (step.op) {
      case 'hold':
      case 'loop':
        return [step, ...inside(step.body)];
      case 'parallel':
        return [step, ...step.branches.flatMap(inside)];
      case 'branch':
        return [step, ...inside(step.taken), ...inside(step.otherwise)];
      case 'lookup':
        return [step, ...inside(step.hit), ...inside(step.miss)];
      case 'call':
        return [step, ...inside(step.fallback ?? [])];
      case 'readReplica':
        return [step, ...inside(step.stale ?? [])];
      default:
        return [step];
    }
  });
}
