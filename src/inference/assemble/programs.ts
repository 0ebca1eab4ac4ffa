import type { RouteAnswer } from '../../model/topology.ts';
import type { CodeClaim, DraftStep } from '../detector.ts';
import type { Unit } from './parts.ts';
import type { Reach, Route } from './routes.ts';

export type Consumption = Extract<CodeClaim, { kind: 'consumer' }>;
export type Push = Extract<CodeClaim, { kind: 'pushed' }>;
export type Limiting = Extract<CodeClaim, { kind: 'limited' }>;
export type Timer = Extract<CodeClaim, { kind: 'timer' }>;

/** What the handlers of a process do. */
export interface Programs {
  apps: readonly Reach[];
  routes: readonly { route: Route; programs: readonly (readonly DraftStep[])[]; answer: RouteAnswer; pushedBy?: Push; limits: readonly Limiting[] }[];
  consumers: readonly { it: Consumption; steps: readonly DraftStep[] }[];
  timers: readonly { it: Timer; steps: readonly DraftStep[] }[];
}

/** A process that was started and not asked for anything yet. */
export type Started = Omit<Unit, 'programs'>;

/** The programs of one process, and what they claim beyond its start. Nothing of another process decides here. */
export interface Traced extends Programs {
  consumers: readonly { it: Consumption; steps: readonly DraftStep[]; claims: readonly CodeClaim[] }[];
  ofRoutes: readonly CodeClaim[];
  ofTimers: readonly CodeClaim[];
}

/** The processes with their programs. A consumer that perhaps starts here is left out where another process is there for its channel. */
export function withPrograms(units: readonly { unit: Started; traced: Traced }[]): Unit[] {
  const consumed = units.map(({ unit, traced }) => channelsOf([...unit.reading.claims, ...traced.ofRoutes, ...traced.consumers.flatMap((it) => it.claims), ...traced.ofTimers]));
  return units.map(({ unit, traced: { apps, routes, consumers, timers, ofRoutes, ofTimers } }, at) => {
    const isElsewhere = (channel: string): boolean => consumed.some((channels, other) => other !== at && channels.has(channel));
    const kept = consumers.filter(({ it }) => !(it.perhaps && isElsewhere(it.channel)));
    const claims = [...unit.reading.claims, ...ofRoutes, ...kept.flatMap((it) => it.claims), ...ofTimers];
    return { ...unit, reading: { ...unit.reading, claims }, programs: { apps, routes, consumers: kept, timers } };
  });
}

/** Channels with a process of their own: code of a server that perhaps starts a consumer is none. */
function channelsOf(claims: readonly CodeClaim[]): ReadonlySet<string> {
  const answers = claims.some((it) => it.kind === 'listens' || it.kind === 'route');
  return new Set(claims.flatMap((it) => (it.kind === 'consumer' && !(answers && it.perhaps) ? [it.channel] : [])));
}
