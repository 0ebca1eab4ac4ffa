import type { Place } from '../../model/known.ts';
import type { DraftCache, DraftStep } from '../detector.ts';
import { anyOf, callEach, memberOfEach } from './alternatives.ts';
import { noteCall, noteChain } from './answer-use.ts';
import { builtinMember, callBuiltin, GLOBALS } from './builtins.ts';
import { callFunction, callPackage, callResource, construct, constructParent, memberOfResource, ofUnknownCode } from './call.ts';
import { asDecorators } from './decorators.ts';
import { lookup } from './execute.ts';
import { apart, type Frame, hasWork, joinHolds, type Machine, perhaps, placeOf, switchedBy, unfailing } from './machine.ts';
import { born, setField, setIn, setName } from './heap.ts';
import { keepUnder } from './keeping.ts';
import { keepInMember, keepInName } from './made-clients.ts';
import { importMeta, loadModule } from './modules.ts';
import { comingFrom, given, type Origin, originOf, overOf, roundOf, rowIn } from './origins.ts';
import { notePage } from './settings.ts';
import { noteKeptPromise, notePromise, noteStored } from './shared-loads.ts';
import { eitherWay, isPassed, placeIn, sometimes, takenSince } from './sometimes.ts';
import { ANY_PATH, type ClassSyntax, type Expression, type FunctionSyntax, type Pattern } from './syntax.ts';
import {
  type ClassValue,
  DATA,
  FILE_URL,
  isCallable,
  join,
  layOver,
  list,
  NOTHING,
  numberOf,
  object,
  oneOf,
  REQUEST,
  type Resource,
  type Scope,
  text,
  textOf,
  truth,
  UNKNOWN,
  type Value,
} from './values.ts';

/** What an expression holds, as far as it is known; calls inside it record their steps. */
export function evaluate(m: Machine, e: Expression, scope: Scope): Value {
  m.fuel -= 1;
  if (m.fuel <= 0) return UNKNOWN;
  // In the order of how often they are met: each case is a comparison.
  switch (e.k) {
    case 'name':
      return lookup(scope, e.n) ?? GLOBALS.get(e.n) ?? keptGlobally(m, e.n) ?? (e.n === 'import.meta' ? importMeta(scope.file) : UNKNOWN);
    case 'call': {
      const { sink } = m;
      const start = sink.length;
      const value = call(m, e, scope);
      if (m.tracing > 0 && m.sink === sink && sink.length > start) noteCall(m, e, scope, start);
      return value;
    }
    case 'member':
      return e.o.k === 'super' ? superMember(m, e.p) : member(m, evaluate(m, e.o, scope), e.p);
    case 'this':
      return m.frames.at(-1)?.self ?? UNKNOWN;
    case 'string':
      return text(e.v, e.at && placeOf(scope.file, e.at));
    case 'number':
      return { t: 'number', v: e.v, place: placeOf(scope.file, e.at) };
    case 'boolean':
      return { t: 'boolean', v: e.v };
    case 'null':
      return NOTHING;
    case 'hidden':
      return UNKNOWN;
    case 'template':
      return { t: 'text', parts: e.parts.map((it) => (typeof it === 'string' ? it : evaluate(m, it, scope))) };
    case 'super':
      return m.frames.at(-1)?.home?.parent ?? UNKNOWN;
    case 'index':
      return indexBy(m, e, scope);
    case 'await':
      return given(evaluate(m, e.e, scope));
    case 'spread':
      return evaluate(m, e.e, scope);
    case 'function':
      return makeFunction(m, e.f, scope);
    case 'class':
      return makeClass(m, e.c, scope);
    case 'object':
      return makeObject(m, e, scope);
    case 'array':
      return makeList(m, e.es, scope);
    case 'logic':
      return logic(m, e, scope);
    case 'binary':
      return binary(m, evaluate(m, e.a, scope), evaluate(m, e.b, scope), e.op);
    case 'not': {
      const it = evaluate(m, e.e, scope);
      if (it.t === 'data' && it.hit) return { t: 'data', hit: { step: it.hit.step, negated: !it.hit.negated } };
      // `!!process.env.X` is the variable again, as a test.
      if (it.t === 'unset') return it.holds ? { t: 'unset', name: it.name } : { ...it, holds: true };
      const known = truth(it);
      const isSure = (it.t === 'nothing' || it.t === 'boolean') && it.isSure;
      return known === undefined ? UNKNOWN : { t: 'boolean', v: !known, ...(isSure && { isSure }) };
    }
    case 'conditional':
      return conditional(m, e, scope);
    case 'assign':
      return assign(m, e, scope);
    case 'import':
      return loaded(m, e, scope);
    case 'other':
      for (const it of e.es) evaluate(m, it, scope);
      return UNKNOWN;
  }
}

/** A path that is put together is one of the workspace, unless it is seen from the file or names a package. */
function loaded(m: Machine, { from, of }: Extract<Expression, { k: 'import' }>, scope: Scope): Value {
  const path = of && textOf(evaluate(m, of, scope));
  if (from !== ANY_PATH) return loadModule(m, scope.file, path ?? from);
  if (path === undefined) return UNKNOWN;
  const there = path.startsWith('.') ? null : m.run.load(path.replace(FILE_URL, ''));
  return there ? there.exports : loadModule(m, scope.file, path);
}

/** An arrow function keeps the `this` of where it was written. */
function makeFunction(m: Machine, f: FunctionSyntax, scope: Scope): Value {
  const made: Extract<Value, { t: 'function' }> = { t: 'function', f, scope, props: new Map() };
  const frame = f.isArrow ? m.frames.at(-1) : undefined;
  if (frame?.self) made.self = frame.self;
  if (frame?.home) made.home = frame.home;
  return made;
}

export const hitOf = (it: Value): { step: DraftCache; negated: boolean } | undefined => (it.t === 'data' ? it.hit : undefined);

/** Reads a property, as far as what holds it is known. */
export function member(m: Machine, of: Value, name: string): Value {
  switch (of.t) {
    case 'object': {
      const own = of.props.get(name);
      if (own?.t === 'native' && of.places.get(`get ${name}`)) return own.call([], { file: '', line: 0 });
      return own ?? (name === 'default' && of.props.size > 0 ? of : builtinMember(m, of, name));
    }
    case 'instance':
      return of.props.get(name) ?? fromClass(m, of.of, name, of) ?? (name === 'constructor' ? of.of : of.base ? memberOfResource(m, of.base, name) : UNKNOWN);
    case 'class':
      return staticOf(m, of, name) ?? (name === 'name' && of.c.name ? text(of.c.name) : UNKNOWN);
    case 'function':
      return of.props.get(name) ?? builtinMember(m, of, name);
    case 'package':
      // `globalThis.cache ??= make()`: what is not there yet is not known.
      if (of.name === 'global' && of.path.length === 0) return GLOBALS.get(name) ?? keptGlobally(m, name) ?? UNKNOWN;
      if (of.name === 'global' && (of.path[0] === 'process' || of.path[0] === 'Bun') && name === 'env') return { t: 'environment' };
      if (of.name === 'global' && of.path[0] === 'process' && name === 'argv' && (m.program.args || m.mainFile))
        return list(
          ['node', m.mainFile ?? 'script', ...(m.program.args ?? [])].map((it) => text(it)),
          m.program.args === undefined,
        );
      if (name === 'default') return of;
      return (
        (m.assigned.size > 0 && m.assigned.get([of.name, ...of.path, name].join(' '))) ||
        m.byPackage.get(of.name)?.constant?.([...of.path, name], m.run) || { t: 'package', name: of.name, path: [...of.path, name] }
      );
    case 'resource':
      return memberOfResource(m, of, name);
    case 'either':
      return memberOfEach(m, of, (it) => member(m, it, name));
    case 'environment':
      return /^[A-Z][A-Z0-9_]*$/.test(name) ? variable(m, name) : of;
    case 'data':
      if (of.method !== undefined && name === 'method') return text(of.method);
      if (of.fields?.has(name)) return of.fields.get(name) ?? UNKNOWN;
      if (of.request && m.tracing > 0 && WHO.test(name)) m.answer.asksWho = true;
      if (of.request && m.onRequest.has(name)) return m.onRequest.get(name) ?? UNKNOWN;
      // Rows are a list to the language, whatever the library makes of them.
      if (of.row && ITERATES.has(name)) return UNKNOWN;
      // What the class of a model gives each of its rows.
      if (of.row?.data.cls && !of.request) {
        const own = fromClass(m, of.row.data.cls as ClassValue, name, of) ?? fieldOf(of.row.data.cls as ClassValue, name, of);
        if (own) return own;
      }
      return comingFrom(of.row && !of.request ? memberOfResource(m, of.row, name, true) : of.request ? REQUEST : DATA, of.from);
    case 'text':
    case 'list':
      return builtinMember(m, of, name);
    default:
      return UNKNOWN;
  }
}

/** What a program has put on `global`. */
const keptGlobally = (m: Machine, name: string): Value | undefined => (m.assigned.size > 0 ? m.assigned.get(`global ${name}`) : undefined);

/** Parts of a request that say who asks. */
const WHO = /^(authorization|cookies?|signedCookies|session|user|auth|account|isAuthenticated|x-api-key|jwtVerify|getUser|state)$/i;

/** An unset NODE_ENV is production: that is what is judged. */
function variable(m: Machine, name: string): Value {
  const said = m.program.env(name);
  if (said) return text(said.value, said.place);
  return name === 'NODE_ENV' ? text('production') : { t: 'unset', name };
}

function fromClass(m: Machine, of: ClassValue, name: string, self: Value): Value | undefined {
  for (const own of of.c.members) {
    if (own.n !== name || own.isStatic || own.kind === 'field' || own.kind === 'setter') continue;
    if (!own.f) break;
    const f: Value = { t: 'function', f: own.f, scope: of.scope, self, home: of, props: new Map() };
    return own.kind === 'getter' ? callFunction(m, f, [], self) : f;
  }
  if (of.parent?.t === 'class') return fromClass(m, of.parent, name, self);
  return undefined;
}

/** `set app(it) { … }`, with the class that has it. */
function setterOf(of: ClassValue, name: string, isStatic: boolean): { f: FunctionSyntax; home: ClassValue } | undefined {
  const own = of.c.members.find((it) => it.n === name && it.isStatic === isStatic && it.kind === 'setter')?.f;
  if (own) return { f: own, home: of };
  return of.parent?.t === 'class' ? setterOf(of.parent, name, isStatic) : undefined;
}

/** A method that is written as a field: `archive = async () => { … }`. */
function fieldOf(of: ClassValue, name: string, self: Value): Value | undefined {
  const own = of.c.members.find((it) => it.n === name && !it.isStatic && it.kind === 'field')?.v;
  if (own?.k === 'function') return { t: 'function', f: own.f, scope: of.scope, self, home: of, props: new Map() };
  return of.parent?.t === 'class' ? fieldOf(of.parent, name, self) : undefined;
}

/** A method of the parent, called on the object at hand. */
function superMember(m: Machine, name: string): Value {
  const { self, home } = m.frames.at(-1) ?? {};
  const parent = home?.parent;
  if (!parent) return UNKNOWN;
  if (self?.t !== 'instance') return member(m, parent, name);
  if (parent.t === 'class') return fromClass(m, parent, name, self) ?? (self.base ? memberOfResource(m, self.base, name) : UNKNOWN);
  return self.base ? memberOfResource(m, self.base, name) : member(m, parent, name);
}

/** `asked`: the class that code names; what a library does for a parent it does for that one. */
function staticOf(m: Machine, of: ClassValue, name: string, asked: ClassValue = of): Value | undefined {
  const set = of.statics.get(name);
  if (set) return set;
  const own = of.c.members.find((it) => it.n === name && it.isStatic && it.kind !== 'field' && it.kind !== 'setter');
  if (own?.f) {
    const f: Value = { t: 'function', f: own.f, scope: of.scope, self: asked, home: of, props: new Map() };
    return own.kind === 'getter' ? callFunction(m, f, [], asked) : f;
  }
  if (of.parent?.t === 'class') return staticOf(m, of.parent, name, asked);
  if (of.parent?.t === 'package') {
    const parent = of.parent;
    return { t: 'native', call: (args, place) => callPackage(m, { ...parent, path: [...parent.path, name] }, args, place, false, asked) };
  }
  return undefined;
}

/** What looks something up in an object of the program may be one of its names, and is no longer just anything. */
function indexBy(m: Machine, e: Extract<Expression, { k: 'index' }>, scope: Scope): Value {
  const [of, at] = [evaluate(m, e.o, scope), evaluate(m, e.i, scope)];
  const isLookUp = m.tracing > 0 && e.i.k === 'name' && at.t === 'data' && at.request && of.t === 'object' && !of.open && of.props.size > 0;
  if (isLookUp && e.i.k === 'name') assignTo(m, e.i, { ...at, isLookedUp: true }, scope);
  return index(m, of, at);
}

function index(m: Machine, of: Value, at: Value): Value {
  const known = textOf(at);
  if (of.t === 'data' && at.t === 'number' && of.row?.data.cls) return comingFrom(rowIn(of), of.from);
  if (known !== undefined && of.t !== 'list') return member(m, of, known);
  const position = numberOf(at);
  if (of.t === 'list') {
    const item = (position === undefined ? of.items[0] : of.items[position]) ?? UNKNOWN;
    return at.t === 'data' ? picked(item, originOf(item), at) : item;
  }
  if (of.t === 'object' && !of.open) return anyOf([...of.props.values()]);
  if (of.t === 'class') return anyOf(of.c.members.flatMap((it) => (it.isStatic && it.kind === 'method' ? (staticOf(m, of, it.n) ?? []) : [])));
  return of.t === 'data' ? picked(of.request ? REQUEST : rowIn(of), of.from ?? {}, at) : UNKNOWN;
}

/** `rows[i]`: one of the rows, in the round whose number stands there. */
function picked(it: Value, of: Origin, at: Value): Value {
  const loops = [...(of.loops ?? []), ...(originOf(at).loops ?? [])];
  return comingFrom(it, { rows: of.rows, ...(loops.length > 0 && { loops }) });
}

function makeClass(m: Machine, c: ClassSyntax, scope: Scope): Value {
  const parent = c.parent ? evaluate(m, c.parent, scope) : null;
  const made: ClassValue = { t: 'class', c, scope, parent, statics: new Map() };
  born(m, made);
  if (c.name) scope.names.set(c.name, made);
  for (const it of c.members) if (it.isStatic && it.kind === 'field' && it.v) made.statics.set(it.n, evaluate(m, it.v, scope));
  if (c.decorators) made.decorators = c.decorators.flatMap((it) => asDecorators(evaluate(m, it, scope)));
  for (const it of made.decorators ?? []) if (it.t === 'resource') (it.data.decorates as ((of: ClassValue) => void) | undefined)?.(made);
  return made;
}

function makeObject(m: Machine, e: Extract<Expression, { k: 'object' }>, scope: Scope): Value {
  const made = born(m, object());
  // An empty object that lives as long as the program may be what handlers fill.
  if (m.tracing === 0 && e.ps.length === 0) made.made = placeOf(scope.file, e.at);
  for (const it of e.ps) {
    // What is put there takes the getter's place.
    if (it.kind === 'setter') continue;
    const value = evaluate(m, it.v, scope);
    if (it.kind === 'spread') {
      if (value.t === 'object') layOver(made, value);
      else if (mayHoldProperties(value) && !isAbsent(it.v, scope)) made.open = new Set(made.props.keys());
      continue;
    }
    const name = it.n ?? textOf(it.computed && evaluate(m, it.computed, scope));
    if (name === undefined) {
      // Whatever it is called, it may be any of them.
      made.open = new Set(made.props.keys());
      continue;
    }
    made.open?.delete(name);
    notePage(m, name, it.v, value);
    made.props.set(name, it.kind === 'getter' ? { t: 'native', call: () => callFunction(m, value, [], made) } : value);
    made.places.set(it.kind === 'getter' ? `get ${name}` : name, placeOf(scope.file, it.at));
  }
  return made;
}

/** `...params.options` where all of `params` is known and there are none. */
function isAbsent(e: Expression, scope: Scope): boolean {
  const of = e.k === 'member' && e.o.k === 'name' ? lookup(scope, e.o.n) : undefined;
  return of?.t === 'object' && !of.open && e.k === 'member' && !of.props.has(e.p);
}

const mayHoldProperties = (it: Value): boolean => it.t === 'unknown' || it.t === 'data' || it.t === 'package' || it.t === 'environment';

function makeList(m: Machine, es: readonly Expression[], scope: Scope): Value {
  let open = false;
  const mentions = new Map<Value, Place>();
  const items = es.flatMap((it) => {
    const value = evaluate(m, it, scope);
    if (it.k === 'name' && it.at && value.t === 'class') mentions.set(value, placeOf(scope.file, it.at));
    if (it.k !== 'spread') return [value];
    if (value.t !== 'list') open = true;
    return value.t === 'list' ? value.items : [];
  });
  const made: Extract<Value, { t: 'list' }> = { t: 'list', items, open, ...(mentions.size > 0 && { mentions }) };
  return born(m, made);
}

/** What stands behind a field of something (`row.author ?? (await find(…))`) is done where the field is not filled already. */
const instead = (first: Expression, steps: readonly DraftStep[]): readonly DraftStep[] => (first.k === 'member' ? unlessThere(steps) : steps);

const unlessThere = (steps: readonly DraftStep[]): readonly DraftStep[] => steps.map((it) => (it.kind === 'branch' && it.isOptional ? { ...it, unlessThere: true } : it));

/** A field, or a name of a whole file: what is put there (`key ??= await load()`) is there the next time. */
function outlives(target: Expression, scope: Scope): boolean {
  if (target.k !== 'name') return target.k === 'member' || target.k === 'index';
  let at: Scope | null = scope;
  while (at && !at.names.has(target.n)) at = at.parent;
  return at !== null && at.parent === null;
}

function logic(m: Machine, e: Extract<Expression, { k: 'logic' }>, scope: Scope): Value {
  const a = evaluate(m, e.a, scope);
  const known = a.t === 'unset' && !a.holds ? false : e.op === '??' && a.t !== 'nothing' && truth(a) !== undefined ? true : truth(a);
  if (e.op === '&&') {
    if (known === false && a.t !== 'unset') return a;
    const hit = hitOf(a);
    const depends = known === undefined || a.t === 'unset' ? 1 : 0;
    m.uncertain += depends;
    const { sink } = m;
    const { length } = sink;
    const b = switchedBy(m, a, () => evaluate(m, e.b, scope));
    m.uncertain -= depends;
    const isOpen = depends > 0 && !hit && !(a.t === 'unset' && a.holds) && sink.length > length;
    const steps = isOpen && !isPassed(e.a, scope) ? takenSince(m, sink, length) : undefined;
    if (steps) sink.push(...sometimes(m, a, steps, [], placeIn(e.b, steps, scope)));
    // What only a variable switches on is still there to be found; that it is off decides no more than a test.
    return hit || (a.t === 'unset' && (b.t === 'unset' || b.t === 'boolean' || b.t === 'unknown')) ? a : known === undefined && b.t === 'boolean' && b.v ? UNKNOWN : b;
  }
  if (known === true) return a;
  if (known === false) {
    const b = evaluate(m, e.b, scope);
    return a.t === 'unset' && b.t === 'text' ? { ...b, unlessSet: b.unlessSet ?? a.name } : b;
  }
  const hit = hitOf(a);
  let b: Value = UNKNOWN;
  const steps = apart(m, () => {
    b = evaluate(m, e.b, scope);
  });
  if (hit && !hit.negated) hit.step.onMiss.push(...steps);
  else if (steps.length > 0) m.sink.push(...instead(e.a, sometimes(m, a, steps, [], placeIn(e.b, steps, scope))));
  return a.t === 'unknown' && isWorkedOut(e.a) ? UNKNOWN : join(a, b);
}

/** `Math.ceil(all / parts) || 1`: what is worked out is hardly ever what stands in for nothing. */
const isWorkedOut = (it: Expression): boolean =>
  it.k === 'binary' ? /^[-*/%]$/.test(it.op) : it.k === 'call' && it.f.k === 'member' && it.f.o.k === 'name' && it.f.o.n === 'Math';

function conditional(m: Machine, e: Extract<Expression, { k: 'conditional' }>, scope: Scope): Value {
  const test = evaluate(m, e.test, scope);
  const known = truth(test);
  if (known !== undefined) return evaluate(m, known ? e.a : e.b, scope);
  let a: Value = UNKNOWN;
  let b: Value = UNKNOWN;
  const either = switchedBy(m, test, () =>
    perhaps(m, () => {
      a = evaluate(m, e.a, scope);
    }),
  );
  const or = perhaps(m, () => {
    b = evaluate(m, e.b, scope);
  });
  const [first, second] = [either.steps, or.steps];
  const hit = hitOf(test);
  if (hit) {
    m.sink.push(...(hit.negated ? second : first));
    hit.step.onMiss.push(...(hit.negated ? first : second));
    joinHolds(m, [either.holds, or.holds]);
    return { t: 'data', hit: { step: hit.step, negated: false } };
  }
  const way = { isDone: false, goesOn: false };
  m.sink.push(...eitherWay(m, e, test, { steps: first, failed: either.failed, ...way, isFirst: true }, { steps: second, failed: or.failed, ...way, isFirst: false }, scope));
  joinHolds(m, [either.holds, or.holds]);
  if (test.t === 'unset') return test.holds ? join(a, b) : join(b, a);
  if (m.program.isInfrastructure && isScalar(a) && isScalar(b) && (a.t !== b.t || textOf(a) !== textOf(b))) return UNKNOWN;
  return oneOf(a, b);
}

/** What the stage is called that is judged, as an unset NODE_ENV is. */
const PRODUCTION = /^(prod|production|prd|live)$/i;

/** A number, a word or a flag: of two that differ one is no more telling than the other. */
const isScalar = (it: Value): boolean => it.t === 'number' || it.t === 'boolean' || textOf(it) !== undefined;

const IS_THERE: ReadonlySet<Value['t']> = new Set(['either', 'object', 'list', 'function', 'class', 'instance', 'resource', 'native']);
const COMPARES = new Set(['==', '===', '!=', '!==']);

function binary(m: Machine, a: Value, b: Value, op: string): Value {
  if (COMPARES.has(op)) {
    const differs = op.startsWith('!');
    const hit = hitOf(a) ?? hitOf(b);
    if (hit && (a.t === 'nothing' || b.t === 'nothing')) return { t: 'data', hit: { step: hit.step, negated: !differs } };
    // `require.main === module`: a file that another one loads was not started itself.
    if (m.main && a.t === 'object' && b.t === 'object' && (a === m.main || b === m.main)) return { t: 'boolean', v: (a === b) !== differs };
    const [x, y] = [textOf(a), textOf(b)].map((it) => it?.replace(/^file:\/+/, FILE_URL));
    if (x !== undefined && y !== undefined) return { t: 'boolean', v: (x === y) !== differs };
    if (a.t === 'nothing' || b.t === 'nothing') {
      const there = a.t === 'nothing' ? b : a;
      if (there.t === 'nothing' || IS_THERE.has(there.t)) {
        const isSure = (a.t === 'nothing' && a.isSure) || (b.t === 'nothing' && b.isSure);
        return { t: 'boolean', v: (there.t === 'nothing') !== differs, ...(isSure && { isSure }) };
      }
    }
    if (m.program.isInfrastructure && (x === undefined) !== (y === undefined) && PRODUCTION.test(x ?? y ?? '')) return { t: 'boolean', v: !differs };
    const [unset, other] = a.t === 'unset' ? [a, y] : [b, x];
    if (unset.t === 'unset' && (other !== undefined || a.t === 'boolean' || b.t === 'boolean')) return { t: 'unset', name: unset.name, holds: differs };
    return UNKNOWN;
  }
  const [x, y] = [numberOf(a), numberOf(b)];
  if (op === '+' && (a.t === 'text' || b.t === 'text')) return { t: 'text', parts: [a, b] };
  if (x === undefined || y === undefined) return UNKNOWN;
  const v = op === '*' ? x * y : op === '+' ? x + y : op === '-' ? x - y : op === '/' ? x / y : Number.NaN;
  const place = 'place' in a && a.place ? a.place : 'place' in b ? b.place : undefined;
  return Number.isNaN(v) ? UNKNOWN : { t: 'number', v, ...(place && { place }) };
}

function assign(m: Machine, e: Extract<Expression, { k: 'assign' }>, scope: Scope): Value {
  const { length } = m.asked;
  let value: Value = UNKNOWN;
  if (e.op !== '=' && outlives(e.target, scope)) {
    const steps = apart(m, () => {
      value = evaluate(m, e.v, scope);
    });
    if (steps.length > 0) m.sink.push(...unlessThere(sometimes(m, UNKNOWN, steps, [], placeIn(e.v, steps, scope))));
  } else value = evaluate(m, e.v, scope);
  if (m.tracing > 0) noteKeptPromise(m, e.v, value, length);
  if (e.op !== '=' && e.op !== '||=' && e.op !== '??=') return UNKNOWN;
  if (e.op !== '=' && truth(evaluate(m, e.target, scope)) === true) return UNKNOWN;
  assignTo(m, e.target, value, scope);
  return value;
}

/** `let error; if (bad) error = () => refuse();`: whether it is set decides what follows, and is not known. What is made on demand (`if (!client) client = connect()`) is there. */
const mayStay = (before: Value, value: Value): boolean => (value.t === 'function' || value.t === 'boolean') && truth(before) !== undefined && truth(before) !== truth(value);

/** What a field holds behind a way that is taken only perhaps: a switch that stood otherwise before (or was not there) may be either; one that waits for a variable that nobody sets stays. */
function inField(m: Machine, props: ReadonlyMap<string, Value>, name: string, value: Value): Value {
  if (m.conditional === 0 || value.t !== 'boolean') return value;
  const before = props.get(name) ?? NOTHING;
  if (truth(before) === value.v) return value;
  return m.optional > 0 ? before : UNKNOWN;
}

const CARRIERS: ReadonlySet<Value['t']> = new Set(['resource', 'instance', 'function', 'native', 'class', 'either']);
/** More than data of the request: a client, a service, or an object of such. */
const carries = (it: Value): boolean => CARRIERS.has(it.t) || (it.t === 'object' && [...it.props.values()].some((one) => CARRIERS.has(one.t)));

const isChosen = (it: Value): boolean => it.t === 'instance' || it.t === 'either';

/** Stores a value. Nothing is never stored over something: what code clears at its end was there before. */
export function assignTo(m: Machine, target: Expression, value: Value, scope: Scope): void {
  if (target.k === 'name') {
    let at: Scope = scope;
    while (!at.names.has(target.n) && at.parent) at = at.parent;
    if (value.t === 'unknown' && at.names.has(target.n) && m.conditional > 0) return;
    keepInName(m, at, value);
    const before = at.names.get(target.n);
    if (m.conditional > 0 && before && mayStay(before, value))
      setName(m, at, target.n, value.t === 'function' ? { t: 'native', call: (args) => callFunction(m, value, args, undefined) } : UNKNOWN);
    else setName(m, at, target.n, before && isChosen(before) && isChosen(value) && m.conditional > 0 && m.optional === 0 ? oneOf(before, value) : value);
    return;
  }
  if (target.k === 'index') {
    assignToIndex(m, target, value, scope);
    return;
  }
  if (target.k !== 'member') return;
  const of = evaluate(m, target.o, scope);
  keepInMember(m, of, value);
  if (of.t !== 'object' || isChosen(value) || value.t === 'resource') m.effects += 1;
  const setter = of.t === 'instance' ? setterOf(of.of, target.p, false) : of.t === 'class' ? setterOf(of, target.p, true) : undefined;
  if (setter) {
    callFunction(m, { t: 'function', f: setter.f, scope: setter.home.scope, self: of, home: setter.home, props: new Map() }, [value], of);
    return;
  }
  if (of.t === 'either') for (const it of of.of) if (it.t === 'instance') setIn(m, it, it.props, target.p, value);
  if (of.t === 'object' || of.t === 'instance' || of.t === 'function') setIn(m, of, of.props, target.p, inField(m, of.props, target.p, value));
  else if (of.t === 'class') setIn(m, of, of.statics, target.p, value);
  else if (of.t === 'resource') setField(m, of, of.data, `set ${target.p}`, value);
  else if (of.t === 'data' && of.request && carries(value)) m.onRequest.set(target.p, value);
  else if (of.t === 'data' && of.row) setField(m, of.row, of.row.data, 'changed', Math.min(m.conditional, Number(of.row.data.changed ?? m.conditional)));
  else if (of.t === 'package' && (of.name !== 'global' || of.path.length === 0)) setIn(m, m.assigned, m.assigned, [of.name, ...of.path, target.p].join(' '), value);
  if (of.t === 'object' && target.at) setIn(m, of, of.places, target.p, placeOf(scope.file, target.at));
}

/** Under a name that is not known: from then on it may hold more than is seen. */
function assignToIndex(m: Machine, target: Extract<Expression, { k: 'index' }>, value: Value, scope: Scope): void {
  const of = evaluate(m, target.o, scope);
  keepInMember(m, of, value);
  if (of.t !== 'object') return;
  const key = evaluate(m, target.i, scope);
  const name = textOf(key);
  if (name !== undefined) setIn(m, of, of.props, name, inField(m, of.props, name, value));
  else if (!of.open) setField(m, of, of, 'open', new Set(of.props.keys()));
  if (of.made && target.at) keepUnder(m, of, key, placeOf(scope.file, target.at));
}

export function bindPattern(m: Machine, pattern: Pattern, value: Value, scope: Scope): void {
  if (pattern.k === 'bind') {
    scope.names.set(pattern.n, value);
    return;
  }
  if (pattern.k === 'object') {
    for (const it of pattern.ps) {
      const found = it.key === null ? value : member(m, value, it.key);
      const missing = found.t === 'nothing' || (found.t === 'unknown' && value.t === 'object');
      const bound = missing && it.d ? evaluate(m, it.d, scope) : found.t === 'data' && it.d ? withDefault(m, it.key, it.d, found, scope) : found;
      bindPattern(m, it.p, bound, scope);
    }
    return;
  }
  pattern.ps.forEach((it, at) => {
    if (!it) return;
    const found = value.t === 'list' ? (it.rest ? list(value.items.slice(at), value.open) : (value.items[at] ?? UNKNOWN)) : value.t === 'data' ? value : UNKNOWN;
    bindPattern(m, it.p, found, scope);
  });
}

/** `const { limit = 25 } = req.query`: the request may say it. */
function withDefault(m: Machine, name: string | null, written: Expression, found: Value, scope: Scope): Value {
  if (name && written.k === 'number') notePage(m, name, undefined, evaluate(m, written, scope));
  return found;
}

function call(m: Machine, e: Extract<Expression, { k: 'call' }>, scope: Scope): Value {
  const place = placeOf(scope.file, e.at);
  notePassing(m, e, scope, place);
  if (e.f.k === 'super') {
    const frame = m.frames.at(-1);
    const args = e.a.map((it) => evaluate(m, it, scope));
    if (frame?.home?.parent && frame.self?.t === 'instance') constructParent(m, frame.home.parent, args, place, frame.self);
    return NOTHING;
  }
  if (e.f.k === 'member') {
    const before = m.asked.length;
    const of = evaluate(m, e.f.o, scope);
    noteChain(m, e, place, before);
    if (of.t === 'package' && of.name === 'global' && of.path[0] === 'Promise' && /^(all|allSettled|race|any)$/.test(e.f.p)) return promiseAll(m, e, scope);
    if (e.f.p === 'then' || e.f.p === 'catch' || e.f.p === 'finally') {
      const own = of.t === 'object' || of.t === 'instance' || of.t === 'class' ? member(m, of, e.f.p) : undefined;
      if (!isCallable(own) && of.t !== 'package')
        return chain(
          m,
          of,
          e.f.p,
          e.a.map((it) => evaluate(m, it, scope)),
        );
    }
    const f = e.f.o.k === 'super' ? superMember(m, e.f.p) : member(m, of, e.f.p);
    const { length } = m.asked;
    const args = evaluateAll(m, e.a, scope);
    if (m.tracing > 0 && e.f.p === 'set' && e.a.length === 2) noteStored(m, e.a[1], scope, length);
    return apply(m, f, args, place, e.isNew === true, of, e.f.p);
  }
  return apply(m, evaluate(m, e.f, scope), evaluateAll(m, e.a, scope), place, e.isNew === true, undefined, e.isNew && e.f.k === 'name' ? e.f.n : '');
}

/** `query(text, values)` in a function that was given `text`. */
function notePassing(m: Machine, e: Extract<Expression, { k: 'call' }>, scope: Scope, place: Place): void {
  const first = e.a[0]?.k === 'spread' ? e.a[0].e : e.a[0];
  if (first?.k !== 'name') return;
  let at: Scope | null = scope;
  while (at && !at.names.has(first.n)) at = at.parent;
  // A name of a whole file is no parameter.
  if (!at?.parent) return;
  const frame = frameOf(m, at);
  if (!frame?.site) return;
  for (const { p } of (frame.f as FunctionSyntax).params) if (p.k === 'bind' && p.n === first.n) m.sites.set(place, frame.site);
}

/** The call whose names these are. */
function frameOf({ frames }: Machine, scope: Scope): Frame | undefined {
  for (let at = frames.length - 1; at >= 0; at -= 1) if (frames[at]?.scope === scope) return frames[at];
  return undefined;
}

function evaluateAll(m: Machine, es: readonly Expression[], scope: Scope): Value[] {
  const all: Value[] = [];
  for (const it of es) {
    const value = evaluate(m, it, scope);
    if (it.k === 'spread' && value.t === 'list') all.push(...value.items);
    else all.push(value);
  }
  return all;
}

function chain(m: Machine, of: Value, name: string, args: readonly Value[]): Value {
  if (name === 'catch') return of;
  const result = callFunction(m, args[0], name === 'then' ? [given(of)] : [], undefined);
  return name === 'then' ? result : of;
}

/** Calls whatever is known of a callee. */
export function apply(m: Machine, f: Value, args: readonly Value[], place: Place, isNew: boolean, of: Value | undefined, name: string): Value {
  switch (f.t) {
    case 'function':
      return callFunction(m, f, args, f.self ?? of, place);
    case 'native':
      return f.call(args, place);
    case 'class':
      return construct(m, f, args, place);
    case 'package':
      return f.name === 'global' ? callBuiltin(m, f.path, args, place, isNew) : callPackage(m, f, args, place, isNew);
    case 'resource':
      return callResource(m, f, '', args, place);
    case 'environment':
      return f;
    case 'either':
      return callEach(m, f.of, (it) => apply(m, it, args, place, isNew, of, name), place);
    default:
      break;
  }
  // A class of generated code that is not in the workspace: what a library alone could need tells whose it is.
  const maker = isNew ? args.find((it): it is Resource => it.t === 'resource' && it.data.makesClients === true) : undefined;
  if (maker) return callResource(m, maker, `new ${name}`, args, place);
  if (ITERATES.has(name)) return iterate(m, args[0], place, name, of);
  // Whoever gets the request to answer it and is not known: what it does is missing. What a library stands before others with (`helmet()`) is its own.
  const isLibrarys = f.t === 'unknown' && f.isLibrarys && args.length > 2;
  if (m.tracing > 0 && (f.t === 'unknown' || f.t === 'data') && !isLibrarys && answers(args)) m.run.record({ kind: 'unread', package: '', place });
  if (m.tracing > 0 && STORES.test(name)) for (const it of args) notePromise(m, it);
  // `request.get('authorization')`, `c.req.header('authorization')`
  if (m.tracing > 0 && of?.t === 'data' && of.request && WHO.test(textOf(args[0]) ?? '')) m.answer.asksWho = true;
  const result = ofUnknownCode(m, args, undefined);
  if (result.t !== 'unknown') return result;
  // `readFileSync(path).toString()`: a text stays the one of its file.
  if (of?.t === 'resource' && of.data.parsed) return of;
  if (of?.t === 'data') return of.request ? REQUEST : comingFrom(DATA, of.from && { loops: of.from.loops });
  return of?.t === 'text' ? { t: 'text', parts: [of] } : UNKNOWN;
}

/** `loading.set(key, promise)`. */
const STORES = /^(set|add|push)$/;

const answers = ([request, response, ...rest]: readonly Value[]): boolean =>
  request?.t === 'data' && request.request === true && response?.t === 'resource' && response.type === 'Response' && !rest.some((it) => it.t === 'function');

const ITERATES = new Set(['map', 'forEach', 'flatMap', 'filter', 'reduce']);

/** One round stands for all: how many there are is not known. */
function iterate(m: Machine, callback: Value | undefined, place: Place, name: string, of: Value | undefined): Value {
  if (!isCallable(callback)) return UNKNOWN;
  const item = of?.t === 'data' && of.request ? comingFrom(REQUEST, { loops: [...(of.from?.loops ?? []), place] }) : roundOf(of, place);
  let result: Value = UNKNOWN;
  m.rounds += 1;
  const steps = apart(m, () => {
    result = unfailing(m, () => callFunction(m, callback, name === 'reduce' ? [DATA, item] : [item, UNKNOWN], undefined));
  });
  m.rounds -= 1;
  if (hasWork(steps)) m.sink.push({ kind: 'loop', concurrent: name !== 'reduce', steps, ...overOf(of, place), place });
  if (name === 'filter' && of?.t === 'data') return of;
  return list([result], true);
}

/** Every element runs beside the others. */
function promiseAll(m: Machine, e: Extract<Expression, { k: 'call' }>, scope: Scope): Value {
  const arg = e.a[0];
  if (arg?.k !== 'array') {
    const value = arg ? evaluate(m, arg, scope) : UNKNOWN;
    return value.t === 'list' ? value : list([], true);
  }
  const items: Value[] = [];
  const branches = arg.es.map((it) => apart(m, () => void items.push(evaluate(m, it, scope)))).filter(hasWork);
  if (branches.length === 1) m.sink.push(...(branches[0] ?? []));
  else if (branches.length > 1) m.sink.push({ kind: 'parallel', branches, place: placeOf(scope.file, e.at) });
  return list(items);
}
