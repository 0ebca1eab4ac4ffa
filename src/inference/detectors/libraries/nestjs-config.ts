import { isCallable, object, propertyOf, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { libraryModule } from './nestjs/library-module.ts';
import { itemsIn } from './nestjs/tokens.ts';

interface Loaded extends Record<string, unknown> {
  /** Factories by namespace; those without one share the empty name. */
  all: { namespace: string; factory: Value; made?: Value }[];
}

/** @nestjs/config: loaded namespaces before variables, and a default last. */
export default {
  id: 'nestjs-config',
  packages: ['@nestjs/config'],
  call(it, run) {
    if (it.receiver) return onService(it, run);
    const service = (): Value => run.make('ConfigService', it.place);
    switch (it.name) {
      case 'registerAs':
        return namespaced(it);
      case 'ConfigModule.forRoot':
      case 'ConfigModule.forFeature':
      case 'ConfigModule.imported': {
        const factories = it.name.endsWith('forFeature') ? it.args.slice(0, 1) : itemsIn(it.args[0], 'load');
        for (const factory of factories) load(factory, run);
        const gives = factories.flatMap((factory) => {
          const key = textOf(propertyOfCallable(factory, 'KEY'));
          return key === undefined ? [] : [{ key, make: () => run.call(factory) }];
        });
        return libraryModule(it, run, { isGlobal: true, gives: [{ key: '@nestjs/config ConfigService', make: service }, ...gives] });
      }
      case 'ConfigService.injected':
      case 'ConfigService':
        return service();
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const loadedIn = (run: CodeRun): Loaded['all'] => run.shared<Loaded>('nestjs-config', () => ({ all: [] })).all;
const propertyOfCallable = (it: Value, name: string): Value | undefined => (it.t === 'function' ? it.props.get(name) : undefined);

/** The factory itself, with the token under which its values are injected. */
function namespaced(it: LibraryCall): Value {
  const [name, factory] = it.args;
  if (factory?.t !== 'function') return factory ?? UNKNOWN;
  const namespace = textOf(name) ?? '';
  return { ...factory, props: new Map([...factory.props, ['KEY', text(`configuration ${namespace}`)], ['namespace', text(namespace)]]) };
}

function load(factory: Value, run: CodeRun): void {
  if (!isCallable(factory)) return;
  loadedIn(run).push({ namespace: textOf(propertyOfCallable(factory, 'namespace')) ?? '', factory });
}

function onService(it: LibraryCall, run: CodeRun): Value {
  if (it.name !== 'get' && it.name !== 'getOrThrow') return UNKNOWN;
  const [path, fallback] = it.args;
  const name = textOf(path);
  if (name === undefined) return UNKNOWN;
  const loaded = fromLoaded(name.split('.'), run);
  if (loaded) return loaded;
  const said = run.env(name);
  if (said) return text(said.value, said.place);
  const isOptions = fallback?.t === 'object' && fallback.props.has('infer');
  if (fallback && fallback.t !== 'nothing' && !isOptions) return fallback.t === 'text' && isVariable(name) ? { ...fallback, unlessSet: fallback.unlessSet ?? name } : fallback;
  return isVariable(name) ? { t: 'unset', name } : UNKNOWN;
}

const isVariable = (name: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(name);

function fromLoaded(parts: readonly string[], run: CodeRun): Value | undefined {
  for (const it of loadedIn(run)) {
    const rest = it.namespace === '' ? parts : it.namespace === parts[0] ? parts.slice(1) : undefined;
    if (!rest) continue;
    it.made ??= run.call(it.factory);
    let at: Value = it.made ?? object();
    for (const part of rest) at = propertyOf(at, part) ?? (at.t === 'environment' ? run.property(at, part) : UNKNOWN);
    if (at.t !== 'unknown') return at;
  }
  return undefined;
}
