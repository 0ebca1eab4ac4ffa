import { type ClassValue, isCallable, NOTHING, propertyOf, type Resource, truth, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun } from '../../../detector.ts';
import { type DecoratorData, decoratorsNamed, itemsIn, itemsOf, keyOf } from './tokens.ts';

type Place = Resource['place'];

/** What a library's module gives to whoever imports it. */
export interface LibraryModule extends Record<string, unknown> {
  imports?: Value;
  isGlobal?: boolean;
  gives: readonly { key: string; make(inject: (token: Value) => Value): Value }[];
}

interface Provider {
  key: string;
  /** The class behind it, where there is one: its decorators may make it a consumer, a timer, a resolver. */
  of?: ClassValue;
  make(): Value;
  made?: Value;
}

export interface ModuleNode {
  imports: ModuleNode[];
  providers: Map<string, Provider>;
  controllers: ClassValue[];
  instance?: Value;
  of?: ClassValue;
  isGlobal: boolean;
  prefix: string;
  /** Where modules name it among what they import, by module. */
  mentions?: Map<ModuleNode, Place>;
}

/** Guards and the like that hang on the whole application by token. */
export interface Enhancer {
  kind: 'guard' | 'interceptor' | 'pipe' | 'filter';
  value: Value;
}

const ENHANCERS: Record<string, Enhancer['kind']> = { APP_GUARD: 'guard', APP_INTERCEPTOR: 'interceptor', APP_PIPE: 'pipe', APP_FILTER: 'filter' };

/** Modules, providers and what they inject, as Nest would put them together. Everything is made once; cycles get the object that is still being made. */
export class Container {
  readonly modules = new Map<string, ModuleNode>();
  readonly enhancers: (() => Enhancer)[] = [];
  private readonly run: CodeRun;
  private readonly place: Place;

  constructor(run: CodeRun, place: Place) {
    this.run = run;
    this.place = place;
  }

  /** Adds a module and everything that it imports. */
  add(given: Value): ModuleNode | undefined {
    const it = given.t === 'resource' && given.type === 'ForwardRef' ? this.run.call(given.data.to as Value) : given;
    if (it.t === 'class') return this.addOurs(it, undefined);
    if (it.t === 'object') {
      const of = propertyOf(it, 'module');
      return of?.t === 'class' ? this.addOurs(of, it) : undefined;
    }
    if (it.t === 'package') {
      const made = this.run.use(it.name, `${it.path.join('.')}.imported`, [], this.place);
      return made.t === 'resource' && made.type === 'NestModule' ? this.addLibrary(made) : undefined;
    }
    return it.t === 'resource' && it.type === 'NestModule' ? this.addLibrary(it) : undefined;
  }

  private addOurs(of: ClassValue, dynamic: Value | undefined): ModuleNode {
    const key = `${keyOf(of, this.run)}${dynamic ? ` ${this.modules.size}` : ''}`;
    const before = dynamic ? undefined : this.modules.get(key);
    if (before) return before;
    const said = decoratorsNamed(of.decorators ?? [], 'Module')[0]?.args[0];
    const isGlobal = decoratorsNamed(of.decorators ?? [], 'Global').length > 0 || truth(propertyOf(dynamic, 'global') ?? NOTHING) === true;
    const node: ModuleNode = { imports: [], providers: new Map(), controllers: [], of, isGlobal, prefix: '' };
    this.modules.set(key, node);
    for (const options of [said, dynamic]) {
      for (const it of itemsIn(options, 'imports')) {
        const imported = this.add(it);
        if (!imported) continue;
        node.imports.push(imported);
        const list = propertyOf(options, 'imports');
        const at = list?.t === 'list' ? list.mentions?.get(it) : undefined;
        if (at) (imported.mentions ??= new Map()).set(node, at);
      }
      for (const it of itemsIn(options, 'exports')) this.addExported(it, node);
      for (const it of itemsIn(options, 'providers')) this.provide(it, node);
      for (const it of itemsIn(options, 'controllers')) if (it.t === 'class') node.controllers.push(it);
    }
    return node;
  }

  /** A module that is only exported was imported before; a dynamic one counts as the same. */
  private addExported(it: Value, node: ModuleNode): void {
    if (it.t === 'resource' && it.type === 'NestModule') {
      const imported = this.add(it);
      if (imported && !node.imports.includes(imported)) node.imports.push(imported);
    }
  }

  private addLibrary(it: Resource): ModuleNode {
    const key = `library ${it.id}`;
    const before = this.modules.get(key);
    if (before) return before;
    const { imports, isGlobal = false, gives } = it.data as unknown as LibraryModule;
    const node: ModuleNode = { imports: [], providers: new Map(), controllers: [], isGlobal, prefix: '' };
    this.modules.set(key, node);
    for (const one of itemsOf(imports)) {
      const imported = this.add(one);
      if (imported) node.imports.push(imported);
    }
    for (const one of gives) node.providers.set(one.key, { key: one.key, make: () => one.make((token) => this.inject(token, node)) });
    return node;
  }

  private provide(it: Value, node: ModuleNode): void {
    if (it.t === 'class') {
      const key = keyOf(it, this.run);
      if (key) node.providers.set(key, { key, of: it, make: () => UNKNOWN });
      return;
    }
    if (it.t !== 'object') return;
    const provide = propertyOf(it, 'provide');
    const of = propertyOf(it, 'useClass');
    const value = propertyOf(it, 'useValue');
    const factory = propertyOf(it, 'useFactory');
    const existing = propertyOf(it, 'useExisting');
    const key = keyOf(provide, this.run);
    const kind = provide?.t === 'package' ? ENHANCERS[provide.path.at(-1) ?? ''] : undefined;
    const id = kind ? `${key} ${this.enhancers.length}` : key;
    if (id === undefined) return;
    const provider: Provider = {
      key: id,
      ...(of?.t === 'class' && { of }),
      make: () => {
        if (value) return value;
        if (factory)
          return this.run.call(
            factory,
            itemsIn(it, 'inject').map((one) => this.inject(propertyOf(one, 'token') ?? one, node)),
          );
        if (existing) return this.inject(existing, node);
        return of ?? UNKNOWN;
      },
    };
    node.providers.set(id, provider);
    if (kind) this.enhancers.push(() => ({ kind, value: this.get(provider, node) }));
  }

  /** The object behind a provider, made on first use. */
  private get(it: Provider, node: ModuleNode): Value {
    if (it.made) return it.made;
    if (it.of) {
      const made: Value = { t: 'instance', of: it.of, props: new Map() };
      it.made = made;
      this.fill(made, node);
      return made;
    }
    it.made = UNKNOWN;
    it.made = it.make();
    return it.made;
  }

  /** An object of a class that no module provides: a guard named by its class, or a controller. */
  instantiate(of: ClassValue, node: ModuleNode): Value {
    const known = this.find(keyOf(of, this.run) ?? '', node);
    if (known) return known;
    const made: Value = { t: 'instance', of, props: new Map() };
    this.fill(made, node);
    return made;
  }

  private fill(made: Extract<Value, { t: 'instance' }>, node: ModuleNode): void {
    const { parameters, members } = this.run.inspect(made.of);
    const args = parameters.map((it) => this.inject(tokenOf(it.decorators) ?? it.type, node));
    // Fields are injected after the constructor ran, but cycles may look at them before.
    this.run.construct(made.of, args, this.place, made);
    for (const it of members) {
      if (it.kind !== 'field') continue;
      const token = tokenOf(it.decorators) ?? (decoratorsNamed(it.decorators, 'Inject').length > 0 ? it.type : undefined);
      if (token) made.props.set(it.name, this.inject(token, node));
    }
  }

  /** What a constructor gets for a token; unknown where no module provides it. */
  inject(given: Value, node: ModuleNode): Value {
    const it = given.t === 'resource' && given.type === 'ForwardRef' ? this.run.call(given.data.to as Value) : given;
    if (it.t === 'resource' && it.type === 'Injected') return it.data.value as Value;
    const key = keyOf(it, this.run);
    if (key === undefined) return UNKNOWN;
    const found = this.find(key, node);
    if (found) return found;
    // Reflector, ModuleRef, ConfigService and the like need no module of ours.
    if (it.t === 'package') return this.run.use(it.name, `${it.path.join('.')}.injected`, [], this.place);
    return this.run.make('Missing', this.place, {});
  }

  /** The nearest provider: of the module, of what it imports, of a global module, then of any. */
  private find(key: string, node: ModuleNode): Value | undefined {
    const seen = new Set<ModuleNode>();
    const waiting = [node];
    for (let at = waiting.shift(); at; at = waiting.shift()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const own = at.providers.get(key);
      if (own) return this.get(own, at);
      waiting.push(...at.imports);
    }
    const rest = [...this.modules.values()].filter((it) => !seen.has(it));
    const other = rest.find((it) => it.isGlobal && it.providers.has(key)) ?? rest.find((it) => it.providers.has(key));
    const provider = other?.providers.get(key);
    return provider && other && this.get(provider, other);
  }

  /** Makes everything, and says what was made of which class. */
  makeAll(): { value: Value; of: ClassValue; node: ModuleNode; isController: boolean }[] {
    const made: { value: Value; of: ClassValue; node: ModuleNode; isController: boolean }[] = [];
    for (const node of [...this.modules.values()])
      for (const provider of [...node.providers.values()]) {
        const value = this.get(provider, node);
        if (provider.of) made.push({ value, of: provider.of, node, isController: false });
      }
    for (const node of [...this.modules.values()]) {
      for (const of of node.controllers) made.push({ value: this.instantiate(of, node), of, node, isController: true });
      if (!node.of) continue;
      node.instance = this.instantiate(node.of, node);
      made.push({ value: node.instance, of: node.of, node, isController: false });
    }
    return made;
  }
}

/** The token that a decorator names: `@Inject('X')`, `@InjectRepository(User)`. */
function tokenOf(decorators: readonly Value[]): Value | undefined {
  for (const it of decorators) {
    if (it.t !== 'resource' || it.type !== 'Decorator') continue;
    const { name, args } = it.data as DecoratorData;
    if (name === 'Inject' && args[0]) return args[0];
  }
  return undefined;
}

/** Calls a hook of an object, if it has one. */
export function callHook(run: CodeRun, of: Value, name: string, args: readonly Value[] = []): void {
  const hook = of.t === 'instance' ? run.property(of, name) : undefined;
  if (hook?.t === 'function' && isCallable(hook)) run.call(hook, args, of);
}
