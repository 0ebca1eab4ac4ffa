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
  const known: Known = { steps: new Map(), written: new Map(), met: new Map(), bodies: new Map(), different: new Map(), turns: new Map(), programs, times: new Map(), count: 0 };
  return { ...network, programs: network.programs.map((it) => ({ ...it, body: foldOnce(it.body, known).body })) };
}

/** A loop whose number of rounds varies from run to run: `spread` is the variance of what its body takes because of that, in squares of its mean. */
export type SpreadLoop = Extract<Instruction, { op: 'loop' }> & { spread?: number };

/** Branches that are written once and run so often side by side. */
export type CopiedParallel = Extract<Instruction, { op: 'parallel' }> & { copies?: readonly number[] };

interface Known {
  /** Every different delay, visit and hold that was met, by its station and then by its mean time or what is done inside: the commonest kinds, of which there are thousands, are told apart without writing them out. */
  steps: Map<string, Map<number, Step[]>>;
  /** The others, by what they are made of in words. */
  written: Map<string, Step>;
  /** The same object is the same step: most of a long program is a few of them, written out over and over. */
  met: Map<Instruction, Step>;
  bodies: Map<readonly Instruction[], Folded>;
  /** Bodies that differ, by a number that follows from their steps. */
  different: Map<number, Folded[]>;
  turns: Map<Instruction, boolean>;
  programs: ReadonlyMap<string, readonly Instruction[]>;
  times: Map<string, Time>;
  /** Of steps and bodies, which gives each its number. */
  count: number;
}

/** Mean and variance of what something takes that never waits. */
interface Time {
  meanMs: number;
  variance: number;
}

interface Step extends Time {
  id: number;
  step: Instruction;
  /** Of a plain visit, delay or hold: what tells it from its like. */
  law: Law | null;
  inside: Folded | null;
  /** What it is made of but for its service times; null where it can't be mixed with its like, undefined where nobody has asked yet. */
  shape: string | null | undefined;
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
  id: number;
  body: Instruction[];
  /** What tells it from others: its parts. */
  parts: readonly Part[];
  isTurn: boolean;
  /** The only step there is. */
  only: Step | null;
}

/** Steps and how often each is run. */
type Counted = [Step, number][];

/** Steps between which nothing answers or ends a program. */
interface Part {
  steps: Counted;
  time: Time;
  spread: number;
}

/** Ways that differ by less than this, in squares of the mean, are taken as one. */
const LEAST_SPREAD = 0.01;

/** The same body as one that was met where their steps are the same. */
function fold(body: readonly Instruction[], known: Known): Folded {
  const made = foldOnce(body, known);
  let name = made.parts.length;
  for (const { steps } of made.parts) for (const [{ id }] of steps) name = Math.imul(name, PRIME) ^ id;
  const alike = known.different.get(name);
  const met = alike?.find((it) => isSameBody(it, made));
  if (met) return met;
  if (alike) alike.push(made);
  else known.different.set(name, [made]);
  return made;
}

/** Branches are often one object many times. */
function foldBranch(body: readonly Instruction[], known: Known): Folded {
  const met = known.bodies.get(body);
  if (met) return met;
  const made = fold(body, known);
  known.bodies.set(body, made);
  return made;
}

function isSameBody({ parts }: Folded, { parts: others }: Folded): boolean {
  return (
    parts.length === others.length &&
    parts.every(({ steps, spread }, at) => {
      const other = others[at] as Part;
      return steps.length === other.steps.length && alike(spread, other.spread, 6) && steps.every(([step, times], index) => isSameCount(step, times, other.steps[index]));
    })
  );
}

const isSameCount = (step: Step, times: number, other: Counted[number] | undefined): boolean => other !== undefined && other[0] === step && alike(other[1], times, 9);

/** The same in so many digits: numbers differ in their last ones by how they were added up. */
const alike = (one: number, other: number, digits: number): boolean =>
  one === other || (Math.abs(one - other) <= NEARLY * Math.abs(one) && one.toPrecision(digits) === other.toPrecision(digits));
/** Wider than the fewest digits that are compared. */
const NEARLY = 1e-4;

function foldOnce(body: readonly Instruction[], known: Known): Folded {
  const parts: Part[] = [];
  let run: Instruction[] = [];
  const close = (): void => {
    if (run.length === 0) return;
    const steps: Counted = [];
    const time = gather(run, 1, steps, known);
    if (steps.length > 0) parts.push({ steps, time, spread: 0 });
    run = [];
  };
  for (const step of body) {
    if (!isTurn(step, known)) {
      run.push(step);
      continue;
    }
    close();
    const turn = stepOf(step, known);
    parts.push({ steps: [[turn, 1]], time: turn, spread: 0 });
  }
  close();
  const out: Folded = { id: known.count++, body: [], parts, isTurn: false, only: null, meanMs: 0, variance: 0 };
  for (const part of parts) {
    const { steps, time } = part;
    let apart = 0;
    const mixtures = mixed(steps);
    for (const it of mixtures) apart += it.times * it.variance;
    apart = time.variance - apart;
    const spread = time.meanMs > 0 ? apart / (time.meanMs * time.meanMs) : 0;
    part.spread = spread;
    const into: Instruction[] = Math.abs(spread) > LEAST_SPREAD ? [] : out.body;
    for (const { step, times } of mixtures) into.push(times === 1 ? step : { op: 'loop', times, body: [step] });
    if (into !== out.body) out.body.push({ op: 'loop', times: 1, spread, body: into } as SpreadLoop);
    for (const [it] of steps) out.isTurn ||= it.isTurn;
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
      let at = 0;
      while (at < into.length && into[at]?.[0] !== one) at++;
      const met = into[at];
      if (met) met[1] += often;
      else into.push([one, often]);
    }
  }
  return time;
}

/** A step with its own bodies folded; the same object for equal steps. */
function stepOf(step: Instruction, known: Known): Step {
  if (step.op === 'delay') return plainStep(step, lawOf(step.duration), null, NOWHERE, known);
  if (step.op === 'serve' && step.waitLimitMs === undefined && isPlain(step)) return plainStep(step, lawOf(step.service), null, step.station, known);
  const met = known.met.get(step);
  if (met) return met;
  const made = step.op === 'hold' && isPlain(step) ? plainHold(step, known) : stepOnce(step, known);
  known.met.set(step, made);
  return made;
}

type Visit = Extract<Instruction, { op: 'serve' | 'hold' }>;

/** A visit of which its station, its law and a limit in ms say all. */
const isPlain = (step: Visit): boolean => step.priority === undefined && !step.newConnection && (step.waitLimitMs == null || typeof step.waitLimitMs === 'number');

/** Delays are at no station. */
const NOWHERE = '';
const PRIME = 0x01000193;

function plainHold(step: Extract<Instruction, { op: 'hold' }>, known: Known): Step {
  const inside = fold(step.body, known);
  return plainStep(step, null, inside, step.station, known);
}

function plainStep(step: Instruction, law: Law | null, inside: Folded | null, station: string, known: Known): Step {
  const there = known.steps.get(station) ?? new Map<number, Step[]>();
  if (there.size === 0) known.steps.set(station, there);
  // Holds are told from visits by the sign.
  const name = law ? law.mean : -1 - (inside?.id ?? 0);
  const others = there.get(name);
  if (others) for (const it of others) if (it.inside === inside && isSameVisit(it.step, step) && (law === it.law || (law && it.law && isSameLaw(law, it.law)))) return it;
  const isTurn = inside?.isTurn ?? false;
  const time = law ?? inside ?? NOTHING;
  const made: Step = {
    id: known.count++,
    step: inside && step.op === 'hold' ? { ...step, body: inside.body } : step,
    law,
    inside,
    branches: [],
    shape: isTurn ? null : undefined,
    isTurn,
    meanMs: time.meanMs,
    variance: time.variance,
  };
  if (others) others.push(made);
  else there.set(name, [made]);
  return made;
}

/** The same kind of visit to the same station. */
function isSameVisit(one: Instruction, other: Instruction): boolean {
  if (one.op !== other.op) return false;
  if (one.op !== 'hold' && one.op !== 'serve') return true;
  const { station, waitLimitMs: limit } = other as Visit;
  if (one.station !== station) return false;
  return typeof one.waitLimitMs === 'number' && typeof limit === 'number' ? alike(one.waitLimitMs, limit, 9) : one.waitLimitMs === limit;
}

/** A law by its kind and, to a millionth, by its mean and its squared variation: numbers differ in their last digits by how they were added up. */
interface Law extends Time {
  kind: Distribution['kind'];
  mean: number;
  variation: number;
}

function lawOf(law: Distribution): Law {
  const meanMs = meanMsOf(law);
  const cv2 = variationOf(law);
  return { kind: law.kind, mean: rounded(meanMs), variation: rounded(cv2), meanMs, variance: meanMs * meanMs * cv2 };
}

const isSameLaw = (one: Law, other: Law): boolean => one.kind === other.kind && one.mean === other.mean && one.variation === other.variation;

function stepOnce(step: Instruction, known: Known): Step {
  const isFork = step.op === 'parallel';
  const inner = bodiesOf(step).map((it) => (isFork ? foldBranch(it, known) : fold(it, known)));
  const branches = isFork ? branchesOf(inner) : [];
  const key = `${isFork ? branches.map(({ folded, copies }) => `${copies} ${folded.id}`).join('|') : inner.map((it) => it.id).join('|')} ${wordsOf(step)}`;
  const met = known.written.get(key);
  if (met) return met;
  const made: Step = {
    id: known.count++,
    step: isFork
      ? ({ ...step, branches: branches.map(({ folded }) => folded.body), copies: branches.map(({ copies }) => copies) } as CopiedParallel)
      : withBodies(
          step,
          inner.map((it) => it.body),
        ),
    law: null,
    inside: null,
    branches,
    shape: undefined,
    isTurn: isTurn(step, known),
    ...timeOf(step, inner, known),
  };
  if (made.isTurn) made.shape = null;
  known.written.set(key, made);
  return made;
}

/** Branches that are alike once; a branch that does nothing but branch off is its branches. */
function branchesOf(inner: readonly Folded[]): Branch[] {
  const found = new Map<Folded, Branch>();
  const add = (folded: Folded, copies: number): void => {
    const met = found.get(folded);
    if (met) met.copies += copies;
    else found.set(folded, { folded, copies });
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
  const groups: Counted[] = [];
  for (const it of steps) {
    const group = groups.find((other) => isMixable(it[0], (other[0] as Counted[number])[0]));
    if (group) group.push(it);
    else groups.push([it]);
  }
  return groups.map((all): Mixture => {
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

/** Steps of which one takes so many times as long as the other are not mixed. */
const UNLIKE = 8;

function isMixable(one: Step, other: Step): boolean {
  const [a, b] = [one.step, other.step];
  if (a.op !== b.op || ((a.op === 'serve' || a.op === 'hold') && a.station !== (b as Visit).station)) return false;
  // A rare long service among short ones is what others wait for: it stays one.
  if (Math.max(one.meanMs, other.meanMs) > UNLIKE * Math.min(one.meanMs, other.meanMs)) return false;
  // Plain visits of one station, and delays: nothing but their laws tells them apart.
  if (one.law && other.law) return true;
  const shape = shapeOfStep(one);
  return shape !== null && shape === shapeOfStep(other);
}

function shapeOfStep(it: Step): string | null {
  if (it.shape === undefined) it.shape = shapeOf(it.step);
  return it.shape;
}

/** What a step says beside its bodies, where it is of no common kind. */
const wordsOf = (step: Instruction): string => (step.op === 'spawn' ? `spawn ${step.program}` : JSON.stringify(step, told));

/** To a millionth: numbers differ in their last digits by how they were added up. */
const rounded = (value: number): number => Math.floor(value * 1e6 + 0.5);

/** Only what has a time of its own or is held around such things is mixed. */
function shapeOf(step: Instruction): string | null {
  if (step.op === 'delay') return 'delay';
  if (step.op === 'serve') return step.waitLimitMs === undefined && isPlain(step) ? `serve ${step.station}` : JSON.stringify({ ...step, service: undefined });
  if (step.op !== 'hold' && step.op !== 'loop') return null;
  const inside = step.body.map(shapeOf);
  if (inside.includes(null)) return null;
  const own = step.op === 'hold' && isPlain(step) && step.waitLimitMs == null ? `hold ${step.station} ${step.waitLimitMs}` : JSON.stringify(step, told);
  return `${own} [${inside.join(',')}]`;
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

const NO_BODIES: readonly (readonly Instruction[])[] = [];

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
      return step.stale ? [step.stale] : NO_BODIES;
    default:
      return NO_BODIES;
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
