import { exp, power } from '../arithmetic.ts';

/** A queue in front of exponential servers: the share that waits, and the rate at which waits end (a wait is 0 or exponential). */
export interface ExponentialWait {
  waits: number;
  /** Per ms. */
  endsAt: number;
}

/** Laplace transform of the gap between arrivals: how a source comes, at `rate` a ms. */
export type Gap = (s: number) => number;

export const constantGap =
  (rate: number): Gap =>
  (s) =>
    exp(-s / rate);
/** Gamma law of this squared coefficient of variation; Erlang-n for 1 / n, Poisson arrivals for 1. */
export const gammaGap =
  (rate: number, cv2: number): Gap =>
  (s) =>
    power(1 / (1 + (s * cv2) / rate), 1 / cv2);
/** Two exponential laws with balanced means. */
export const hyperexponentialGap = (rate: number, cv2: number): Gap => {
  const often = (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;
  const [quick, slow] = [2 * often * rate, 2 * (1 - often) * rate];
  return (s) => (often * quick) / (quick + s) + ((1 - often) * slow) / (slow + s);
};

/** GI/M/c (Takács 1962; Gross and Harris, ch. 5): arrivals independent of each other, service exponential. Null where it has no steady state. */
export function renewalQueue(gap: Gap, servers: number, rate: number, serviceMs: number): ExponentialWait | null {
  if (rate * serviceMs >= servers) return null;
  const mu = 1 / serviceMs;
  // The root below 1 of σ = A*(cμ(1 − σ)): f is convex, above the diagonal before the root and below it after.
  let low = 0;
  let high = 1 - 1e-12;
  for (let round = 0; round < 200 && high - low > 1e-15; round++) {
    const middle = (low + high) / 2;
    if (gap(servers * mu * (1 - middle)) > middle) low = middle;
    else high = middle;
  }
  const sigma = (low + high) / 2;
  const endsAt = servers * mu * (1 - sigma);
  if (servers === 1) return { waits: sigma, endsAt };
  // Where a root falls on a whole number of servers the sum has a term 0 / 0: a hair beside it, it does not.
  const onServer = servers * (1 - sigma);
  if (Math.abs(onServer - Math.round(onServer)) < 1e-8) return renewalQueue(gap, servers, rate, serviceMs * (1 + 1e-7));
  let sum = 1 / (1 - sigma);
  let product = 1;
  let choose = 1;
  for (let j = 1; j <= servers; j++) {
    const passed = gap(j * mu);
    product *= passed / (1 - passed);
    choose *= (servers - j + 1) / j;
    sum += ((choose / (product * (1 - passed))) * (servers * (1 - passed) - j)) / (servers * (1 - sigma) - j);
  }
  return { waits: 1 / sum / (1 - sigma), endsAt };
}

/** Chance that a wait of this law and an exponential service together last longer than `ms`. */
export function sojournTail({ waits, endsAt }: ExponentialWait, serviceMs: number, ms: number): number {
  const mu = 1 / serviceMs;
  const served = exp(-mu * ms);
  const gapOfRates = endsAt - mu;
  // Both rates alike: Erlang-2.
  const both = Math.abs(gapOfRates) < 1e-7 * mu ? served * (1 + mu * ms) : (endsAt * served - mu * exp(-endsAt * ms)) / gapOfRates;
  return (1 - waits) * served + waits * both;
}

/** The time at which a falling tail is down to `share`, by bisection from a scale of the right order. */
export function quantileOfTail(tail: (ms: number) => number, share: number, scaleMs: number): number {
  let high = scaleMs;
  while (tail(high) > share && high < 1e15) high *= 2;
  let low = 0;
  for (let round = 0; round < 100 && high - low > 1e-12 * high; round++) {
    const middle = (low + high) / 2;
    if (tail(middle) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
