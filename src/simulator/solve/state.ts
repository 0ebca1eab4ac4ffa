import type { Flat } from './flatten.ts';

/** Everything that a solution writes, allocated once per compiled network and used again at every rate. Times ms, rates per ms. */
export interface State {
  /** Per node: how often it starts, mean and variance of its time, the same until the caller is answered, share that fails. */
  rate: Float64Array;
  flow: Float64Array;
  mean: Float64Array;
  variance: Float64Array;
  answered: Float64Array;
  answeredVariance: Float64Array;
  fails: Float64Array;
  /** Share that fails before it has answered. */
  unanswered: Float64Array;
  /** Per call: its attempts; per loop: its rounds until the end or a failure. */
  attempts: Float64Array;
  /** Mean and variance of the time until a node ends, by success or failure; of a hold without its wait. See `spent-times.ts`. */
  spent: Float64Array;
  spentVariance: Float64Array;
  /** Per hold: mean and second moment of the time that its server is kept. */
  holdMean: Float64Array;
  rootRate: Float64Array;
  nextRootRate: Float64Array;
  /** When a node's next child begins, ms since the program's start. */
  cursor: Float64Array;
  /** Per station: arrivals, work offered (busy servers), second moment of holding, and the wait. */
  arrivals: Float64Array;
  served: Float64Array;
  work: Float64Array;
  square: Float64Array;
  wait: Float64Array;
  waitSquare: Float64Array;
  cube: Float64Array;
  /** Wait limits of all visits, added up. */
  limits: Float64Array;
  /** Chance to wait, and the mean rest of a service that a stranger finds. */
  waits: Float64Array;
  restMs: Float64Array;
  /** Share of the time that rare long services take (`regulars.ts`). */
  longWork: Float64Array;
  /** Per node: when it starts and leaves (of a loop: where its last round starts, now and in the pass before); what a returning visit waits more or less than a stranger, and how waits of one request go together. See `returns.ts`. */
  startOf: Float64Array;
  leaveOf: Float64Array;
  offset: Float64Array;
  slope: Float64Array;
  carried: Float64Array;
  together: Float64Array;
  remembered: Float64Array;
  /** Per node: variance of a regular's wait with its part in their going together, 0 where it is the stranger's. See `regulars.ts`. */
  waitedVariance: Float64Array;
  /** Per node: how often rare long services make it wait until it has answered, and mean and variance of that wait. See `response-law.ts`. */
  hits: Float64Array;
  hitMean: Float64Array;
  hitVariance: Float64Array;
  /** Per station: utilisation by those who have just been there, and the sum of it times their service before. */
  returning: Float64Array;
  returnProduct: Float64Array;
  nextReturning: Float64Array;
  nextReturnProduct: Float64Array;
  /** Per station: mean of what visits wait more or less than a stranger, and what that adds to the work in the queue. */
  offsetWait: Float64Array;
  offsetWork: Float64Array;
  /** Per station: work of siblings that visits have before them. */
  aheadWork: Float64Array;
  slopeWork: Float64Array;
  waitVariance: Float64Array;
  /** Per station: wait relative to that of instances picked at random; per group: requests in flight at one instance. See `balance.ts`. */
  balanced: Float64Array;
  inFlight: Float64Array;
  /** Per node: wait behind sibling branches, its second moment, and mean and variance of its start. See `siblings.ts`. */
  ahead: Float64Array;
  aheadSquare: Float64Array;
  /** Per branch of a fork and per fork: mean and variance of the wait that its branches share. See `shared-waits.ts`. */
  shared: Float64Array;
  sharedVariance: Float64Array;
  /** Per branch of a fork: variance of its siblings' work where all of it is done before, less what the branch's own waits count of it. Per fork: variance of such a last branch. See `siblings.ts`. */
  piled: Float64Array;
  latest: Float64Array;
  startVariance: Float64Array;
  next: Float64Array;
  nextVariance: Float64Array;
  refused: Float64Array;
  expired: Float64Array;
  /** Refused or expired. */
  lost: Float64Array;
  /** Wait relative to that of a queue without end, where some visitors hold places of pools. */
  beside: Float64Array;
  /** Per node: its wait relative to the mean of its station, where holders and others meet. */
  relative: Float64Array;
  /** At a station inside pools: mean wait with exponential service, and share that waits. */
  inside: Float64Array;
  insideWaits: Float64Array;
  /** Wait for a pool that comes from the queue at a station inside it. */
  outer: Float64Array;
  outerSquare: Float64Array;
  /** Per pair of station and bounder (see `Flat.pairStart`): visits, and the work they bring. */
  pairRate: Float64Array;
  pairWork: Float64Array;
  utilisation: Float64Array;
  unstable: Uint8Array;
  /** Work of the holds inside which the same station is asked for again, and of those inner requests; outer holds a ms. */
  outerWork: Float64Array;
  innerWork: Float64Array;
  outerRate: Float64Array;
  /** All of the above that is a number by node or station. */
  all: Float64Array;
  stable: boolean;
  /** A station with unbounded room is offered more work than it has servers, even where a wait limit keeps its queue finite. */
  overloaded: boolean;
  rounds: number;
}

/** As many as there are below, of them those of networks where visits of one request know of each other. */
const NODE_FIELDS = 36;
const KNOWING_FIELDS = 13;
const STATION_FIELDS = 34;

export function stateFor(flat: Flat): State {
  // One block of memory: an array of its own for each would take longer than a round of solving.
  const knows = flat.returns !== null || flat.siblings !== null;
  const block = new Float64Array((knows ? NODE_FIELDS : NODE_FIELDS - KNOWING_FIELDS + 1) * flat.nodes + STATION_FIELDS * flat.servers.length);
  let used = 0;
  const take = (length: number): Float64Array => {
    used += length;
    if (used > block.length) throw new Error('the block is too small for its fields');
    return block.subarray(used - length, used);
  };
  const nodes = () => take(flat.nodes);
  const stations = () => take(flat.servers.length);
  // Without them nobody writes these: they are one array of zeros.
  const zeros = knows ? null : nodes();
  const ofKnowing = () => zeros ?? nodes();
  const mean = nodes();
  const variance = nodes();
  const fails = nodes();
  const state: State = {
    rate: nodes(),
    flow: nodes(),
    mean,
    variance,
    // Where nobody answers early the two are the same.
    answered: flat.splits ? nodes() : mean,
    answeredVariance: flat.splits ? nodes() : variance,
    fails,
    unanswered: flat.splits ? nodes() : fails,
    spent: flat.fails ? nodes() : mean,
    spentVariance: flat.fails ? nodes() : variance,
    attempts: nodes(),
    holdMean: nodes(),
    rootRate: new Float64Array(flat.rootNode.length),
    cursor: ofKnowing(),
    nextRootRate: new Float64Array(flat.rootNode.length),
    arrivals: stations(),
    served: stations(),
    work: stations(),
    square: stations(),
    wait: stations(),
    waitSquare: stations(),
    cube: stations(),
    limits: stations(),
    waits: stations(),
    restMs: stations(),
    longWork: stations(),
    startOf: ofKnowing(),
    leaveOf: ofKnowing(),
    offset: nodes(),
    slope: nodes(),
    carried: ofKnowing(),
    together: nodes(),
    remembered: ofKnowing(),
    waitedVariance: nodes(),
    hits: nodes(),
    hitMean: nodes(),
    hitVariance: nodes(),
    returning: stations(),
    returnProduct: stations(),
    nextReturning: stations(),
    nextReturnProduct: stations(),
    offsetWait: stations(),
    offsetWork: stations(),
    aheadWork: stations(),
    slopeWork: stations(),
    waitVariance: stations(),
    balanced: stations(),
    inFlight: new Float64Array(flat.balance?.instances.length ?? 0),
    ahead: ofKnowing(),
    aheadSquare: ofKnowing(),
    shared: ofKnowing(),
    sharedVariance: ofKnowing(),
    piled: ofKnowing(),
    latest: nodes(),
    startVariance: ofKnowing(),
    next: ofKnowing(),
    nextVariance: ofKnowing(),
    lost: stations(),
    refused: stations(),
    expired: stations(),
    beside: stations(),
    relative: nodes(),
    inside: stations(),
    insideWaits: stations(),
    outer: stations(),
    outerSquare: stations(),
    pairRate: nodes(),
    pairWork: nodes(),
    utilisation: stations(),
    unstable: new Uint8Array(flat.servers.length),
    outerWork: stations(),
    innerWork: stations(),
    outerRate: stations(),
    all: block,
    stable: true,
    overloaded: false,
    rounds: 0,
  };
  state.all = block.subarray(0, used);
  blank(state);
  return state;
}

/** Forgets whatever was solved before: what is left of an overload must not reach a light load. */
export function blank(state: State): void {
  state.all.fill(0);
  for (const it of [state.attempts, state.balanced, state.beside, state.relative]) it.fill(1);
  state.rootRate.fill(0);
  state.nextRootRate.fill(0);
  state.inFlight.fill(0);
  state.unstable.fill(0);
}
