import { valueIn } from '../../model/known.ts';
import type { Distribution } from '../../model/network.ts';
import type { Backoff } from '../../model/network-policies.ts';
import { type Component, type Endpoint, innerSteps, type Pause, type Step, type Topology } from '../../model/topology.ts';

/**
 * CPU that the driver spends on one reply, taken out of the endpoint's own CPU time, not added to it:
 * a connection is free only when the event loop has come round to its reply.
 */
const REPLY_CPU_MS = 0.05;
/** Service at a store is what remains of a hold after the round trip, at least this share of it. */
const LEAST_DEMAND = 0.1;

/** Queries vary with data and cache state; an exponential law is what measured database calls are closest to among the simple ones, and errs to the safe side for point lookups. */
export const queryTime = (meanMs: number): Distribution => ({ kind: 'exponential', meanMs });
/** JavaScript slices vary little: garbage collection and data size, no waiting. Erlang with four stages. */
export const cpuTime = (meanMs: number): Distribution => ({ kind: 'gamma', meanMs, cv2: 0.25 });
export const fixed = (meanMs: number): Distribution => ({ kind: 'deterministic', meanMs });

/** Twice as long each time, or always the same; undefined where there is none or nobody knows it. */
export function backoffOf(pause: Pause | undefined): Backoff | undefined {
  const delayMs = pause && valueIn(pause.delayMs);
  if (!pause || delayMs === undefined || delayMs <= 0) return undefined;
  return pause.kind === 'fixed' ? fixed(delayMs) : { kind: 'growing', initialMs: delayMs, factor: 2 };
}

/** What of a call's time is work at its target; the rest is the way there and back. */
export const demandOf = (totalMs: number, roundTripMs: number): number => Math.max(totalMs - roundTripMs, totalMs * LEAST_DEMAND);

/** An endpoint's CPU: what its written slices are multiplied with, and the slice that each reply takes. */
export interface CpuShare {
  scale: number;
  replyMs: number;
}

/** CPU time of the slices that are written in a program, and how many replies it reads. */
interface Cpu {
  written: number;
  replies: number;
}

/** Splits an endpoint's CPU into its written steps and the slices that process replies; the sum stays. */
export function cpuShareOf(endpoint: Endpoint, topology: Topology): CpuShare {
  const channels = new Set(topology.channels.map((it) => it.id));
  const known = new Map<Step, Cpu>();
  const of = (steps: readonly Step[]): Cpu => {
    const sum = { written: 0, replies: 0 };
    for (const step of steps) {
      const it = known.get(step) ?? ofStep(step);
      known.set(step, it);
      sum.written += it.written;
      sum.replies += it.replies;
    }
    return sum;
  };
  const ofStep = (step: Step): Cpu => {
    const often = step.kind === 'loop' ? (valueIn(step.times) ?? 1) : 1;
    const inside = innerSteps(step).map(of);
    const isReply =
      step.kind === 'query' || step.kind === 'request' || (step.kind === 'cache' && step.target !== endpoint.component) || (step.kind === 'publish' && channels.has(step.channel));
    const own = step.kind === 'compute' && step.where === 'eventLoop' ? (valueIn(step.ms) ?? 0) : 0;
    return { written: inside.reduce((sum, it) => sum + often * it.written, own), replies: inside.reduce((sum, it) => sum + often * it.replies, isReply ? 1 : 0) };
  };
  const { written: total, replies } = of(endpoint.steps);
  if (total <= 0 || replies <= 0) return { scale: 1, replyMs: total > 0 ? 0 : REPLY_CPU_MS };
  const slices = Math.min(replies * REPLY_CPU_MS, total / 2);
  return { scale: (total - slices) / total, replyMs: slices / replies };
}

/**
 * A broker of whose capacity nobody knows anything: the time to hand it a message is its reply's latency, not work of its own,
 * for brokers write in batches and side by side; nor has a store that its provider scales with its load (`none`). Redis runs its commands one after the other and stays a station.
 */
export const isUncounted = ({ kind, parallelism }: Component): boolean =>
  parallelism.state === 'none' || (kind === 'queue' && (parallelism.state !== 'known' || parallelism.basis === 'assumed'));
