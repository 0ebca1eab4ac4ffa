import type { Distribution, Instruction, Network } from '../../model/network.ts';
import { meanMsOf, variationOf } from '../laws.ts';

/** Networks with fewer instructions are solved as they are written: there the order of visits is looked at more closely than loops allow. */
const FEW = 400;

/**
 * The same network with each different step of a sequence written once, as so many rounds of a loop as it is run on average: steps of loops count their rounds, steps
 * of branches their chance. Programs that were read from code repeat a handful of steps thousands of times, and means are the same in any order. How much the time of a run varies
 * because of the way it takes is kept as `spread`, in squares of the mean. What answers or ends a program keeps its place, and nothing moves past it.
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
  const programs = new Map(network.programs.map((it) => [it.id, it.body]));
  const known: Known = { steps: new Map(), met: new Map(), bodies: new Map(), turns: new Map(), programs, times: new Map() };
  return { ...network, programs: network.programs.map((it) => ({ ...it, body: fold(it.body, known).body })) };
}

/** A loop whose number of rounds varies from run to run: `spread` is the variance of what its body takes because of that, in squares of its mean. */
export type SpreadLoop = Extract<Instruction, { op: 'loop' }> & { spread?: number };

/** Branches that are written once and run so often side by side. */
export type CopiedParallel = Extract<Instruction, { op: 'parallel' }> & { copies?: readonly number[] };

interface Known {
  /** Every different step that was met, by what it is made of. */
  steps: Map<string, Step>;
  /** The same object is the same step: most of a long program is a few of them, written out over and over. */
  met: Map<Instruction, Step>;
  bodies: Map<readonly Instruction[], Folded>;
  turns: Map<Instruction, boolean>;
  programs: ReadonlyMap<string, readonly Instruction[]>;
  times: Map<string, Time>;
}

/** Mean and variance of what something takes that never waits. */
interface Time {
  meanMs: number;
  variance: number;
}

interface Step extends Time {
  id: number;
  step: Instruction;
  /** What it is made of but for its service times; null where it can't be mixed with its like. */
  shape: string | null;
  /** Of what runs side by side: each different branch, and how many there are of it. */
  branches: Branch[];
  /** Answers or ends a program, itself or within: what comes after it stays there. */
  isTurn: boolean;
}

interface Branch {
  folded: Folded;
  copies: number;
}

interface Folded extends Time {
  body: Instruction[];
  /** Names the body by its steps. */
  key: string;
  isTurn: boolean;
  /** The only step there is. */
  only: Step | null;
}

/** Steps and how often each is run. */
type Counted = [Step, number][];

/** Ways that differ by less than this, in squares of the mean, are taken as one. */
const LEAST_SPREAD = 0.01;

function fold(body: readonly Instruction[], known: Known): Folded {
  const met = known.bodies.get(body);
  if (met) return met;
  const made = foldOnce(body, known);
  known.bodies.set(body, made);
  return made;
}

function foldOnce(body: readonly Instruction[], known: Known): Folded {
  const parts: { steps: Counted; time: Time }[] = [];
  let run: Instruction[] = [];
  const close = (): void => {
    const steps: Counted = [];
    const time = gather(run, 1, steps, known);
    if (steps.length > 0) parts.push({ steps, time });
    run = [];
  };
  for (const step of body) {
    if (!isTurn(step, known)) {
      run.push(step);
      continue;
    }
    close();
    const turn = stepOf(step, known);
    parts.push({ steps: [[turn, 1]], time: turn });
  }
  close();
  const out: Folded = { body: [], key: '', isTurn: false, only: null, meanMs: 0, variance: 0 };
  for (const { steps, time } of parts) {
    const mixtures = mixed(steps);
    const written = mixtures.map(({ step, times }): Instruction => (times === 1 ? step : { op: 'loop', times, body: [step] }));
    const apart = time.variance - mixtures.reduce((sum, it) => sum + it.times * it.variance, 0);
    const spread = time.meanMs > 0 ? apart / (time.meanMs * time.meanMs) : 0;
    if (Math.abs(spread) > LEAST_SPREAD) out.body.push({ op: 'loop', times: 1, spread, body: written } as SpreadLoop);
    else out.body.push(...written);
    out.key += `${steps.map(([{ id }, times]) => `${id}*${times.toPrecision(9)}`).join(' ')}~${spread.toPrecision(6)};`;
    out.isTurn ||= steps.some(([it]) => it.isTurn);
    out.meanMs += time.meanMs;
    out.variance += time.variance;
  }
  const [only] = parts;
  if (parts.length === 1 && only?.steps.length === 1 && only.steps[0]?.[1] === 1) out.only = only.steps[0][0];
  return out;
}

/** Adds the steps of a body that runs so often on average; returns what the body itself takes. */
function gather(body: readonly Instruction[], often: number, into: Counted, known: Known): Time {
  const time: Time = { meanMs: 0, variance: 0 };
  for (const step of body) {
    if (step.op === 'loop') {
      const round = gather(step.body, often * step.times, into, known);
      time.meanMs += step.times * round.meanMs;
      time.variance += step.times * round.variance;
    } else if (step.op === 'branch') {
      const p = step.probability;
      const taken = gather(step.taken, often * p, into, known);
      const otherwise = gather(step.otherwise, often * (1 - p), into, known);
      const apart = taken.meanMs - otherwise.meanMs;
      time.meanMs += p * taken.meanMs + (1 - p) * otherwise.meanMs;
      time.variance += p * taken.variance + (1 - p) * otherwise.variance + p * (1 - p) * apart * apart;
    } else {
      const one = stepOf(step, known);
      time.meanMs += one.meanMs;
      time.variance += one.variance;
      if (often <= 0) continue;
      const met = into.find(([it]) => it === one);
      if (met) met[1] += often;
      else into.push([one, often]);
    }
  }
  return time;
}

/** A step with its own bodies folded; the same object for equal steps. */
function stepOf(step: Instruction, known: Known): Step {
  const met = known.met.get(step);
  if (met) return met;
  const made = stepOnce(step, known);
  known.met.set(step, made);
  return made;
}

function stepOnce(step: Instruction, known: Known): Step {
  const inner = bodiesOf(step).map((it) => fold(it, known));
  const branches = step.op === 'parallel' ? branchesOf(inner) : [];
  const key = `${step.op === 'parallel' ? branches.map(({ folded, copies }) => `${copies} ${folded.key}`).join('|') : inner.map((it) => it.key).join('|')} ${wordsOf(step)}`;
  const met = known.steps.get(key);
  if (met) return met;
  const made: Step = {
    id: known.steps.size,
    step:
      step.op === 'parallel'
        ? ({ ...step, branches: branches.map(({ folded }) => folded.body), copies: branches.map(({ copies }) => copies) } as CopiedParallel)
        : withBodies(
            step,
            inner.map((it) => it.body),
          ),
    branches,
    shape: null,
    isTurn: isTurn(step, known),
    ...timeOf(step, inner, known),
  };
  if (!made.isTurn) made.shape = shapeOf(made.step);
  known.steps.set(key, made);
  return made;
}

/** Branches that are alike once; a branch that does nothing but branch off is its branches. */
function branchesOf(inner: readonly Folded[]): Branch[] {
  const found = new Map<string, Branch>();
  const add = (folded: Folded, copies: number): void => {
    const met = found.get(folded.key);
    if (met) met.copies += copies;
    else found.set(folded.key, { folded, copies });
  };
  for (const folded of inner) {
    if (folded.only?.step.op === 'parallel') for (const it of folded.only.branches) add(it.folded, it.copies);
    else add(folded, 1);
  }
  return [...found.values()];
}

function timeOf(step: Instruction, inner: readonly Folded[], known: Known): Time {
  switch (step.op) {
    case 'serve':
      return timeOfLaw(step.service);
    case 'delay':
      return timeOfLaw(step.duration);
    case 'call':
      return timeOfProgram(step.program, known);
    case 'branch':
    case 'lookup': {
      // How often a lookup hits is not known here; one that stands alone counts the same on both sides of the spread.
      const [first = NOTHING, second = NOTHING] = inner;
      const p = step.op === 'branch' ? step.probability : 0.5;
      const apart = first.meanMs - second.meanMs;
      return { meanMs: p * first.meanMs + (1 - p) * second.meanMs, variance: p * first.variance + (1 - p) * second.variance + p * (1 - p) * apart * apart };
    }
    case 'parallel':
      return inner.reduce<Time>((longest, it) => (it.meanMs > longest.meanMs ? it : longest), NOTHING);
    case 'loop': {
      const [round = NOTHING] = inner;
      return { meanMs: step.times * round.meanMs, variance: step.times * round.variance };
    }
    default:
      return { meanMs: inner[0]?.meanMs ?? 0, variance: inner[0]?.variance ?? 0 };
  }
}

function timeOfLaw(law: Distribution): Time {
  const meanMs = meanMsOf(law);
  return { meanMs, variance: meanMs * meanMs * variationOf(law) };
}

const NOTHING: Time = { meanMs: 0, variance: 0 };

function timeOfProgram(id: string, known: Known): Time {
  const met = known.times.get(id);
  if (met) return met;
  // A program that calls itself is cut where it does.
  known.times.set(id, NOTHING);
  const time = gather(known.programs.get(id) ?? [], 1, [], known);
  known.times.set(id, time);
  return time;
}

interface Mixture {
  step: Instruction;
  times: number;
  variance: number;
}

/** Steps that differ only in their service times as one, whose times are now these and now those: what the stations see, and the same in the mean. */
function mixed(steps: Counted): Mixture[] {
  const alike = new Map<string | Step, Counted>();
  for (const it of steps) {
    const name = it[0].shape ?? it[0];
    const met = alike.get(name);
    if (met) met.push(it);
    else alike.set(name, [it]);
  }
  return [...alike.values()].map((all): Mixture => {
    const [[first, count]] = all as [Counted[number]];
    if (all.length === 1) return { step: first.step, times: count, variance: first.variance };
    const times = all.reduce((sum, [, often]) => sum + often, 0);
    const step = mix(
      all.map(([it]) => it.step),
      all.map(([, often]) => often / times),
    );
    return { step, times, variance: varianceOf(step) };
  });
}

/** What a step says beside its bodies: the commonest kinds by hand, for thousands of steps are asked. */
function wordsOf(step: Instruction): string {
  if (step.op === 'delay') return `delay ${lawWords(step.duration)}`;
  if (step.op === 'serve' && step.waitLimitMs === undefined && step.priority === undefined && !step.newConnection) return `serve ${step.station} ${lawWords(step.service)}`;
  return JSON.stringify(step, told);
}

const lawWords = (law: Distribution): string => `${law.kind} ${rounded(meanMsOf(law))} ${rounded(variationOf(law))}`;

/** To a millionth: numbers differ in their last digits by how they were added up. */
const rounded = (value: number): number => Math.floor(value * 1e6 + 0.5);

/** Only what has a time of its own or is held around such things is mixed. */
function shapeOf(step: Instruction): string | null {
  if (step.op === 'serve' || step.op === 'delay') return JSON.stringify({ ...step, service: undefined, duration: undefined });
  if (step.op !== 'hold' && step.op !== 'loop') return null;
  const inside = step.body.map(shapeOf);
  return inside.includes(null) ? null : `${JSON.stringify(step, told)} [${inside.join(',')}]`;
}

/** One step of steps of the same shape. */
function mix(steps: readonly Instruction[], weights: readonly number[]): Instruction {
  const [first] = steps as [Instruction];
  switch (first.op) {
    case 'serve':
      return {
        ...first,
        service: mixLaws(
          steps.map((it) => (it as typeof first).service),
          weights,
        ),
      };
    case 'delay':
      return {
        ...first,
        duration: mixLaws(
          steps.map((it) => (it as typeof first).duration),
          weights,
        ),
      };
    case 'hold':
    case 'loop':
      return {
        ...first,
        body: first.body.map((_, at) =>
          mix(
            steps.map((it) => (it as typeof first).body[at] as Instruction),
            weights,
          ),
        ),
      };
    default:
      return first;
  }
}

/** A law with the mean and the variance of the mixture. */
function mixLaws(laws: readonly Distribution[], weights: readonly number[]): Distribution {
  let meanMs = 0;
  let square = 0;
  laws.forEach((law, at) => {
    const mean = meanMsOf(law);
    meanMs += (weights[at] as number) * mean;
    square += (weights[at] as number) * mean * mean * (1 + variationOf(law));
  });
  return { kind: 'gamma', meanMs, cv2: meanMs > 0 ? Math.max(0, square / (meanMs * meanMs) - 1) : 0 };
}

function varianceOf(step: Instruction): number {
  if (step.op === 'serve') return timeOfLaw(step.service).variance;
  if (step.op === 'delay') return timeOfLaw(step.duration).variance;
  if (step.op !== 'hold' && step.op !== 'loop') return 0;
  return (step.op === 'loop' ? step.times : 1) * step.body.reduce((sum, it) => sum + varianceOf(it), 0);
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

function isTurn(step: Instruction, known: Known): boolean {
  if (step.op === 'respond' || step.op === 'fail') return true;
  const bodies = bodiesOf(step);
  if (bodies.length === 0) return false;
  const met = known.turns.get(step);
  if (met !== undefined) return met;
  const made = bodies.some((it) => it.some((one) => isTurn(one, known)));
  known.turns.set(step, made);
  return made;
}
