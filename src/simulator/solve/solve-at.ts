import { addUpPlainly, isPlain } from './add-up-plainly.ts';
import { addUpTimes } from './add-up-times.ts';
import { forgetHits, weighHits } from './cache-hits.ts';
import { askStations } from './ask-stations.ts';
import type { Flat } from './flatten.ts';
import { deadlockRate } from './nested-chain.ts';
import { handOutRates } from './hand-out-rates.ts';
import { addUpHits } from './regulars.ts';
import { blank, type State } from './state.ts';

const MOST_ROUNDS = 80;
const PRECISION = 1e-5;
/** Losses settle by half steps, so what is left when they move this little is as much again. */
const PRECISION_OF_LOSS = 1e-7;
/** An excess of offered work that no later round takes back. */
const CLEARLY = 1.2;
/** Where requests come back to a station the rounds before this one overshoot by more. */
const SETTLED = 8;
/** What visits of one request know of each other may tremble for ever, far below what the published errors allow: after so many rounds this is near enough. */
const RESTLESS = 24;
const PRECISION_OF_RESTLESS = 1e-4;
/** Who searches for a load asks whether it is borne, and the answer does not turn on less than the search itself is precise to. */
const PRECISION_OF_SEARCH = 1e-4;
const TREMBLING = 1e-2;

/**
 * Solves a flattened network at a load (requests a second that the sources share), writing into `state`.
 * Each round adds up times with the waits so far (backward), hands out rates (forward), and asks each station for its wait;
 * holding times depend on the waits inside them, so rounds repeat until nothing moves. Always from zero: the result never depends on an earlier call.
 * With `stopWhenOverloaded` it ends as soon as a station is offered more than it can do, with nothing but `overloaded` worth reading:
 * the first round knows no waits, so it never says so wrongly; later ones overshoot a little, so there only a clear excess counts.
 */
export function solveAt(flat: Flat, state: State, perSecond: number, stopWhenOverloaded = false): void {
  blank(state);
  for (let root = 0; root < flat.sources; root++) state.rootRate[root] = ((flat.rootBase[root] as number) + (flat.rootShare[root] as number) * perSecond) / 1000;
  if (flat.caches) forgetHits(flat, flat.caches);
  let precision = stopWhenOverloaded ? PRECISION_OF_SEARCH : flat.loses ? PRECISION_OF_LOSS : PRECISION;
  let moved = Number.POSITIVE_INFINITY;
  const isPlainly = isPlain(flat);
  for (state.rounds = 1; state.rounds <= MOST_ROUNDS; state.rounds++) {
    if (isPlainly) addUpPlainly(flat, state);
    else addUpTimes(flat, state);
    handOutRates(flat, state);
    if (stopWhenOverloaded && isOverloaded(flat, state, lastingExcess(flat, state.rounds))) {
      state.stable = false;
      state.overloaded = true;
      return;
    }
    const hits = flat.caches ? weighHits(flat, state, flat.caches) : 0;
    moved = Math.max(hits, askStations(flat, state));
    if ((moved < precision && state.rounds > 1) || moved === Number.POSITIVE_INFINITY) break;
    if (state.rounds === RESTLESS) precision = PRECISION_OF_RESTLESS;
  }
  if (flat.regulars) addUpHits(flat, state);
  // A wait that never settles feeds on itself (a pool asked again inside its own hold): it has no steady state. One that trembles has.
  if (!(moved <= TREMBLING)) for (let s = 0; s < flat.servers.length; s++) if (flat.nested[s]) state.unstable[s] = 1;
  for (let s = 0; s < flat.firstLimiter; s++) if (flat.nested[s] && !state.unstable[s] && comesToStandstill(flat, state, s)) state.unstable[s] = 1;
  state.stable = !state.unstable.includes(1);
  state.overloaded = !state.stable || isOverloaded(flat, state);
}

/**
 * From which excess on a round tells of an overload that stays. The first knows no waits nor losses, the next ones overshoot where requests come back or get lost; losses are approached by
 * half steps.
 */
function lastingExcess(flat: Flat, round: number): number {
  if (!flat.loses) return round === 1 ? 1 : round >= SETTLED || !flat.returns ? CLEARLY : Number.POSITIVE_INFINITY;
  if (round >= 2 * SETTLED) return CLEARLY;
  if (flat.thins || round < SETTLED / 2) return Number.POSITIVE_INFINITY;
  return round >= SETTLED ? 2 * CLEARLY : 4 * CLEARLY;
}

function isOverloaded(flat: Flat, state: State, factor = 1): boolean {
  const { servers, instances, room } = flat;
  for (let s = 0; s < servers.length; s++) {
    if (room[s] !== Number.POSITIVE_INFINITY || servers[s] === Number.POSITIVE_INFINITY || (state.served[s] as number) <= 0) continue;
    // Offered work: arrivals, not those that were served before their limit.
    if (((state.work[s] as number) / (state.served[s] as number)) * (state.arrivals[s] as number) >= factor * (servers[s] as number) * (instances[s] as number)) return true;
  }
  return false;
}

/** Work that the busiest station with unbounded room is offered, in shares of what it can do. */
export function offeredOf(flat: Flat, state: State): number {
  const { servers, instances, room } = flat;
  let most = 0;
  for (let s = 0; s < servers.length; s++) {
    if (room[s] !== Number.POSITIVE_INFINITY || servers[s] === Number.POSITIVE_INFINITY || (state.served[s] as number) <= 0) continue;
    most = Math.max(most, (((state.work[s] as number) / (state.served[s] as number)) * (state.arrivals[s] as number)) / ((servers[s] as number) * (instances[s] as number)));
  }
  return most;
}

/** A standstill that is to be expected once in this time counts as certain. */
const STANDSTILL_MS = 3_600_000;

/**
 * All places of a pool held by work that needs one more: nothing ever moves again. What a request does with one place only is taken to lie evenly before, between and after
 * its further requests; a limit to their wait resolves every such knot, so there it is none.
 */
function comesToStandstill(flat: Flat, state: State, s: number): boolean {
  const instances = flat.instances[s] as number;
  const outer = state.outerRate[s] as number;
  const inner = (state.served[s] as number) - outer;
  if (flat.stationLimit[s] !== Number.POSITIVE_INFINITY || flat.servers[s] === Number.POSITIVE_INFINITY || outer <= 0 || inner <= 0) return false;
  const often = Math.max(1, inner / outer);
  const alone = Math.max(0, ((state.outerWork[s] as number) - (state.innerWork[s] as number)) / outer - often * (state.wait[s] as number)) / (often + 1);
  const rate = deadlockRate({
    places: flat.servers[s] as number,
    perMs: Math.min(outer, inner) / instances,
    aloneMs: Math.max(LEAST_MS, alone),
    bothMs: Math.max(LEAST_MS, (state.innerWork[s] as number) / inner + alone / 2 / often),
    again: 1 - 1 / often,
  });
  return rate * instances * STANDSTILL_MS >= 1;
}

const LEAST_MS = 1e-6;
