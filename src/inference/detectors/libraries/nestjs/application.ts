import { type ClassValue, isCallable, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../../detector.ts';
import type { Mounted } from '../express.ts';
import { callHook, Container, type Enhancer, type ModuleNode } from './container.ts';
import { basesOf, joined, mountController } from './controllers.ts';
import { itemsOf } from './tokens.ts';

/** Middleware as a module's `configure` says it. */
export interface Middleware {
  uses: readonly Value[];
  routes: readonly Value[];
  place: Resource['place'];
}

/** One application that is being put together; what is set after `create` counts until it starts. */
export interface Application extends Record<string, unknown> {
  container: Container;
  root: ModuleNode;
  prefix: string;
  unprefixed: Value | undefined;
  versions: { prefix: string; initial?: string } | undefined;
  enhancers: Enhancer[];
  mounted: Mounted[];
  /** It answers requests over HTTP. */
  serves: boolean;
  isStarted: boolean;
  place: Resource['place'];
  /** Options of the microservices that hang on it. */
  transports: Value[];
}

/** What was made of a class that a module provides. */
export interface Made {
  value: Value;
  of: ClassValue;
  node: ModuleNode;
  isController: boolean;
}

/** Reads what the objects of an application do besides answering HTTP: consume, tick, resolve fields. */
export type Explorer = (app: Application, made: readonly Made[], run: CodeRun, place: Resource['place']) => void;

const explorersIn = (run: CodeRun) => run.shared<{ all: { explorer: Explorer; explore: Explorer }[] }>('nestjs explorers', () => ({ all: [] }));

/** Has every application that starts from here on looked through by a library's explorer, once. */
export function exploreWith(run: CodeRun, explorer: Explorer): void {
  const { all } = explorersIn(run);
  if (all.some((it) => it.explorer === explorer)) return;
  all.push({ explorer, explore: run.keep(explorer) });
}

export function createApplication(it: LibraryCall, how: string, run: CodeRun): Value {
  const container = new Container(run, it.place);
  const mounted: Mounted[] = [];
  const root = (it.args[0] && container.add(it.args[0])) ?? { imports: [], providers: new Map(), controllers: [], isGlobal: false, prefix: '' };
  const app: Application = {
    container,
    root,
    prefix: '',
    unprefixed: undefined,
    versions: undefined,
    enhancers: [],
    mounted,
    serves: how === 'create',
    isStarted: false,
    place: it.place,
    transports: how === 'createMicroservice' ? [it.args[1] ?? UNKNOWN] : [],
  };
  run.shared<{ last?: Application }>('nestjs', () => ({})).last = app;
  app.made = container.makeAll();
  const made = run.make('App', it.place, { app, mounted });
  if (how === 'createApplicationContext') startApplication(made, app, run);
  // `new ExpressAdapter(server)`: whoever hands out the server hands out what is mounted on it.
  const adapter = it.args[1]?.t === 'resource' && it.args[1].type === 'HttpAdapter' ? (it.args[1].data.inner as Value | undefined) : undefined;
  if (adapter?.t === 'resource' && Array.isArray(adapter.data.mounted)) (adapter.data.mounted as Mounted[]).push({ path: '', method: null, handlers: [made], place: it.place });
  return made;
}

/** Hooks, middleware and routes, in Nest's order. Later calls do nothing. */
export function startApplication(of: Resource, app: Application, run: CodeRun): void {
  if (app.isStarted) return;
  app.isStarted = true;
  const made = app.made as readonly Made[];
  const all = new Set(made.map((it) => it.value));
  for (const it of all) callHook(run, it, 'onModuleInit');
  addMiddleware(app, made, run, of.place);
  app.enhancers.push(...app.container.enhancers.map((it) => it()));
  for (const it of made) if (it.isController) mountController(app, it, run);
  for (const { explore } of explorersIn(run).all) explore(app, made, run, of.place);
  for (const it of all) callHook(run, it, 'onApplicationBootstrap');
}

function addMiddleware(app: Application, made: readonly Made[], run: CodeRun, place: Resource['place']): void {
  for (const it of made) {
    if (it.value !== it.node.instance) continue;
    const all: Middleware[] = [];
    callHook(run, it.value, 'configure', [run.make('Consumer', place, { all })]);
    for (const one of all)
      for (const { path, method } of one.routes.flatMap(itemsOf).flatMap((route) => placesOf(route, app)))
        app.mounted.push({
          path,
          method: null,
          handlers: one.uses.map((use) => asHandler(use, app, it.node, run)),
          runsBefore: method ?? 'ALL',
          place: one.place,
        });
  }
}

/** A class with `use`, made like a provider, or a plain function. */
function asHandler(use: Value, app: Application, node: ModuleNode, run: CodeRun): Value {
  if (use.t !== 'class') return use;
  const self = app.container.instantiate(use, node);
  const method = run.property(self, 'use');
  return isCallable(method) ? { t: 'native', call: (args) => run.call(method, args, self) } : UNKNOWN;
}

/** Where middleware stands: below a path, or before the routes of a controller; wildcards are taken as everywhere below. */
function placesOf(route: Value, app: Application): { path: string; method?: string }[] {
  if (route.t === 'class') return app.versions ? [{ path: '' }] : basesOf(route).map((base) => ({ path: joined(app.prefix, base) }));
  const path = textOf(propertyOf(route, 'path') ?? route);
  const said = propertyOf(route, 'method');
  const method = said?.t === 'package' ? said.path.at(-1) : undefined;
  const below = path === undefined ? '' : joined(path.replace(/[({]?\*.*$/, ''));
  return [{ path: below === '' ? '' : joined(app.prefix, below), ...(method && method !== 'ALL' && { method }) }];
}
