import type { RouteAnswer } from '../../model/topology.ts';
import { DATA, REQUEST, type Resource, type Value } from '../code/values.ts';
import type { CodeClaim, DraftStep } from '../detector.ts';
import { handlerArguments } from '../detectors/libraries/express.ts';
import { withBatches } from './batches.ts';
import type { Unit } from './parts.ts';
import { type Reach, type Route, routesOf } from './routes.ts';

export type Consumption = Extract<CodeClaim, { kind: 'consumer' }>;
type Timer = Extract<CodeClaim, { kind: 'timer' }>;

/** What the handlers of a process do. */
export interface Programs {
  apps: readonly Reach[];
  routes: readonly { route: Route; programs: readonly (readonly DraftStep[])[]; answer: RouteAnswer }[];
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

/** These give each answer an ETag by themselves. */
const MARKS: ReadonlySet<string> = new Set(['express', 'nestjs']);

/** Reads every handler of a process. Once only: a program may leave something behind for the next. */
export function tracedOf(unit: Started): Traced {
  const { reading } = unit;
  const apps = unique(reading.claims.flatMap((it) => (it.kind === 'route' ? [it.app] : []))).map((app) => routesOf(app));
  const trace = (handlers: readonly Value[], args: readonly Value[]): DraftStep[] => withBatches(reading.trace(handlers, args));
  const routes = apps.flatMap(({ library, routes: own }) =>
    own.map((route) => {
      const programs =
        route.fields.length > 0
          ? route.fields.map((field) => trace([...route.handlers, field.resolver], [DATA, REQUEST, REQUEST]))
          : [trace(route.handlers, handlerArguments(undefined, route.place, route.isMounted ? undefined : route.method))];
      const { isCached, asksWho } = reading.answer();
      return { route, programs, answer: { kept: isCached || MARKS.has(library), asksWho } };
    }),
  );
  const ofRoutes = reading.news();
  // A handler may start consumers too.
  const claims = [...reading.claims, ...ofRoutes];
  const consumers = claims.filter((it) => it.kind === 'consumer').map((it) => ({ it, steps: trace([it.handler], [DATA, DATA]), claims: reading.news() }));
  const timers = claims.filter((it) => it.kind === 'timer').map((it) => ({ it, steps: trace([it.handler], []) }));
  return { apps, routes, consumers, timers, ofRoutes, ofTimers: reading.news() };
}

const unique = (all: readonly Resource[]): Resource[] => [...new Map(all.map((it) => [it.id, it])).values()];

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
