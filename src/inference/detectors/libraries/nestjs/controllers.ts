import { type ClassValue, DATA, isCallable, NOTHING, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { Decorated } from '../../../code/decorators.ts';
import type { CodeRun, DraftStep } from '../../../detector.ts';
import type { Application, Made } from './application.ts';
import type { Enhancer, ModuleNode } from './container.ts';
import { type DecoratorData, decoratorsNamed, itemsOf } from './tokens.ts';
import { letsSomePass } from './who-passes.ts';

const VERBS: Record<string, string> = { Get: 'get', Post: 'post', Put: 'put', Patch: 'patch', Delete: 'delete', Head: 'head', All: 'all', Sse: 'get', Options: 'options' };

export const joined = (...parts: readonly string[]): string =>
  parts
    .flatMap((it) => it.split('/'))
    .filter(Boolean)
    .join('/');

/** Puts the routes of a controller on the application. */
export function mountController(app: Application, { of, value, node }: Made, run: CodeRun): void {
  const said = decoratorsNamed(of.decorators ?? [], 'Controller')[0];
  if (!said) return;
  const options = said.args[0];
  const bases = pathsIn(controllerPath(of.decorators ?? []));
  const ofClass = versionsOf(options?.t === 'object' ? propertyOf(options, 'version') : undefined) ?? versionsOf(decoratorsNamed(of.decorators ?? [], 'Version')[0]?.args[0]);
  for (const member of run.inspect(of).members) {
    const route = routeIn(member);
    if (!route || member.kind !== 'method') continue;
    const verb = route.data as unknown as DecoratorData;
    const versions =
      versionsOf(decoratorsNamed(member.decorators, 'Version')[0]?.args[0]) ?? ofClass ?? (app.versions?.initial === undefined ? [undefined] : [app.versions.initial]);
    const handlers = handlersOf(app, { of, value, node, isController: true }, member, run);
    for (const base of bases)
      for (const own of pathsIn(verb.args[0]))
        for (const version of versions) {
          const below = joined(node.prefix, base, own);
          const versioned = app.versions && version !== undefined && version !== '' ? joined(app.versions.prefix + version, below) : below;
          const path = isUnprefixed(below, app) ? versioned : joined(app.prefix, versioned);
          app.mounted.push({ path, method: VERBS[verb.name] ?? 'get', handlers, place: route.place });
        }
  }
}

/** Paths below which the routes of a controller lie, before prefixes and versions. */
export const basesOf = (of: ClassValue): string[] => pathsIn(controllerPath(of.decorators ?? []));

const controllerPath = (decorators: readonly Value[]): Value | undefined => {
  const options = decoratorsNamed(decorators, 'Controller')[0]?.args[0];
  return options?.t === 'object' ? propertyOf(options, 'path') : options;
};

/** The decorator that makes a route of a method. */
const routeIn = (member: Decorated): Resource | undefined =>
  member.decorators.find((it): it is Resource => it.t === 'resource' && it.type === 'Decorator' && VERBS[String(it.data.name)] !== undefined);
const routeOf = (member: Decorated): DecoratorData | undefined => routeIn(member)?.data as DecoratorData | undefined;

const pathsIn = (it: Value | undefined): string[] => {
  if (it?.t === 'object') return pathsIn(propertyOf(it, 'path'));
  const all = itemsOf(it).map((one) => textOf(one) ?? (one.t === 'nothing' ? '' : '*'));
  return all.length > 0 ? all : [''];
};

/** A neutral version (`VERSION_NEUTRAL`) stands for no version. */
function versionsOf(it: Value | undefined): (string | undefined)[] | undefined {
  if (!it || it.t === 'nothing') return undefined;
  return itemsOf(it).map((one) => textOf(one));
}

function isUnprefixed(path: string, app: Application): boolean {
  return itemsOf(app.unprefixed).some((it) => joined(textOf(propertyOf(it, 'path') ?? it) ?? '*') === path);
}

/** Guards, then the method inside its interceptors: the handlers of a route. `runs`: which of them stand before it at all. */
export function handlersOf(app: Application, made: Made, member: Decorated, run: CodeRun, runs: (kind: Enhancer['kind']) => boolean = () => true): Value[] {
  const context = contextOf(made, member, run);
  const all = enhancersOf(app, made, member).filter((it) => runs(it.kind));
  const guards = all
    .filter((it) => it.kind === 'guard')
    .flatMap(({ value }) => enhance(value, 'canActivate', app, made.node, run).map((look) => ({ look, isForSome: letsSomePass(value) })));
  const interceptors = all.filter((it) => it.kind === 'interceptor').flatMap((it) => enhance(it.value, 'intercept', app, made.node, run));
  const method = run.property(made.value, member.name);
  if (!isCallable(method)) return [UNKNOWN];
  const rests = interceptors.map(() => run.make('CallHandler', context.place, {}));
  const main: Value = {
    t: 'native',
    call: (args) => {
      context.data.response = args[1];
      const work = (): Value => run.call(method, argumentsOf(member, args, app, made.node, run), made.value);
      const own = interceptors.length > 0 ? once(work, run) : work;
      const through = interceptors.reduceRight<() => Value>(
        (inner, interceptor, at) => () => {
          let isCalled = false;
          const rest = rests[at] as Resource;
          rest.data.rest = {
            t: 'native',
            call: () => {
              isCalled = true;
              run.goesOn();
              return inner();
            },
          } satisfies Value;
          const result = interceptor([context, rest]);
          // An interceptor that can't be followed passes on what it gets.
          return isCalled ? result : inner();
        },
        own,
      );
      return through();
    },
  };
  const before = guards.map(
    ({ look, isForSome }): Value => ({
      t: 'native',
      call: (args) => {
        context.data.response = args[1];
        const result = guarded(context, () => look([context]), run);
        if (isForSome) run.servesSome();
        return result;
      },
    }),
  );
  const limiters = all.flatMap((it) => (it.kind === 'guard' ? limiterOf(it.value, member, made, run) : []));
  return [...limiters, ...before, main];
}

/** While a guard looks: what it finds written at the route is what it asks for, and what it asks of a store decides who is let in. */
function guarded(context: Resource, look: () => Value, run: CodeRun): Value {
  const parts = [context.data.handler, context.data.class] as Resource[];
  for (const it of parts) it.data.isGuarded = true;
  const asked = run.recorded().length;
  const result = look();
  for (const it of parts) it.data.isGuarded = false;
  for (const step of run.recorded().slice(asked)) if (step.kind === 'query') step.admits = true;
  return result;
}

/** An interceptor asks for the rest in each of its branches: it is read once, and its steps stand in all of them. */
function once(work: () => Value, run: CodeRun): () => Value {
  let steps: DraftStep[] | undefined;
  return () => {
    if (steps) {
      for (const step of steps) run.record(copyOf(step));
      return DATA;
    }
    let result: Value = DATA;
    steps = run.apart(() => {
      result = work();
    });
    for (const step of steps) run.record(copyOf(step));
    return result;
  };
}

/** A copy whose parts may be marked apart from the original's. */
function copyOf(it: DraftStep): DraftStep {
  if (it.kind === 'hold' || it.kind === 'loop' || it.kind === 'thread') return { ...it, steps: it.steps.map(copyOf) };
  if (it.kind === 'cache') return { ...it, onMiss: it.onMiss.map(copyOf) };
  if (it.kind === 'parallel') return { ...it, branches: it.branches.map((branch) => branch.map(copyOf)) };
  return it.kind === 'branch' ? { ...it, taken: it.taken.map(copyOf), otherwise: it.otherwise.map(copyOf) } : { ...it };
}

/** A guard of a library may limit: it then stands before the route as a limiter. */
function limiterOf(guard: Value, member: Decorated, made: Made, run: CodeRun): Value[] {
  const parent = guard.t === 'instance' ? guard.of.parent : guard.t === 'class' ? guard.parent : guard;
  if (parent?.t !== 'package' || parent.path.at(-1) !== 'ThrottlerGuard') return [];
  return [...itemsOf(run.use(parent.name, 'ThrottlerGuard.limits', [...(made.of.decorators ?? []), ...member.decorators], { file: '', line: 0 }))];
}

function contextOf(made: Made, member: Decorated, run: CodeRun): Resource {
  const place = made.of.decorators?.find((it) => it.t === 'resource')?.place as Resource['place'];
  const handler = run.make('Handler', place, { metadata: metadataOf(member.decorators) });
  const ofClass = run.make('Handler', place, { metadata: metadataOf(made.of.decorators ?? []) });
  const route = routeOf(member);
  const path = joined(pathsIn(controllerPath(made.of.decorators ?? []))[0] ?? '', pathsIn(route?.args[0])[0] ?? '');
  return run.make('Context', place, { handler, class: ofClass, ...(route && { method: VERBS[route.name], path }) });
}

function metadataOf(decorators: readonly Value[]): Map<string, Value> {
  return new Map(
    decoratorsNamed(decorators, 'SetMetadata').flatMap((it): [string, Value][] => {
      const key = textOf(it.args[0]);
      return key === undefined ? [] : [[key, it.args[1] ?? NOTHING]];
    }),
  );
}

/** Global ones first, then those of the class, then those of the method. */
function enhancersOf(app: Application, made: Made, member: Decorated): Enhancer[] {
  const named = (name: string, kind: Enhancer['kind']): Enhancer[] =>
    [made.of.decorators ?? [], member.decorators].flatMap((all) => decoratorsNamed(all, name).flatMap((it) => it.args.map((value) => ({ kind, value }))));
  return [...app.enhancers, ...named('UseGuards', 'guard'), ...named('UseInterceptors', 'interceptor')];
}

/** The method of a guard or interceptor, given by its class or as an object. */
function enhance(given: Value, method: string, app: Application, node: ModuleNode, run: CodeRun): ((args: readonly Value[]) => Value)[] {
  const self =
    given.t === 'class'
      ? app.container.instantiate(given, node)
      : given.t === 'package'
        ? run.use(given.name, `${given.path.join('.')}.injected`, [], { file: '', line: 0 })
        : given;
  const found = self.t === 'instance' || self.t === 'resource' ? run.property(self, method) : undefined;
  return isCallable(found) ? [(args) => run.call(found, args, self)] : [];
}

/** What Nest passes to a method: the response where it is asked for, else something of the request, through its pipes. */
function argumentsOf(member: Decorated, given: readonly Value[], app: Application, node: ModuleNode, run: CodeRun): Value[] {
  const namesOf = (decorators: readonly Value[]): DecoratorData[] => decorators.flatMap((it) => (it.t === 'resource' && it.type === 'Decorator' ? [it.data as DecoratorData] : []));
  const takesParent = (names: readonly DecoratorData[]): boolean => names.some((it) => it.name === 'Parent' || it.name === 'Root');
  // Beside the object whose field it is, whatever else a resolver takes comes with the request.
  const hasParent = member.parameters.some((it) => takesParent(namesOf(it.decorators)));
  return member.parameters.map(({ decorators }) => {
    const names = namesOf(decorators);
    if (names.some((it) => it.name === 'Res' || it.name === 'Response')) return given[1] ?? UNKNOWN;
    if (names.some((it) => it.name === 'Next')) return given[2] ?? UNKNOWN;
    let value: Value = given[0]?.t !== 'data' ? REQUEST : hasParent && !takesParent(names) ? DATA : given[0];
    for (const pipe of names.flatMap((it) => it.args.slice(1)))
      for (const transform of enhance(pipe, 'transform', app, node, run)) {
        const made = transform([value, UNKNOWN]);
        value = made.t === 'unknown' || made.t === 'nothing' ? DATA : made;
      }
    return value;
  });
}
