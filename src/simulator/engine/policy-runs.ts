import type { Network } from '../../model/network.ts';
import { isDeployed } from './autoscaling.ts';
import { settleBreaker } from './breaker.ts';
import { countPause } from './call-counts.ts';
import type { EngineLimiters } from './engine-limiters.ts';
import type { EngineScaling, GroupChange } from './engine-scaling.ts';
import type { EnginePolicies } from './engine-policies.ts';

/** Calls of a program that have a retry, breaker, hedge, fallback or cancel around them; plain calls are not counted. */
export interface CallRun {
  program: string;
  calls: number;
  /** Sent to the program: first ones, retries and hedges, without those that a breaker refused. */
  attempts: number;
  retries: number;
  timeouts: number;
  hedges: number;
  fallbacks: number;
  /** Calls whose first attempt failed, and calls that failed for good (before any fallback). */
  failedFirst: number;
  failed: number;
  /** Mean number of calls that wait for their next attempt. */
  meanPausing: number;
}

/** A breaker's changes, over all instances that have one. */
export interface BreakerRun {
  id: string;
  opened: number;
  halfOpened: number;
  closed: number;
  /** Calls refused because it was open, or full. */
  refused: number;
  /** Share of the time that it was open (a mean over instances). */
  openShare: number;
}

/** How many instances of a group took calls. */
export interface GroupRun {
  id: string;
  meanInstances: number;
  leastInstances: number;
  mostInstances: number;
  instancesAtEnd: number;
  /** Each change within the measured time, the number at its start first; of a single run only. */
  changes: readonly GroupChange[];
}

/** What a limiter did, over all its keys and instances. */
export interface LimiterRun {
  id: string;
  /** At once. */
  passed: number;
  /** Passed after a pause. */
  delayed: number;
  refused: number;
  refusedShare: number;
  /** Mean pause of those that were delayed. */
  meanDelayMs: number;
}

export function callRuns(network: Network, engine: EnginePolicies, spanMs: number): CallRun[] {
  const { calls: it } = engine;
  return network.programs.flatMap((program, p) => {
    if ((it.calls[p] as number) + (it.attempts[p] as number) === 0) return [];
    countPause(it, p, engine.now, 0);
    return [
      {
        program: program.id,
        calls: it.calls[p] as number,
        attempts: it.attempts[p] as number,
        retries: it.retries[p] as number,
        timeouts: it.timeouts[p] as number,
        hedges: it.hedges[p] as number,
        fallbacks: it.fallbacks[p] as number,
        failedFirst: it.failedFirst[p] as number,
        failed: it.failed[p] as number,
        meanPausing: (it.pausingIntegral[p] as number) / spanMs,
      },
    ];
  });
}

export function breakerRuns(network: Network, engine: EnginePolicies, spanMs: number): BreakerRun[] {
  return (network.breakers ?? []).map((rule, index): BreakerRun => {
    const base = engine.breakerBase[index] as number;
    const own = engine.breakers.slice(base, base + (engine.breakerUnits[index] as number));
    for (const it of own) settleBreaker(it, engine.now);
    const sum = (read: (it: (typeof own)[number]) => number): number => own.reduce((all, it) => all + read(it), 0);
    return {
      id: rule.id,
      opened: sum((it) => it.opened),
      halfOpened: sum((it) => it.halfOpened),
      closed: sum((it) => it.closed),
      refused: sum((it) => it.refused),
      openShare: sum((it) => it.openMs) / spanMs / own.length,
    };
  });
}

export function groupRuns(network: Network, engine: EngineScaling): GroupRun[] {
  return network.groups.flatMap((group, g): GroupRun[] => {
    const changes = engine.groupChanges[g] ?? [];
    return group.autoscaling || isDeployed(group, network)
      ? [
          {
            id: group.id,
            meanInstances: engine.meanInstances(g),
            leastInstances: changes.reduce((least, it) => Math.min(least, it.instances), Number.POSITIVE_INFINITY),
            mostInstances: changes.reduce((most, it) => Math.max(most, it.instances), 0),
            instancesAtEnd: engine.groupInstances[g] as number,
            changes,
          },
        ]
      : [];
  });
}

export function limiterRuns(network: Network, engine: EngineLimiters): LimiterRun[] {
  return (network.limiters ?? []).map((rule, index): LimiterRun => {
    const base = engine.limiterBase[index] as number;
    const own = engine.limiters.slice(base, base + (engine.limiterUnits[index] as number));
    const sum = (read: (it: (typeof own)[number]) => number): number => own.reduce((all, it) => all + read(it), 0);
    const [passed, delayed, refused] = [sum((it) => it.passed), sum((it) => it.delayed), sum((it) => it.refused)];
    return {
      id: rule.id,
      passed,
      delayed,
      refused,
      refusedShare: refused / Math.max(1, passed + delayed + refused),
      meanDelayMs: sum((it) => it.delayMs) / Math.max(1, delayed),
    };
  });
}
