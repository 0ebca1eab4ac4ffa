import type { Instruction, Network } from '../../model/network.ts';

/** Networks with fewer instructions are solved as they are written: there the order of visits is looked at more closely than loops allow. */
const FEW = 400;

/**
 * The same network with equal steps of a sequence written once, as rounds of a loop. Programs that were read from code repeat a handful of steps thousands of times,
 * and sums of means and variances are the same in any order. What answers or ends a program keeps its place, and nothing moves past it.
 */
export function folded(network: Network): Network {
  let left = FEW;
  const count = (body: readonly Instruction[]): void => {
    for (const step of body) {
      if (--left < 0) return;
      for (const inner of bodiesOf(step)) count(inner);
    }
  };
  for (const program of network.programs) count(program.body);
  if (left >= 0) return network;
  const known: Known = new Map();
  return { ...network, programs: network.programs.map((it) => ({ ...it, body: fold(it.body, known).body })) };
}

/** Every different step that was met, by what it is made of. */
type Known = Map<string, Step>;

interface Step {
  id: number;
  step: Instruction;
  /** Answers or ends a program, itself or within: what comes after it stays there. */
  isTurn: boolean;
}

interface Folded {
  body: Instruction[];
  /** Names the body by its steps. */
  key: string;
  isTurn: boolean;
}

function fold(body: readonly Instruction[], known: Known): Folded {
  const out: [Step, number][] = [];
  let since = 0;
  const add = (step: Step, times: number): void => {
    if (step.isTurn) {
      if (times !== 1) out.push([stepOf({ op: 'loop', times, body: [step.step] }, known), 1]);
      else out.push([step, 1]);
      since = out.length;
      return;
    }
    for (let at = since; at < out.length; at++) {
      const one = out[at] as [Step, number];
      if (one[0] !== step) continue;
      one[1] += times;
      return;
    }
    out.push([step, times]);
  };
  const walk = (steps: readonly Instruction[], times: number): void => {
    for (const step of steps) {
      if (step.op !== 'loop') add(stepOf(step, known), times);
      else if (hasTurn(step.body)) add(stepOf(step, known), times);
      else walk(step.body, times * step.times);
    }
  };
  walk(body, 1);
  return {
    body: out.map(([{ step }, times]) => (times === 1 ? step : { op: 'loop', times, body: [step] })),
    key: out.map(([{ id }, times]) => `${id}*${times}`).join(' '),
    isTurn: out.some(([{ isTurn }]) => isTurn),
  };
}

/** A step with its own bodies folded; the same object for equal steps. */
function stepOf(step: Instruction, known: Known): Step {
  const inner = bodiesOf(step).map((it) => fold(it, known));
  const key = `${inner.map((it) => it.key).join('|')} ${JSON.stringify(step, told)}`;
  const met = known.get(key);
  if (met) return met;
  const made: Step = {
    id: known.size,
    step: withBodies(
      step,
      inner.map((it) => it.body),
    ),
    isTurn: step.op === 'respond' || step.op === 'fail' || inner.some((it) => it.isTurn),
  };
  known.set(key, made);
  return made;
}

/** Without bodies, and numbers without the last digits, which differ by how they were added up. */
const told = (name: string, value: unknown): unknown => (BODIES.has(name) ? undefined : typeof value === 'number' ? value.toPrecision(9) : value);

const BODIES = new Set(['body', 'branches', 'taken', 'otherwise', 'hit', 'miss', 'stale']);

function bodiesOf(step: Instruction): readonly (readonly Instruction[])[] {
  switch (step.op) {
    case 'hold':
    case 'loop':
      return [step.body];
    case 'parallel':
      return step.branches;
    case 'branch':
      return [step.taken, step.otherwise];
    case 'lookup':
      return [step.hit, step.miss];
    case 'readReplica':
      return step.stale ? [step.stale] : [];
    default:
      return [];
  }
}

function withBodies(step: Instruction, bodies: readonly Instruction[][]): Instruction {
  const [first = [], second = []] = bodies;
  switch (step.op) {
    case 'hold':
    case 'loop':
      return { ...step, body: first };
    case 'parallel':
      return { ...step, branches: bodies };
    case 'branch':
      return { ...step, taken: first, otherwise: second };
    case 'lookup':
      return { ...step, hit: first, miss: second };
    case 'readReplica':
      return step.stale ? { ...step, stale: first } : step;
    default:
      return step;
  }
}

const hasTurn = (body: readonly Instruction[]): boolean => body.some((it) => it.op === 'respond' || it.op === 'fail' || bodiesOf(it).some(hasTurn));
