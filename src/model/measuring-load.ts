import { flow } from './amounts.ts';
import { type Input, inputsOf } from './inputs.ts';
import type { Outcome } from './outcome.ts';
import type { Topology } from './topology.ts';
import { usesPerSecond } from './uses.ts';

/**
 * Of the load that is in question. What work costs moves with the load: an idle system wakes processes and finds cold caches for each request, a busy one shares caches and cores
 * (test/measured/measured.md has a request that takes 2 ms of CPU at 12/s and .9 from 190/s on). Beyond, queues decide how long everything takes.
 */
const SHARE = 0.7;
/** What was measured at less than this part of the load that it decides has to be measured again. */
const FAR = 0.25;

/** The load under which to measure: requests a second of the whole system. */
export interface MeasuringLoad {
  requestsPerSecond: number;
  /** Why this one, as the end of a sentence. */
  why: string;
}

/** Seven tenths of the target, or of the load at which something may give way at the earliest where that is less: nobody can measure at a load that the system does not carry. Null where nothing takes load. */
export function measuringLoad(outcome: Outcome): MeasuringLoad | null {
  const { targetPerSecond, saturatesAtPerSecond } = outcome;
  const earliest = saturatesAtPerSecond.low ?? saturatesAtPerSecond.value;
  const wanted = earliest === null ? targetPerSecond : Math.min(targetPerSecond, earliest);
  if (!(wanted > 0) || outcome.silentBecause !== null) return null;
  const isTarget = wanted === targetPerSecond;
  return {
    requestsPerSecond: rounded(wanted * SHARE),
    why: isTarget ? `seven tenths of the ${rounded(targetPerSecond)}/s that it is asked to carry` : `seven tenths of the ${rounded(wanted)}/s at which it may give way`,
  };
}

/** A measured value that was taken far below the load that it decides. */
export interface MeasuredFarBelow {
  input: Input;
  /** How often it ran then, a second. */
  perSecond: number;
  /** How often it runs at the load that it decides: the target, or where the system gives way. */
  decidesAtPerSecond: number;
}

/** Measured values whose load is known and was less than a quarter of the one that they decide, in the topology's order. Unknown loads are not named: nobody knows. */
export function measuredFarBelow(topology: Topology, outcome: Outcome): MeasuredFarBelow[] {
  const measured = inputsOf(topology).filter((it) => it.value.state === 'known' && it.value.basis === 'measured' && it.value.perSecond !== undefined);
  if (measured.length === 0 || outcome.silentBecause !== null || !(outcome.targetPerSecond > 0)) return [];
  const limit = outcome.saturatesAtPerSecond.value;
  const share = Math.min(1, (limit ?? outcome.targetPerSecond) / outcome.targetPerSecond);
  const uses = usesPerSecond(topology, outcome);
  return measured.flatMap((input): MeasuredFarBelow[] => {
    const perSecond = (input.value.state === 'known' && input.value.perSecond) || 0;
    const decidesAtPerSecond = (uses.get(input.id) ?? 0) * share;
    return perSecond < FAR * decidesAtPerSecond ? [{ input, perSecond, decidesAtPerSecond }] : [];
  });
}

/** Over the lines of `farBelowText`. */
export const FAR_BELOW = 'Measured far below the load that it decides: measure again nearer to it (faultline measure)';

/** `SELECT products holds a connection: measured at 2/s, and decides at 270/s`. */
export const farBelowText = ({ input, perSecond, decidesAtPerSecond }: MeasuredFarBelow): string =>
  `${input.label}: measured at ${flow(perSecond)}, and decides at ${flow(decidesAtPerSecond)}`;

const rounded = (perSecond: number): number => (perSecond >= 10 ? Math.round(Number(perSecond.toPrecision(2))) : Number(perSecond.toPrecision(2)));
