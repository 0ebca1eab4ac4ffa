import type { Network } from '../../model/network.ts';
import { meanMsOf } from '../laws.ts';
import { Play, type Progress } from '../engine/play.ts';
import { report } from '../engine/report.ts';
import type { Run } from '../engine/run.ts';

export interface PrecisionOptions {
  /** Half the width of the 95% intervals of the mean response over all requests and of their share of errors (above 0.1%), as a share of the value itself; default 1%. */
  relativeHalfWidth?: number;
  /** The run ends here at the latest; default five million. */
  mostRequests?: number;
  seed?: number;
  /** Requests a second over all sources by their shares; without it the sources' own rates hold. */
  perSecond?: number;
  withinMs?: readonly number[];
  /** As of `simulate`. */
  attribution?: boolean;
}

const FIRST_REQUESTS = 20_000;
/** Each stretch makes the run at least and at most this many times longer, so that it is looked at seldom: each look is a chance to stop by luck. */
const LEAST_STRETCH = 1.5;
const MOST_STRETCH = 4;
/** So many in flight are no steady state. */
const FLOODED = 200_000;
/** A smaller share of errors is not waited for. */
const RARE = 1e-3;
const DEFAULT_PRECISION = 0.01;
const DEFAULT_MOST = 5e6;

/** Plays a steady load until its mean response is known as precisely as asked, or `mostRequests` have come. The result says which (`precision`). */
export function runToPrecision(network: Network, options: PrecisionOptions = {}): Run {
  const steps = runToPrecisionInSlices(network, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in slices, as `simulateInSlices`; `share` is by the most requests that it may take. */
export function* runToPrecisionInSlices(network: Network, options: PrecisionOptions = {}): Generator<Progress, Run, void> {
  const asked = options.relativeHalfWidth ?? DEFAULT_PRECISION;
  const most = options.mostRequests ?? DEFAULT_MOST;
  const rate = rateOf(network, options.perSecond);
  const play = new Play(network, {
    seconds: Math.min(most, FIRST_REQUESTS) / rate,
    mostSeconds: most / 2 / rate,
    seed: options.seed ?? 1,
    warmupSeconds: 'auto',
    intervals: true,
    ...(options.attribution && { attribution: true }),
    ...(options.perSecond !== undefined && { perSecond: options.perSecond }),
    extendTo: (it) => {
      const { allOffered, inFlight, now } = it.engine;
      const width = halfWidthOf(it);
      if (allOffered === 0 || allOffered >= most || (width !== null && width <= asked) || inFlight.reduce((sum, one) => sum + one, 0) > FLOODED) return null;
      // The width goes with the root of the length.
      const needed = width === null ? MOST_STRETCH : (1.1 * width * width) / (asked * asked);
      const stretch = Math.min(most / allOffered, MOST_STRETCH, Math.max(LEAST_STRETCH, needed));
      return (Math.max(1.01, stretch) * now) / 1000;
    },
  });
  while (play.advance()) yield { ...play.progress(), share: Math.min(1, play.engine.allOffered / most) };
  play.engine.countOverdue();
  const relativeHalfWidth = halfWidthOf(play);
  return {
    ...report(network, play, options.seed ?? 1, options.withinMs ?? []),
    precision: { asked, relativeHalfWidth, isReached: relativeHalfWidth !== null && relativeHalfWidth <= asked, requests: play.engine.allOffered },
  };
}

/** Of the mean response over all requests, and of their share of errors where that is no rarity: the wider one. Null where nothing is answered. */
function halfWidthOf(play: Play): number | null {
  const { batches, engine } = play;
  const sources = [...engine.latency.keys()];
  const relative = (over: string, under: string, least = 0): number | null => {
    const estimate =
      batches?.ratio(
        sources.map((it) => over.replace('#', `${it}`)),
        sources.map((it) => under.replace('#', `${it}`)),
      ) ?? null;
    if (estimate && estimate.value <= least) return least > 0 ? 0 : null;
    return estimate && estimate.spread / estimate.value;
  };
  const response = relative('latency # sum', 'latency # count');
  const errors = relative('errors #', 'offered #', RARE);
  return response === null || errors === null ? null : Math.max(response, errors);
}

/** Requests a second to begin with; a guess for closed sources, whose rate is a result. */
function rateOf(network: Network, perSecond: number | undefined): number {
  let sum = 0;
  for (const source of network.sources) {
    if (source.closed) sum += (1000 * source.closed.users) / Math.max(1, meanMsOf(source.closed.think));
    else if (perSecond !== undefined && source.share > 0) sum += perSecond * source.share;
    else sum += source.phases?.[0]?.perSecond ?? 0;
  }
  return Math.max(sum, 1e-3);
}
