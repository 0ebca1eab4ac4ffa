import { isCallable, NOTHING, object, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { decoratorsNamed, keyOf } from './nestjs/tokens.ts';

/** What a program has told its container, and what came of it: one of each, as containers of services keep them. */
interface Known {
  told: Map<string, () => Value>;
  made: Map<string, Value>;
}

/** Since version 7 a module of inversify gets an object with `bind`, before that the function itself. */
const BIND_IN_OPTIONS = 7;

/**
 * Containers that make the objects behind handlers: typedi, tsyringe, inversify.
 * Classes are made when they are asked for, with what decorators and types of their constructor name; other tokens are what the program set.
 */
export default {
  id: 'injection',
  packages: ['typedi', 'tsyringe', 'inversify'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    if (it.receiver?.type === 'Binding') return bound(it, name, run);
    switch (name) {
      case 'Inject':
      case 'inject':
        return run.make('Decorator', it.place, { name: 'Inject', args: it.args });
      case 'Token':
        return run.make('Token', it.place, { key: `token ${it.place.file}:${it.place.line}:${textOf(it.args[0]) ?? ''}` });
      case 'Container':
        return it.isNew ? run.make('Container', it.place) : UNKNOWN;
      case 'ContainerModule': {
        const bind: Value = { t: 'native', call: ([token], place) => run.make('Binding', place, { token }) };
        const given = (run.major('inversify') ?? BIND_IN_OPTIONS) >= BIND_IN_OPTIONS ? object([['bind', bind]]) : bind;
        if (isCallable(it.args[0])) run.call(it.args[0], [given]);
        return UNKNOWN;
      }
      default:
        return onContainer(it, name, run);
    }
  },
} satisfies LibraryDetector;

function onContainer(it: LibraryCall, name: string, run: CodeRun): Value {
  const [first, second] = it.args;
  switch (name) {
    case 'get':
    case 'getAsync':
    case 'resolve':
      return found(first ?? UNKNOWN, it, run);
    case 'bind':
      return run.make('Binding', it.place, { token: first });
    case 'set':
      // typedi takes `set(token, value)`, `set({ id, value })` and a list of these.
      for (const one of first?.t === 'list' ? first.items : [first]) tell(propertyOf(one, 'id') ?? one, second ?? one, it, run);
      return UNKNOWN;
    case 'register':
      tell(first, second, it, run);
      return UNKNOWN;
    case 'registerInstance':
      if (second) tell(first, object([['value', second]]), it, run);
      return UNKNOWN;
    case 'registerSingleton':
      if (second) tell(first, object([['type', second]]), it, run);
      return UNKNOWN;
    default:
      // `Container.of('request')`, `container.createChildContainer()`: what a child lacks it asks of its parent.
      return /^(of|createChildContainer|createChild)$/.test(name) ? run.make('Container', it.place) : UNKNOWN;
  }
}

/** `bind(token).to(Class)` and its kin of inversify; what follows says how long the object lives. */
function bound(it: LibraryCall, name: string, run: CodeRun): Value {
  const token = it.receiver?.data.token as Value | undefined;
  const [first] = it.args;
  if (name === 'toSelf' && token) tell(token, object([['type', token]]), it, run);
  if (name === 'to' && first) tell(token, object([['type', first]]), it, run);
  if (name === 'toConstantValue' && first) tell(token, object([['value', first]]), it, run);
  if (name === 'toService' && first) tell(token, object([['useToken', first]]), it, run);
  if (/^to(DynamicValue|Factory|Provider)$/.test(name) && first) tell(token, object([['factory', first]]), it, run);
  return it.receiver ?? UNKNOWN;
}

const knownTo = (run: CodeRun): Known => run.shared<Known & Record<string, unknown>>('injection', () => ({ told: new Map(), made: new Map() }));

/** Notes what a token stands for: a value, a class, a function that makes it, or another token, under the names of all three libraries. */
function tell(token: Value | undefined, by: Value | undefined, it: LibraryCall, run: CodeRun): void {
  const key = keyOf(token, run);
  if (key === undefined) return;
  const part = (...names: readonly string[]): Value | undefined => names.map((name) => propertyOf(by, name)).find((one) => one !== undefined);
  const type = part('type', 'useClass');
  const other = part('useToken');
  const factory = part('factory', 'useFactory');
  const value = part('value', 'useValue') ?? by ?? NOTHING;
  const known = knownTo(run);
  known.made.delete(key);
  known.told.set(key, () => (type ? made(type, it, run) : other ? found(other, it, run) : factory ? run.call(factory, [UNKNOWN]) : value));
}

/** What a container gives for a token; what nobody told it and is no class is load that is not known. */
function found(given: Value, it: LibraryCall, run: CodeRun): Value {
  const key = keyOf(given, run);
  const known = knownTo(run);
  const before = key === undefined ? undefined : known.made.get(key);
  if (before) return before;
  const told = key === undefined ? undefined : known.told.get(key);
  if (told && key !== undefined) {
    // Whoever asks for it while it is being made gets nothing.
    known.made.set(key, UNKNOWN);
    const value = told();
    known.made.set(key, value);
    return value;
  }
  if (given.t === 'class') return made(given, it, run);
  if (run.isTracing()) run.record({ kind: 'unread', package: it.package, place: it.place });
  return UNKNOWN;
}

/** The object of a class, with what its constructor and its decorated fields ask for. */
function made(of: Value, it: LibraryCall, run: CodeRun): Value {
  if (of.t !== 'class') return UNKNOWN;
  const key = keyOf(of, run) ?? '';
  const known = knownTo(run);
  const before = known.made.get(key);
  if (before?.t === 'instance') return before;
  const value = { t: 'instance' as const, of, props: new Map<string, Value>() };
  known.made.set(key, value);
  const { parameters, members } = run.inspect(of);
  const wanted = (decorators: readonly Value[], type: Value): Value | undefined => {
    const [inject] = decoratorsNamed(decorators, 'Inject');
    const [token] = inject?.args ?? [];
    // A class of a library is there where somebody gave it.
    const isTold = type.t === 'package' && known.told.has(keyOf(type, run) ?? '');
    // `@Inject(() => Mailer)`: the class that is not there yet when the decorator runs.
    return isCallable(token) ? run.call(token) : (token ?? (inject || type.t === 'class' || isTold ? type : undefined));
  };
  const given = (token: Value | undefined): Value => (token ? found(token, it, run) : UNKNOWN);
  const args = parameters.map(({ decorators, type }) => given(wanted(decorators, type)));
  run.apart(() => run.construct(of, args, it.place, value));
  for (const { name, kind, decorators, type } of members)
    if (kind === 'field' && decoratorsNamed(decorators, 'Inject').length > 0) value.props.set(name, given(wanted(decorators, type)));
  return value;
}
