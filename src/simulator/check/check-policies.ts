import type { Instruction, Network } from '../../model/network.ts';
import { placesOf } from '../engine/autoscaling.ts';
import { above, type Check, fields, first, isFields, number, oneOf, optional, orNull, shown, text, whole } from './checks.ts';
import { pausesMs } from '../laws.ts';

/** What is kept per key, bucket or instance must fit into memory. */
const MOST_KEYS = 1_000_000;
const MOST_COUNTS = 10_000_000;
const MOST_BUCKETS = 10_000;
const MOST_INSTANCES = 10_000;
const MOST_HEDGES = 100;

/** A pause is a law or grows. */
const backoff =
  (distribution: Check): Check =>
  (value, at) =>
    isFields(value) && value.kind === 'growing'
      ? fields({
          kind: oneOf('growing'),
          initialMs: number(0),
          factor: number(0),
          maxMs: optional(number(0)),
          jitter: optional(oneOf('none', 'full', 'equal')),
        })(value, at)
      : distribution(value, at);

/** Fields of a call beyond its program. */
export const callFields = (distribution: Check, body: Check): Readonly<Record<string, Check>> => ({
  timeoutMs: optional(orNull(number(0))),
  cancels: optional(oneOf(true, false)),
  retry: optional(fields({ times: orNull(whole(0)), probability: optional(number(0, 1)), backoff: optional(backoff(distribution)), budget: optional(text) })),
  breaker: optional(text),
  hedge: optional(fields({ afterMs: number(0), most: optional(whole(1, MOST_HEDGES)) })),
  fallback: optional(body),
});

/** What happens to a message whose program fails, or that waits too long. */
export const jobCheck = (distribution: Check): Check => fields({ attempts: whole(1), backoff: optional(backoff(distribution)), retentionMs: optional(number(0)) });

export const autoscaling: Check = fields({
  station: text,
  targetUtilisation: above(0),
  least: whole(1, MOST_INSTANCES),
  most: whole(1, MOST_INSTANCES),
  everyMs: above(0),
  startMs: number(0),
  stabilisationMs: number(0),
});

export const retryBudget: Check = fields({ id: text, ratio: number(0), burst: number(0) });

export const breaker: Check = fields({
  id: text,
  errorThresholdPercentage: number(0, 100),
  volumeThreshold: number(0),
  rollingWindowMs: number(1),
  buckets: whole(1, MOST_BUCKETS),
  resetTimeoutMs: number(0),
  inside: optional(oneOf('retry')),
  capacity: optional(whole(0)),
  group: optional(text),
  cause: optional(text),
});

const LIMITERS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  fixedWindow: { limit: whole(0), windowMs: above(0), aligned: optional(oneOf(true, false)) },
  slidingWindow: { limit: whole(0), windowMs: above(0) },
  tokenBucket: { perSecond: above(0), burst: number(1) },
  leakyBucket: { perSecond: above(0), burst: number(0), noDelay: optional(oneOf(true, false)) },
};

export const limiter: Check = (value, at) => {
  if (!isFields(value)) return `${at}: expected a limiter, found ${shown(value)}`;
  const kind = oneOf(...Object.keys(LIMITERS));
  return kind(value.kind, `${at}.kind`) ?? fields({ id: text, keys: whole(1, MOST_KEYS), group: optional(text), cause: text, kind, ...LIMITERS[value.kind as string] })(value, at);
};

/** An autoscaler watches a station of its own group, whose work is done by whoever was picked for the call. */
function scalingHolds(network: Network): string | null {
  for (const [index, group] of network.groups.entries()) {
    if (!group.autoscaling) continue;
    const at = `groups[${index}].autoscaling`;
    const station = network.stations.find((it) => it.id === group.autoscaling?.station);
    if (station && station.group !== group.id) return `${at}.station: "${station.id}" is not a station of this group`;
    if (station && station.servers === null) return `${at}.station: "${station.id}" has as many servers as needed, so it is never busy`;
    if (group.instances < group.autoscaling.least || group.instances > group.autoscaling.most)
      return `groups[${index}].instances: must lie between least and most of its autoscaling`;
    const own = new Set(network.stations.filter((it) => it.group === group.id).map((it) => it.id));
    for (const [program, it] of network.programs.entries()) {
      const visited = it.group === group.id ? null : stationsIn(it.body).find((id) => own.has(id));
      if (visited) return `programs[${program}]: uses "${visited}", whose instances come and go: it must run in group "${group.id}"`;
    }
  }
  return null;
}

/** Ids of the stations that a program's body asks, at any depth. */
export function stationsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(stationsIn);
  if (!isFields(value)) return [];
  return [...(typeof value.station === 'string' ? [value.station] : []), ...Object.values(value).flatMap(stationsIn)];
}

/** What is well-formed but cannot be played: retries without end or pause, buckets narrower than a millisecond. */
export function policiesHold(network: Network): string | null {
  for (const [index, it] of (network.breakers ?? []).entries()) if (it.rollingWindowMs < it.buckets) return `breakers[${index}].buckets: a bucket must last at least 1 ms`;
  for (const [index, it] of (network.limiters ?? []).entries()) {
    const group = network.groups.find((one) => one.id === it.group);
    if (it.keys * (group ? placesOf(group, network) : 1) > MOST_COUNTS) return `limiters[${index}].keys: with all instances more than ${MOST_COUNTS} counts`;
  }
  const scaling = scalingHolds(network);
  if (scaling !== null) return scaling;
  const walk = (value: unknown, at: string): string | null => {
    if (Array.isArray(value)) return first(value.map((it, index) => () => walk(it, `${at}[${index}]`)));
    if (!isFields(value)) return null;
    const step = value as unknown as Instruction;
    if (step.op === 'call' && step.retry?.times === null && !((pausesMs(step.retry.backoff, 1)[0] ?? 0) > 0))
      return `${at}.retry.backoff: who tries again for ever needs a pause above 0 ms`;
    return first(
      Object.entries(value).map(
        ([name, it]) =>
          () =>
            walk(it, `${at}.${name}`),
      ),
    );
  };
  return walk(network.programs, 'programs');
}
