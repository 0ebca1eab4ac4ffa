import type { Place } from '../../model/known.ts';
import type { DraftHold, LibraryCall } from '../detector.ts';
import { givenTo, LONG } from './barren.ts';
import { chunksOf, partsLists } from './chunkers.ts';
import { bindPattern, evaluate } from './evaluate.ts';
import { execute } from './execute.ts';
import { addTo, born, lose, setIn } from './heap.ts';
import { type Frame, goOn, joinHolds, loseHold, type Machine, unfailing } from './machine.ts';
import { keepClients, noteClients } from './made-clients.ts';
import { asking } from './origins.ts';
import { noteOptions } from './settings.ts';
import type { FunctionSyntax } from './syntax.ts';
import { type ClassValue, fromLibrary, isCallable, join, list, NOTHING, type Resource, type Scope, UNKNOWN, type Value } from './values.ts';

const DEEPEST = 48;
/** Functions that call one another in a circle unfold by powers: so many of them are read a second time at once. */
const MOST_REPEATED = 2;

/** Reads a function's body with its arguments bound; `site` is the call in code that does so. Recursion is cut at the second round. */
export function callFunction(m: Machine, it: Value | undefined, args: readonly Value[], self: Value | undefined, site?: Place): Value {
  if (it?.t === 'native') return it.call(args, { file: '', line: 0 });
  if (it?.t !== 'function' || m.frames.length > DEEPEST || m.fuel <= 0) return UNKNOWN;
  let again = 0;
  let repeated = 0;
  // By numbers: an iterator for each of some ten thousand calls costs more than what it is for.
  for (let at = 0; at < m.frames.length; at += 1) {
    const frame = m.frames[at] as Frame;
    if (frame.f === it.f) again += 1;
    if (frame.again) repeated += 1;
  }
  if (again > 1 || (again === 1 && repeated >= MOST_REPEATED)) return UNKNOWN;
  if ((m.barren.data.has(it.f) || m.barren.fields.has(it.f)) && isBarren(m, it, args)) return UNKNOWN;
  m.heap.ran.add(it.f);
  if (partsLists(it.f)) return chunksOf(args[0], args[1]);
  const scope: Scope = { names: new Map(), parent: it.scope, file: it.scope.file, epoch: m.heap.epoch };
  const { effects, fuel } = m;
  const given = inFrame(
    m,
    {
      self: it.f.isArrow ? it.self : (self ?? it.self),
      home: it.home,
      returned: undefined,
      depth: 0,
      f: it.f,
      again: again > 0,
      returns: [],
      scope,
      site: site && (m.sites.get(site) ?? site),
    },
    () => {
      bindParameters(m, it.f, args, scope, undefined);
      execute(m, it.f.body, scope);
    },
  );
  if (m.tracing > 0 && m.effects === effects && fuel - m.fuel > LONG) {
    const kind = givenTo(it, args);
    if (kind) addTo(m, m.barren[kind], it.f);
  }
  return given;
}

function isBarren(m: Machine, it: Extract<Value, { t: 'function' }>, args: readonly Value[]): boolean {
  const kind = givenTo(it, args);
  return kind !== undefined && m.barren[kind].has(it.f);
}

/** Makes an object of a class: parameters that are fields, other fields, then the constructor, parents first. */
export function construct(m: Machine, of: ClassValue, args: readonly Value[], place: Place, self?: Extract<Value, { t: 'instance' }>): Value {
  if (m.frames.length > DEEPEST) return UNKNOWN;
  const made = self ?? { t: 'instance' as const, of, props: new Map<string, Value>() };
  if (m.tracing > 0 && !self) m.fresh.add(made);
  if (self && self.props.size > 0) lose(m, self);
  else born(m, made);
  if (of.c.construct) m.heap.ran.add(of.c.construct);
  if (!of.c.construct && of.parent) constructParent(m, of.parent, args, place, made);
  inFrame(m, { self: made, home: of, returned: undefined, depth: 0, f: of.c, returns: [] }, () => {
    const scope: Scope = { names: new Map(), parent: of.scope, file: of.scope.file, epoch: m.heap.epoch };
    // Parameters that are fields are there before the other fields are made: these may use them.
    if (of.c.construct) bindParameters(m, of.c.construct, args, scope, made);
    for (const it of of.c.members) if (it.kind === 'field' && !it.isStatic && it.v) made.props.set(it.n, evaluate(m, it.v, of.scope));
    if (of.c.construct) execute(m, of.c.construct.body, scope);
  });
  return made;
}

/** Runs the constructor of what a class extends: a class of ours, or one of a library, whose object stands behind ours. */
export function constructParent(m: Machine, parent: Value, args: readonly Value[], place: Place, self: Extract<Value, { t: 'instance' }>): void {
  if (parent.t === 'class') construct(m, parent, args, place, self);
  if (parent.t === 'resource') self.base = parent;
  if (parent.t !== 'package') return;
  const base = callPackage(m, parent, args, place, true);
  // What a package that is not here does with a client that its class is given is what the client is for.
  const client = m.byPackage.has(parent.name) ? undefined : args.find((it): it is Resource => it.t === 'resource' && it.data.standsBehind === true);
  const made = client ? callResource(m, client, 'standBehind', [self], place) : base;
  if (made.t === 'resource') self.base = made;
}

/** A connection that the function took but neither gave back nor returned stays out for ever. */
function inFrame(m: Machine, frame: Frame, body: () => void): Value {
  const { sink, holds, optional } = m;
  m.frames.push(frame);
  m.optional = 0;
  body();
  m.optional = optional;
  m.frames.pop();
  if (frame.isForSomeHere) m.answer.isForSome = false;
  frame.returned ??= frame.optional;
  const handsOver = frame.returned?.t === 'resource' && m.holds.some((it) => !holds.includes(it) && it.hold === (frame.returned as Resource).data.hold);
  if (handsOver) return frame.returned ?? NOTHING;
  goOn(m, sink, holds);
  joinHolds(m, frame.returns);
  return frame.returned ?? NOTHING;
}

function bindParameters(m: Machine, f: FunctionSyntax, args: readonly Value[], scope: Scope, self: Extract<Value, { t: 'instance' }> | undefined): void {
  f.params.forEach((it, at) => {
    const given = it.rest ? list(args.slice(at)) : args[at];
    const isDefault = (given === undefined || given.t === 'nothing') && it.d !== undefined;
    const value = isDefault && it.d ? evaluate(m, it.d, scope) : (given ?? NOTHING);
    // What a default that was written here does not name is certainly absent.
    if (isDefault && value.t === 'object' && !value.open && it.p.k === 'object')
      for (const { key } of it.p.ps) if (key !== null && !value.props.has(key)) setIn(m, value, value.props, key, NOTHING);
    bindPattern(m, it.p, value, scope);
    if (it.field && it.p.k === 'bind') self?.props.set(it.p.n, value);
  });
}

/** What every object has (`toString`, `constructor`) is no library's own, and no key of its tables of methods. */
const EVERYBODYS: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A call into a package. What no detector knows gets its callbacks run, because they may hold work. */
export function callPackage(m: Machine, f: Extract<Value, { t: 'package' }>, args: readonly Value[], place: Place, isNew: boolean, onClass?: ClassValue): Value {
  if (EVERYBODYS.has(f.path.at(-1) ?? '')) return ofUnknownCode(m, args, undefined);
  const library = m.byPackage.get(f.name);
  noteOptions(m, f.name, args, place);
  const call: LibraryCall = { name: f.path.join('.'), package: f.name, isNew, args, place, ...(onClass && { onClass }) };
  const { length } = m.claims;
  const made = asking(m, args, place, undefined, () => library?.call(call, m.run));
  if (m.tracing > 0 && m.claims.length > length) noteClients(m, length, f, args, place);
  const given = made ?? ofUnknownCode(m, args, undefined);
  return m.tracing === 0 ? fromLibrary(given) : given;
}

export function callResource(m: Machine, of: Resource, method: string, args: readonly Value[], place: Place): Value {
  if (EVERYBODYS.has(method)) return ofUnknownCode(m, args, of);
  const library = m.byLibrary.get(of.library);
  noteOptions(m, String(of.data.library ?? of.library), args, place);
  const call: LibraryCall = { name: method, package: of.library, isNew: false, args, place, receiver: of };
  return asking(m, args, place, of, () => library?.call(call, m.run)) ?? ofUnknownCode(m, args, of);
}

export function memberOfResource(m: Machine, of: Resource, name: string, ofRow = false): Value {
  if (EVERYBODYS.has(name)) return UNKNOWN;
  const library = m.byLibrary.get(of.library);
  const set = of.data[`set ${name}`] as Value | undefined;
  return set ?? library?.member?.(of, name, m.run) ?? { t: 'native', ...(ofRow && { isField: true }), call: (args, place) => callResource(m, of, name, args, place) };
}

const withParts = (it: Value): Value[] => (it.t === 'object' || it.t === 'instance' ? [it, ...it.props.values()] : it.t === 'list' ? [it, ...it.items] : [it]);

/** Runs the functions given to code that we don't know. A lone function is taken for a wrapper and comes back as the result. */
export function ofUnknownCode(m: Machine, args: readonly Value[], of: Resource | undefined): Value {
  if (args.some((it) => it.t === 'environment')) return { t: 'environment' };
  if (m.holds.length > 0) for (const it of args.flatMap(withParts)) if (it.t === 'resource' && it.data.hold) loseHold(m, it.data.hold as DraftHold);
  if (m.tracing > 0) for (const it of args) keepClients(m, it);
  const callbacks = args.filter(isCallable);
  const [only] = callbacks;
  if (!of && m.tracing === 0) for (const it of callbacks) if (it.t === 'function') m.wrapped.add(it.f);
  if (!of && m.tracing === 0 && args.length === 1 && only) return only;
  let result: Value | undefined;
  m.inUnknown += of ? 0 : 1;
  for (const it of callbacks)
    if (!isSpent(m, it))
      result = join(
        result,
        unfailing(m, () => tried(m, it)),
      );
  m.inUnknown -= of ? 0 : 1;
  return (callbacks.length > 0 && result?.t !== 'nothing' && result) || UNKNOWN;
}

/** Of all evaluations, what one callback may take while a program starts, with all its closures: a handler that is registered for each of hundreds of events must not use up what the routes need. */
const MOST_SPENT = 100_000;

const isSpent = (m: Machine, it: Value): boolean => m.tracing === 0 && it.t === 'function' && (m.spent.get(it.f) ?? 0) > MOST_SPENT;

function tried(m: Machine, it: Value): Value {
  const { fuel } = m;
  const result = callFunction(m, it, [UNKNOWN, UNKNOWN, UNKNOWN], undefined);
  if (it.t === 'function' && m.tracing === 0) m.spent.set(it.f, (m.spent.get(it.f) ?? 0) + fuel - m.fuel);
  return result;
}
