import type { RouteAnswer } from '../../model/topology.ts';
import type { During } from '../code/interpret.ts';
import type { Write } from '../code/heap.ts';
import { DATA, REQUEST, type Resource, type Scope, textOf, type Value } from '../code/values.ts';
import type { CodeClaim, DraftStep } from '../detector.ts';
import { handlerArguments } from '../detectors/libraries/express.ts';
import { isSame } from '../moved-places.ts';
import { withBatches } from './batches.ts';
import type { Consumption, Limiting, Push, Started, Timer, Traced } from './programs.ts';
import { withoutRepeatedPuts } from './repeated-puts.ts';
import { type Reach, type Route, routesOf } from './routes.ts';

/** A function whose body changed, and those that it stands in: what runs them may look into it. */
export interface ChangedFunction {
  f: object;
  around: readonly object[];
}

/** The handlers of a process, each read by itself in the order in which they were found: one may leave something behind for the next. */
export interface Tracing {
  traced(): Traced;
  /** Reads anew whatever hangs on changed functions. False where the process has to be started anew: then this tracing is of no more use. */
  redo(changed: readonly ChangedFunction[]): boolean;
  /** Works out what the first `redo` asks whatever changed. */
  ready(): void;
  /** How many of its handlers that read the last time. */
  redone(): number;
}

/** These give each answer an ETag by themselves. */
const MARKS: ReadonlySet<string> = new Set(['express', 'nestjs']);

/** One handler, with how to read it once more. */
interface Trace<T> {
  run(): T;
  last: During<T>;
}

interface Programmed {
  programs: readonly (readonly DraftStep[])[];
  answer: RouteAnswer;
}

/** Reads every handler of a process. */
export function tracingOf({ reading }: Started): Tracing {
  const apps = distinct(
    unique(reading.claims.flatMap((it) => (it.kind === 'route' ? [it.app] : []))).map((app) => ({ app, reach: routesOf(app) })),
    ({ app, reach }) => [
      app.place,
      ...reach.routes.flatMap((it) => [it.method, it.path, it.place, ...[...it.handlers, ...it.fields.map((field) => field.resolver)].map((handler) => codeOf(handler))]),
    ],
  ).map((it) => it.reach);
  const trace = (handlers: readonly Value[], args: readonly Value[]): DraftStep[] => withBatches(withoutRepeatedPuts(reading.trace(handlers, args)));
  const all: Trace<unknown>[] = [];
  const traced = <T>(run: () => T): Trace<T> => {
    const made = { run, last: reading.during(run) };
    all.push(made);
    return made;
  };
  const routes = apps.flatMap((app) => app.routes.map((route) => ({ route, it: traced(() => programmed(route, app, trace, reading.answer)) })));
  // A handler may start consumers too.
  const claims = [...reading.claims, ...routes.flatMap(({ it }) => it.last.claims)];
  const consumers = distinct(
    claims.filter((it): it is Consumption => it.kind === 'consumer'),
    ({ client: _, handler, ...said }) => [said, codeOf(handler)],
  ).map((it) => ({ it, steps: traced(() => trace([it.handler], [DATA, DATA])) }));
  const timers = claims.filter((it): it is Timer => it.kind === 'timer').map((it) => ({ it, steps: traced(() => trace([it.handler], [])) }));
  // Nobody asks before something has changed.
  let isWhole: boolean | undefined;
  const ready = (): void => {
    isWhole ??= reading.isIntact();
  };
  let redone = all.length;

  const redo = (changed: readonly ChangedFunction[]): boolean => {
    redone = 0;
    ready();
    if (!isWhole) return false;
    const touched = all.map(({ last }) => changed.some(({ f, around }) => last.ran.has(f) || around.some((it) => last.ran.has(it))));
    const first = touched.indexOf(true);
    if (first < 0) return true;
    for (const { last } of all.slice(first).reverse()) for (const it of [...last.log].reverse()) it.undo();
    let allBehind = false;
    for (const [at, it] of all.entries()) {
      if (at < first) continue;
      if (!touched[at] && !allBehind) {
        for (const write of it.last.log) write.redo();
        continue;
      }
      const before = it.last;
      it.last = reading.during(it.run);
      redone += 1;
      if ([...before.claims, ...it.last.claims].some(startsMore)) isWhole = false;
      if (isSameLog(before.log, it.last.log)) {
        // Those behind it hold what it left behind the first time.
        for (const write of [...it.last.log].reverse()) write.undo();
        for (const write of before.log) write.redo();
        it.last = { ...it.last, log: before.log };
      } else allBehind = true;
    }
    isWhole &&= reading.isIntact();
    return isWhole;
  };

  return {
    redo,
    ready,
    redone: () => redone,
    traced: () => ({
      apps,
      routes: routes.map(({ route, it }) => ({ route, ...it.last.result, ...besides(it.last.claims) })),
      consumers: consumers.map(({ it, steps }) => ({ it, steps: steps.last.result, claims: steps.last.claims })),
      timers: timers.map(({ it, steps }) => ({ it, steps: steps.last.result })),
      ofRoutes: routes.flatMap(({ it }) => it.last.claims),
      ofTimers: timers.flatMap(({ steps }) => steps.last.claims),
    }),
  };
}

/** What a handler claims of the requests that it takes. */
function besides(claims: readonly CodeClaim[]): Pick<Traced['routes'][number], 'pushedBy' | 'limits'> {
  const pushedBy = claims.find((it): it is Push => it.kind === 'pushed');
  return { ...(pushedBy && { pushedBy }), limits: claims.filter((it): it is Limiting => it.kind === 'limited') };
}

/** Whether a process would start otherwise. */
export function startHangsOn(changed: readonly ChangedFunction[], { reading }: Started): boolean {
  const { ran, looksInside } = reading.started();
  return changed.some(({ f, around }) => ran.has(f) || (looksInside && around.some((it) => ran.has(it))));
}

function programmed(
  route: Route,
  { library }: Reach,
  trace: (handlers: readonly Value[], args: readonly Value[]) => DraftStep[],
  answer: () => { isCached: boolean; asksWho: boolean; isForSome: boolean },
): Programmed {
  const programs =
    route.fields.length > 0
      ? route.fields.map((field) => trace([...route.handlers, field.resolver], [DATA, REQUEST, REQUEST]))
      : [trace(route.handlers, handlerArguments(undefined, route.place, route.isMounted ? undefined : route.method))];
  const { isCached, asksWho, isForSome } = answer();
  return { programs, answer: { kept: isCached || MARKS.has(library), asksWho: asksWho || isForSome } };
}

/** What a handler starts has programs of its own. */
const startsMore = (it: CodeClaim): boolean => it.kind === 'consumer' || it.kind === 'timer';

/** Whoever comes after finds the same: what has an identity of its own (a client, an object of a class) is another thing once it is made anew. */
const isSameLog = (a: readonly Write[], b: readonly Write[]): boolean =>
  a.length === b.length && a.every((it, at) => it.on === b[at]?.on && it.key === b[at]?.key && isSameValue(it.value, b[at]?.value));

const PLAIN: ReadonlySet<string> = new Set(['number', 'boolean', 'nothing', 'unknown', 'unset']);

const DEEPEST = 6;

function isSameValue(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  // An object may hold itself.
  if (depth > DEEPEST) return false;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || a instanceof Map || a instanceof Set) return isSameCollection(a, b, depth);
  const [x, y] = [a as Value, b as Value];
  if (x.t === 'object' && y.t === 'object')
    return isSame(x.made, y.made) && isSameValue(x.open ?? null, y.open ?? null, depth) && isSameCollection(x.props, y.props, depth) && isSameCollection(x.places, y.places, depth);
  if (x.t === 'list' && y.t === 'list') return x.open === y.open && isSameCollection(x.items, y.items, depth);
  return isPlain(a) && isPlain(b) && isSame(a, b);
}

function isSameCollection(a: object, b: object, depth: number): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((it, at) => isSameValue(it, b[at], depth + 1));
  if (a instanceof Set) return b instanceof Set && isSameCollection([...a], [...b], depth);
  return a instanceof Map && b instanceof Map && isSameCollection([...a.keys()], [...b.keys()], depth) && isSameCollection([...a.values()], [...b.values()], depth);
}

/** Nothing but words, numbers and places. */
function isPlain(it: unknown): boolean {
  if (typeof it !== 'object' || it === null) return typeof it !== 'function';
  const value = it as Value;
  if (value.t === 'text') return value.parts.every(isPlain);
  if (value.t === 'data') return !value.row && !value.hit;
  return PLAIN.has(value.t) || ('file' in it && 'line' in it);
}

/** Servers and consumers that code starts on several of its ways (as a primary, as a worker, alone) a process has once: what was made by the same lines and does the same is one. */
function distinct<T>(all: readonly T[], partsOf: (it: T) => readonly unknown[]): T[] {
  const found: { it: T; parts: readonly unknown[] }[] = [];
  for (const it of all) {
    const parts = partsOf(it);
    if (!found.some((other) => isSame(other.parts, parts))) found.push({ it, parts });
  }
  return found.map(({ it }) => it);
}

const DEEPEST_CODE = 3;

/** What runs, with what the calls around it were given for it, whoever it was made for; of what a library stands before, only its place tells. */
function codeOf(it: Value, depth = 0): unknown {
  if (it.t === 'text' || it.t === 'number') return textOf(it) ?? it.t;
  if (it.t !== 'function') return it.t;
  const parts: unknown[] = [it.scope.file, it.f];
  for (let at: Scope | null = it.scope; at?.parent && depth < DEEPEST_CODE; at = at.parent) for (const value of at.names.values()) parts.push(codeOf(value, depth + 1));
  return parts;
}

const unique = (all: readonly Resource[]): Resource[] => [...new Map(all.map((it) => [it.id, it])).values()];
