import { log, power } from '../arithmetic.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, DELAY, HOLD, LOOP, PARALLEL, SERVE, SPAWN } from './node-kinds.ts';
import { waitOf } from './returns.ts';
import type { State } from './state.ts';

/**
 * Requests that come back to a station with one server (an event loop), where visits are only counted (`folded.ts`) or some services are much longer than the others.
 * Who waits makes no further visit meanwhile, so nobody can wait for more than what others bring while he is in the system: a rare job of 200 ms is met as often as one begins meanwhile,
 * not as often as visits are made.
 *
 * An arrival of a service S adds its work to the queue, and what it adds is gone after S ÷ (1 − ρ): of it (S − (1 − ρ)·u)⁺ is left after a time u. What came while one was here (wait w, service s)
 * has the whole gap to go by, what came in the gap less of it. With exponential gaps of mean g both come to
 *
 *     w' = A(g) · (w + s + g),   A(g) = Σ ρⱼ · rⱼ ÷ (rⱼ + (1 − ρ)·g),   r = E S² ÷ 2 E S,
 *
 * added up over all that comes: Pollaczek and Khinchine's mean for long gaps, that of the product form with exponential services of one mean whatever the gap, and for no gap at all the newcomers of one's
 * own wait and service. Who stood in line before and returns likewise is met again: a line that a long service has left lasts as long as it is long.
 * What a stranger meets follows from all waits: work in the queue = Σ ρ·w + rests of services (Brumelle).
 */
export interface Regulars {
  stations: readonly { station: number; crowds: readonly Crowd[] }[];
  /** The order of visits is known, too (`returns.ts`). */
  isOrderKnown: boolean;
  /** Room for the times that a request is elsewhere, and how often. */
  lengths: Float64Array;
  often: Float64Array;
}

/** The visits of one station by one request; where each call may be at another instance of it, by one call. */
interface Crowd {
  /** Root or call inside which they are made, and the node behind it. */
  around: number;
  end: number;
  nodes: readonly number[];
  /** Begun by others between visits of theirs, so not while a long service is under way: none of the visits is a stranger's. */
  follows: boolean;
  /** Written at each round: visits in the mean, and how long those keep the server that another follows. */
  visits: number;
  held: number;
}

/** Finds them; null where nobody can come back. */
export function findRegulars(flat: Flat, isOrderKnown: boolean): Regulars | null {
  const stations = flat.nodesOf.flatMap((nodes, station) => {
    if (!isQueue(flat, station) || flat.nested[station]) return [];
    const isOwn = (flat.instances[station] as number) > 1;
    const crowds = new Map<number, number[]>();
    for (const node of nodes) {
      const around = insideOf(flat, node, isOwn);
      const met = crowds.get(around);
      if (met) met.push(node);
      else crowds.set(around, [node]);
    }
    const isVisitedBy = (node: number): boolean => crowds.has(insideOf(flat, node, false));
    const begun = new Set(isOwn ? [] : spawnsOf(flat).flatMap((it) => (isVisitedBy(it) ? [flat.rootNode[flat.target[it] as number] as number] : [])));
    if (isOrderKnown && !mayDiffer(flat, nodes)) return [];
    return [{ station, crowds: [...crowds].map(([around, it]): Crowd => ({ around, end: endOf(flat, around), nodes: it, follows: begun.has(around), visits: 0, held: 0 })) }];
  });
  return stations.length > 0 ? { stations, isOrderKnown, lengths: new Float64Array(flat.nodes), often: new Float64Array(flat.nodes) } : null;
}

/** One server and a queue without end in order of arrival. */
const isQueue = (flat: Flat, s: number): boolean =>
  flat.servers[s] === 1 &&
  !flat.sharing[s] &&
  flat.room[s] === Number.POSITIVE_INFINITY &&
  flat.stationLimit[s] === Number.POSITIVE_INFINITY &&
  flat.population[s] === Number.POSITIVE_INFINITY;

/** Some service may be so much longer than another as to be told apart where the order of visits is known. */
function mayDiffer(flat: Flat, nodes: readonly number[]): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const node of nodes) {
    if (flat.kind[node] === HOLD) return true;
    const size = (flat.square[node] as number) / (flat.mean[node] as number);
    if (!(size > 0)) continue;
    least = Math.min(least, size);
    most = Math.max(most, size);
  }
  return most >= LONG_IN_ORDER * least;
}

function insideOf(flat: Flat, node: number, isCall: boolean): number {
  let at = node;
  while ((flat.parent[at] as number) >= 0 && !(isCall && flat.kind[at] === CALL)) at = flat.parent[at] as number;
  return at;
}

function endOf(flat: Flat, node: number): number {
  let end = node + 1;
  while (end < flat.nodes && (flat.parent[end] as number) >= node) end++;
  return end;
}

function spawnsOf(flat: Flat): number[] {
  const spawns: number[] = [];
  for (let node = flat.kind.indexOf(SPAWN); node >= 0; node = flat.kind.indexOf(SPAWN, node + 1)) spawns.push(node);
  return spawns;
}

/** Services of a station that are alike, per ms: how many begin, their time, and second and third moments. */
interface Services {
  rate: number;
  work: number;
  square: number;
  cube: number;
}

const long: Services = { rate: 0, work: 0, square: 0, cube: 0 };
const short: Services = { rate: 0, work: 0, square: 0, cube: 0 };
/** Work of short visits that are the first of their request, of these that another follows, that follow another, and of these that another follows; of long ones that follow another, for nobody begins one while he waits. */
const order = { first: 0, stay: 0, back: 0, again: 0, longBack: 0 };
/** Work that short visitors bring back who stand in line when a stranger comes. */
let line = 0;

/** Long services are at least so many times as long as the others, else they are all of one kind. */
const LONG = 8;
/** Where the order of visits is known, it tells more of services that are not so far apart, or not so rare. */
const LONG_IN_ORDER = 16;
const RARE = 0.25;
/** After so many visits the next wait is as the last one. */
const MOST_VISITS = 48;
const STEADY = 1e-5;
/** So many visits that are not counted lead to waits that no stranger began. */
const SETTLED = 12;
const MOST_BUSY = 0.98;
const MOST_ALIKE = 0.98;

/** Writes what each visit waits (`offset` − `slope` · the stranger's wait more than a stranger), and the variance of it. */
export function weighRegulars(flat: Flat, state: State, regulars: Regulars): void {
  for (const { station: s, crowds } of regulars.stations) {
    const isOpen = isQueue(flat, s) && (state.work[s] as number) > 0;
    if (isOpen) {
      for (const it of crowds) countVisits(flat, state, it, regulars.isOrderKnown);
      findServices(flat, state, s, crowds, regulars.isOrderKnown);
    }
    state.longWork[s] = isOpen ? long.work : 0;
    if (regulars.isOrderKnown && !(isOpen && long.work > 0)) continue;
    meetStranger(state, s);
    meetQueue(state, s);
    for (const it of crowds) {
      if (isOpen && (it.visits > 1 || (it.follows && long.work > 0))) weighCrowd(flat, state, s, it, regulars);
      else {
        meet(strange);
        for (const node of it.nodes) {
          state.offset[node] = state.slope[node] = state.waitedVariance[node] = 0;
          noteHits(state, node, isOpen ? 1 : 0, 1);
        }
      }
    }
  }
}

const heldBy = (flat: Flat, state: State, node: number): number => (flat.kind[node] === SERVE ? (flat.mean[node] as number) : (state.holdMean[node] as number));

/** Wait and service, as times were last added up. */
const stayOf = (flat: Flat, state: State, node: number, s: number): number =>
  flat.kind[node] === SERVE ? (state.mean[node] as number) : (state.holdMean[node] as number) + waitOf(state, node, s);

function countVisits(flat: Flat, state: State, crowd: Crowd, isOrderKnown: boolean): void {
  const starts = state.rate[crowd.around] as number;
  let visits = 0;
  let work = 0;
  for (const node of crowd.nodes) {
    const rate = state.rate[node] as number;
    visits += rate;
    work += rate * heldBy(flat, state, node);
  }
  crowd.visits = starts > 0 ? visits / starts : 0;
  // Of services those count that another visit follows.
  const end = crowd.nodes[crowd.nodes.length - 1] as number;
  const ends = isOrderKnown ? Math.min(starts, state.rate[end] as number) : 0;
  crowd.held = visits > ends ? Math.max(0, work - ends * heldBy(flat, state, end)) / (visits - ends) : 0;
}

/** Tells long services from others, where there are such. */
function findServices(flat: Flat, state: State, s: number, crowds: readonly Crowd[], isOrderKnown: boolean): void {
  const border = (state.square[s] as number) / (state.work[s] as number);
  const instances = flat.instances[s] as number;
  clearServices();
  for (const { nodes } of crowds)
    for (const node of nodes) {
      const rate = (state.rate[node] as number) / instances;
      const held = heldBy(flat, state, node);
      if (rate <= 0 || held <= 0) continue;
      const square = squareOf(flat, state, node);
      const into = square > border * held ? long : short;
      into.rate += rate;
      into.work += rate * held;
      into.square += rate * square;
    }
  const isFar = long.square * short.work >= (isOrderKnown ? LONG_IN_ORDER : LONG) * short.square * long.work;
  addUpServices(flat, state, s, crowds, isFar && !(isOrderKnown && long.rate > RARE * short.rate) ? border : Number.POSITIVE_INFINITY);
}

function clearServices(): void {
  for (const it of [long, short]) it.rate = it.work = it.square = it.cube = 0;
}

/** Mean of the short services among some visits, counted over all of them. */
function shortOf(flat: Flat, state: State, nodes: readonly number[], border: number): number {
  let work = 0;
  let visits = 0;
  for (const node of nodes) {
    const held = heldBy(flat, state, node);
    visits += state.rate[node] as number;
    if (squareOf(flat, state, node) <= border * held) work += (state.rate[node] as number) * held;
  }
  return visits > 0 ? work / visits : 0;
}

/** Second moment of a service. */
const squareOf = (flat: Flat, state: State, node: number): number =>
  flat.kind[node] === SERVE ? (flat.square[node] as number) : (state.holdMean[node] as number) * (state.holdMean[node] as number) + (state.variance[node] as number);

/** `border`: of long services the second moment is more than so many times the mean. */
function addUpServices(flat: Flat, state: State, s: number, crowds: readonly Crowd[], border: number): void {
  const instances = flat.instances[s] as number;
  clearServices();
  order.first = order.stay = order.back = order.again = order.longBack = line = 0;
  for (const { nodes, visits, follows } of crowds) {
    const last = Math.min(1, 1 / visits);
    const next = shortOf(flat, state, nodes, border);
    const first = follows && border !== Number.POSITIVE_INFINITY ? 0 : last;
    for (const node of nodes) {
      const rate = (state.rate[node] as number) / instances;
      const held = heldBy(flat, state, node);
      if (rate <= 0 || held <= 0) continue;
      const isServe = flat.kind[node] === SERVE;
      const square = squareOf(flat, state, node);
      const cube = isServe ? (flat.cube[node] as number) : (square * (2 * square - held * held)) / held;
      const into = square > border * held ? long : short;
      const work = rate * held;
      into.rate += rate;
      into.work += work;
      into.square += rate * square;
      into.cube += rate * cube;
      line += rate * (1 - last) * next * stayOf(flat, state, node, s);
      if (into === long) {
        order.longBack += work * (1 - first);
        continue;
      }
      order.first += work * first;
      order.stay += work * Math.min(first, 1 - last);
      order.back += work * (1 - first);
      order.again += work * Math.max(0, 1 - first - last);
    }
  }
}

let count = 0;
let scale = 1;

/** Writes the times between visits of a crowd into `regulars`: how long each place takes where one is meanwhile, and how often for each visit. */
function findGaps(flat: Flat, state: State, s: number, { around, end, visits }: Crowd, { lengths, often }: Regulars): void {
  const { kind, target } = flat;
  const { mean, rate } = state;
  const all = (rate[around] as number) * visits;
  let sum = 0;
  let squares = 0;
  count = 0;
  for (let node = around; node < end; node++) {
    const what = kind[node] as number;
    // Who waited for a place got it when its last holder left the loop, so waiting makes no gap.
    if (what !== DELAY && (what !== SERVE || target[node] === s)) continue;
    const length = mean[node] as number;
    const starts = (rate[node] as number) / all;
    if (!(length > 0) || !(starts > 0)) continue;
    sum += starts * length;
    if (long.work === 0) continue;
    lengths[count] = length;
    often[count] = starts;
    count++;
    squares += starts * length * length;
  }
  // Several of a kind make one gap; what nobody stays long at is forgotten soon after any.
  scale = count > 0 ? Math.max(1, (sum * sum) / squares) : 1;
  if (long.work > 0) return;
  count = 1;
  lengths[0] = sum;
  often[0] = 1;
}

/** What is left after a gap of something with this mean rest, that is worked off at this pace, as a share of it. */
function leftOf(rest: number, pace: number, { lengths, often }: Regulars): number {
  if (!(rest > 0)) return 0;
  let gone = 0;
  for (let at = 0; at < count; at++) gone += ((often[at] as number) * (lengths[at] as number)) / (rest + pace * scale * (lengths[at] as number));
  return Math.max(0, 1 - pace * gone);
}

/** What all crowds of a station meet: how much of the time is idle, mean rests, and the line. */
const queue = { idle: 1, stranger: 0, square: 0, longRest: 0, shortRest: 0, each: 0, usual: 0, size: 0, lineSize: 0, again: 0, stay: 0 };

function meetQueue(state: State, s: number): void {
  const idle = 1 - Math.min(MOST_BUSY, long.work + short.work);
  // Of those who return each brings a service of its own, however long the one before was.
  const each = short.rate > 0 ? short.work / short.rate : 0;
  const shortRest = short.work > 0 ? short.square / (2 * short.work) : 0;
  const usual = (order.back * each) / idle;
  // Who finds more than the usual line finds what a long service has left behind it.
  const stranger = state.wait[s] as number;
  const square = state.waitSquare[s] as number;
  const lines = square > 0 ? Math.min(1, (2 * stranger * stranger) / square) : 1;
  const size = Math.max(each / idle, lines > 0 ? Math.max(0, line - usual) / lines : 0);
  queue.idle = idle;
  queue.stranger = stranger;
  queue.square = square;
  queue.longRest = long.work > 0 ? long.square / (2 * long.work) : 0;
  queue.shortRest = shortRest;
  queue.each = each;
  queue.usual = usual;
  queue.size = size;
  queue.lineSize = line > usual ? (usual * shortRest) / idle / line + (1 - usual / line) * size : shortRest / idle;
  queue.again = order.back > 0 ? order.again / order.back : 0;
  queue.stay = order.first > 0 ? order.stay / order.first : 0;
}

function weighCrowd(flat: Flat, state: State, s: number, crowd: Crowd, regulars: Regulars): void {
  const { nodes, visits, held, follows } = crowd;
  const { idle, stranger, square, longRest, shortRest, usual, lineSize, again, stay } = queue;
  findGaps(flat, state, s, crowd, regulars);
  const longLeft = leftOf(longRest, idle, regulars);
  const shortLeft = leftOf(shortRest, idle, regulars);
  const eachLeft = leftOf(queue.each, idle, regulars);
  const sizeLeft = leftOf(queue.size, 1, regulars);
  // What comes in the gap and is left of it: rest · (1 − left) ÷ pace each.
  const longInGap = (long.work * longRest * (1 - longLeft)) / idle;
  const shortInGap = (shortRest * (1 - shortLeft)) / idle;
  const longHits = (long.work - order.longBack) * longLeft;
  // Of those in line, some begin a long one next.
  const longInLine = order.back > 0 ? (order.longBack / order.back) * longLeft : 0;
  const others = order.first * (shortLeft * held + shortInGap);
  const inGap = order.back * shortInGap;
  const newcomers = longHits + order.first * sizeLeft;
  // Mean square of what is left of a long service ÷ its mean: all of it without a gap.
  const longSize = long.work > 0 ? (long.square / long.work) * longLeft + (1 - longLeft) * ((2 * long.cube) / (3 * long.square)) : 0;
  const longMean = long.work > 0 ? (long.work / long.rate) * longLeft + (1 - longLeft) * longRest : 0;
  const longHeld = longHits * held;
  const firstLeft = order.first * sizeLeft;
  const isBegun = follows && long.work > 0;
  let unseen = isBegun ? SETTLED : 0;
  // The next wait is `known` + `factor` · the stranger's, with so much work in line before it of those who return.
  let known = 0;
  let counted = isBegun ? 0 : 1;
  let factor = counted;
  let inLine = isBegun ? usual : line;
  let knownSum = 0;
  let factorSum = factor;
  let squares = isBegun ? 0 : square;
  let hitsSum = isBegun ? 0 : strange.hits;
  let hitMean = isBegun ? 0 : strange.mean;
  let hitSquare = isBegun ? 0 : strange.square;
  const all = Math.max(1, visits);
  while (unseen > 0 || counted < all) {
    const before = known + factor * stranger;
    const metLine = Math.min(inLine, usual) * eachLeft + Math.max(0, inLine - usual) * sizeLeft;
    const hits = longHits * (before + held) + longInGap + longInLine * inLine;
    known = newcomers * known + longHeld + longInGap + longInLine * inLine + others + inGap + metLine;
    factor *= newcomers;
    inLine = stay * (others + firstLeft * before) + again * (inGap + metLine);
    if (unseen > 0) {
      unseen--;
      continue;
    }
    const wait = known + factor * stranger;
    const isSteady = Math.abs(wait - before) < STEADY * (before + held);
    const share = isSteady || counted >= MOST_VISITS ? all - counted : Math.min(1, all - counted);
    const rest = Math.max(0, wait - hits);
    knownSum += share * known;
    factorSum += share * factor;
    hitsSum += longMean > 0 ? (share * hits) / longMean : 0;
    hitMean += share * hits;
    hitSquare += share * hits * longSize;
    squares += share * (hits * longSize + 2 * rest * (lineSize + hits));
    counted += share;
  }
  met.hits = hitsSum;
  met.mean = hitMean;
  met.square = hitSquare;
  // Instances that are picked with care are short of newcomers where one waits.
  const offset = ((state.balanced[s] as number) * knownSum) / all;
  const slope = 1 - factorSum / all;
  // Who waits long meets more newcomers at his next visit: waits of one request go together, less from one to the next.
  const alike = Math.min(MOST_ALIKE, newcomers + again * sizeLeft * Math.max(0, 1 - usual / Math.max(1e-300, line)));
  const together = 1 + ((2 * alike) / (1 - alike)) * (1 - (1 - power(alike, all)) / (all * (1 - alike)));
  const mean = (knownSum + factorSum * stranger) / all;
  const variance = Math.max(0, squares / all - mean * mean) * together;
  for (const node of nodes) {
    state.offset[node] = offset;
    state.slope[node] = slope;
    state.waitedVariance[node] = variance;
    noteHits(state, node, 1 / all, together);
    state.together[node] = 0;
  }
}

/** Long services that are met: how many, the wait for them and its square. */
const met = { hits: 0, mean: 0, square: 0 };
/** The same for a stranger at the station. */
const strange = { hits: 0, mean: 0, square: 0 };

function meet(them: typeof met): void {
  met.hits = them.hits;
  met.mean = them.mean;
  met.square = them.square;
}

/** Writes what a stranger meets. */
function meetStranger(state: State, s: number): void {
  const wait = state.wait[s] as number;
  const idle = 1 - Math.min(MOST_BUSY, long.work + short.work);
  // One is under way, or newcomers who waited for it still stand in line.
  strange.hits = -log(1 - Math.min(MOST_BUSY, long.work / (1 - Math.min(MOST_BUSY, order.first))));
  strange.mean = Math.min(wait, long.square / 2 / idle);
  const others = short.work > 0 ? ((wait - strange.mean) * short.square) / short.work / idle : 0;
  strange.square = Math.max(strange.mean * strange.mean, (state.waitSquare[s] as number) - others);
}

/** Notes `share` of what is in `met`; who meets one is likelier to meet the next, so there are fewer of longer times. */
function noteHits(state: State, node: number, share: number, together: number): void {
  const mean = share * met.mean;
  state.hits[node] = (share * met.hits * 2) / (1 + together);
  state.hitMean[node] = mean;
  state.hitVariance[node] = Math.max(0, share * met.square - mean * mean) * together;
}

/** Adds up what the visits of programs wait for long services until they have answered; once for all rounds. */
export function addUpHits(flat: Flat, state: State): void {
  const { kind, parent, factor, after } = flat;
  const { hits, hitMean, hitVariance, attempts } = state;
  for (let node = flat.nodes - 1; node >= 0; node--) {
    if (!((hits[node] as number) > 0)) continue;
    const what = kind[node] as number;
    const tries = what === LOOP || what === CALL ? (attempts[node] as number) : 1;
    const all = (hits[node] = (hits[node] as number) * tries);
    const mean = (hitMean[node] = (hitMean[node] as number) * tries);
    const variance = (hitVariance[node] = (hitVariance[node] as number) * tries);
    const up = parent[node] as number;
    if (up < 0 || after[node]) continue;
    const above = kind[up] as number;
    if (above === PARALLEL) {
      // Branches side by side wait for the same one.
      if (mean <= (hitMean[up] as number)) continue;
      hits[up] = all;
      hitMean[up] = mean;
      hitVariance[up] = variance;
      continue;
    }
    const often = above === BRANCH ? (factor[node] as number) : 1;
    hits[up] = (hits[up] as number) + often * all;
    hitMean[up] = (hitMean[up] as number) + often * mean;
    hitVariance[up] = (hitVariance[up] as number) + often * (variance + (1 - often) * mean * mean);
  }
}
