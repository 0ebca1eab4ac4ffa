import type { Place } from '../../model/known.ts';
import type { DraftCache, Told } from '../detector.ts';
import type { Origin } from './origins.ts';
import type { ClassSyntax, FunctionSyntax } from './syntax.ts';

/** Names in reach of a piece of code. */
export interface Scope {
  names: Map<string, Value>;
  parent: Scope | null;
  file: string;
  /** Of a call or a file: when it was read (`heap.ts`). */
  epoch?: number;
}

/** Something that a library made: a pool, a router, a queue. `data` belongs to the library's detector. */
export interface Resource {
  t: 'resource';
  library: string;
  type: string;
  id: number;
  data: Record<string, unknown>;
  place: Place;
}

export interface ObjectValue {
  t: 'object';
  props: Map<string, Value>;
  /** Where each property was written. */
  places: Map<string, Place>;
  /** Something unreadable was spread into it; the names are those that it may have replaced. */
  open?: Set<string>;
  /** Where it was made, empty, before any handler ran. */
  made?: Place;
  epoch?: number;
}

/** What code may hold, as far as it is known without running it. `epoch`: of the handler that made it (`heap.ts`). */
export type Value =
  /** `unlessSet`: the variable that would take the text's place. */
  | { t: 'text'; parts: readonly (string | Value)[]; place?: Place; unlessSet?: string }
  | { t: 'number'; v: number; place?: Place }
  /** `isSure`: it follows from what the program was seen to do, and not from what nobody could read. */
  | { t: 'boolean'; v: boolean; isSure?: true }
  | { t: 'nothing'; isSure?: true }
  | ObjectValue
  /** `mentions`: where classes among the items are named; `portion`: its items are pieces of a list (`chunkers.ts`). */
  | { t: 'list'; items: Value[]; open: boolean; mentions?: ReadonlyMap<Value, Place>; epoch?: number; portion?: 'chunks' | 'groups' | 'group'; size?: number }
  | { t: 'function'; f: FunctionSyntax; scope: Scope; self?: Value; home?: ClassValue; props: Map<string, Value> }
  | ClassValue
  /** `base`: what a library's class gives to an object whose class extends it. */
  | { t: 'instance'; of: ClassValue; props: Map<string, Value>; base?: Resource; epoch?: number }
  | { t: 'package'; name: string; path: readonly string[] }
  /** One of several, chosen while the program runs: a plug-in, a strategy. */
  | { t: 'either'; of: readonly Value[] }
  | Resource
  /** `isField`: of a row, and no detector knows it by its name. */
  | { t: 'native'; call(args: readonly Value[], place: Place): Value; from?: Origin; isField?: true }
  /** `process.env`, or what a validation library gives back for it. */
  | { t: 'environment' }
  /** A variable that no file of the deployment sets, or a test of one: `holds` where it stays true as long as nobody sets it. */
  | { t: 'unset'; name: string; holds?: boolean }
  /** Comes from a request, a row or a cache. `hit`: known to be there exactly when the cache had it. */
  /** `method`: of a request that is known to come with it. */
  /** `isNew`: made for this once, as an id is; `isTime`: a date that follows from the clock or stands in the code; `isLookedUp`: an object of the program was asked by it. */
  /** `portion`: parts of a list, or one of them (`rounds.ts`). */
  | {
      t: 'data';
      portion?: 'chunks' | 'groups' | 'group';
      size?: number;
      request?: true;
      isNew?: true;
      isTime?: true;
      isLookedUp?: true;
      method?: string;
      /** What is known of its fields. */
      fields?: ReadonlyMap<string, Value>;
      hit?: { step: DraftCache; negated: boolean };
      row?: Resource;
      from?: Origin;
    }
  /** `isLibrarys`: a library made it while the program started. */
  | { t: 'unknown'; isLibrarys?: true };

export interface ClassValue {
  t: 'class';
  c: ClassSyntax;
  scope: Scope;
  parent: Value | null;
  statics: Map<string, Value>;
  /** What its decorators gave back. */
  decorators?: readonly Value[];
  /** A model of which some rows were picked. */
  isNarrowed?: true;
  epoch?: number;
}

export const UNKNOWN: Value = { t: 'unknown' };
const OF_LIBRARY: Value = { t: 'unknown', isLibrarys: true };
/** What a library gave back that is not known further. */
export const fromLibrary = (it: Value): Value => (it.t === 'unknown' ? OF_LIBRARY : it);
export const NOTHING: Value = { t: 'nothing' };
export const REQUEST: Value = { t: 'data', request: true };
export const DATA: Value = { t: 'data' };

/** What `import.meta.url` begins with. */
export const FILE_URL = 'file:';

// Without a spread: thousands of these are made.
export const text = (v: string, place?: Place): Value => (place ? { t: 'text', parts: [v], place } : { t: 'text', parts: [v] });
export const list = (items: Value[], open = false): Value => ({ t: 'list', items, open });
export const object = (entries: Iterable<readonly [string, Value]> = []): ObjectValue => ({ t: 'object', props: new Map(entries), places: new Map() });

/**
 * Puts what one object says over what another says, as a spread does; what the upper one leaves open it may replace in the lower one as well.
 * `joined`: what becomes of a value that has one below it; undefined leaves that one as it is.
 */
export function layOver(under: ObjectValue, over: ObjectValue, joined: (before: Value | undefined, value: Value) => Value | undefined = (_before, value) => value): void {
  if (over.open) under.open = new Set([...under.props.keys(), ...over.open]);
  for (const [name, said] of over.props) {
    const value = joined(under.props.get(name), said);
    if (!value) continue;
    under.props.set(name, value);
    if (!over.open?.has(name)) under.open?.delete(name);
    const place = over.places.get(name);
    if (place) under.places.set(name, place);
  }
}

/** The text, where all of it is known. */
export function textOf(it: Value | undefined): string | undefined {
  if (it?.t === 'number') return String(it.v);
  if (it?.t !== 'text') return undefined;
  let all = '';
  for (const part of it.parts) {
    const known = typeof part === 'string' ? part : textOf(part);
    if (known === undefined) return undefined;
    all += known;
  }
  return all;
}

/** The text with `hole` for what is not known. */
export function textWith(it: Value | undefined, hole: string): string {
  const known = textOf(it);
  if (known !== undefined) return known;
  return it?.t === 'text' ? it.parts.map((part) => (typeof part === 'string' ? part : textWith(part, hole))).join('') : hole;
}

/** The text with `*` for what is not known; `varies` where such a hole exists. */
export function patternOf(it: Value | undefined): { pattern: string; varies: boolean } {
  const known = textOf(it);
  if (known !== undefined) return { pattern: known, varies: false };
  if (it?.t !== 'text') return { pattern: '*', varies: true };
  const pattern = it.parts.map((part) => (typeof part === 'string' ? part : patternOf(part).pattern)).join('');
  return { pattern: pattern.replace(/\*+/g, '*'), varies: true };
}

export function numberOf(it: Value | undefined): number | undefined {
  if (it?.t === 'number') return it.v;
  const known = textOf(it)?.trim();
  return known !== undefined && /^-?\d+(\.\d+)?$/.test(known) ? Number(known) : undefined;
}

export const propertyOf = (it: Value | undefined, name: string): Value | undefined => (it?.t === 'object' || it?.t === 'instance' ? it.props.get(name) : undefined);

/** A number with where it was written: the literal, the variable's line, or the property. */
export function saidNumber(of: Value | undefined, name: string): { value: number; place: Place } | undefined {
  const it = propertyOf(of, name);
  const value = numberOf(it);
  const place = (it && 'place' in it ? it.place : undefined) ?? (of?.t === 'object' ? of.places.get(name) : undefined);
  return value === undefined || !place ? undefined : { value, place };
}

const COMPUTED = { why: 'the value is computed where it cannot be read' };

/** What stands there may be anything, a number too. */
function unreadOf(it: Value | undefined): { why: string } | undefined {
  if (it?.t === 'unset') return { why: `no file of the workspace sets ${it.name}` };
  return it && ['unknown', 'data', 'package', 'environment', 'native', 'text', 'number', 'either'].includes(it.t) ? COMPUTED : undefined;
}

/**
 * The number behind a path of option names (`pool`, `max`): said with its place, unread, or undefined where it is certainly absent.
 * Options that are a text are a connection string and say nothing.
 */
export function toldNumber(options: Value | undefined, ...path: readonly [string, ...string[]]): Told | undefined {
  const [name, next, ...rest] = path;
  if (options?.t === 'text' || options?.t === 'unset') return undefined;
  const unread = unreadOf(options);
  if (unread) return unread;
  const it = propertyOf(options, name);
  const isOpen = options?.t === 'object' && options.open !== undefined && (it === undefined || options.open.has(name));
  if (isOpen) return COMPUTED;
  if (next !== undefined) return it?.t === 'number' ? undefined : toldNumber(it, next, ...rest);
  return saidNumber(options, name) ?? unreadOf(it);
}

/** A number that is passed by itself: said, unread, or undefined where none is. */
export function toldValue(it: Value | undefined, place: Place): Told | undefined {
  const value = numberOf(it);
  if (value === undefined) return unreadOf(it);
  return { value, place: (it && 'place' in it ? it.place : undefined) ?? place };
}

/** The first of several spellings that says a number, else one that is unread. */
export const firstTold = (...all: readonly (Told | undefined)[]): Told | undefined => all.find((it) => it && 'value' in it) ?? all.find((it) => it !== undefined);

/** True, false, or undefined where it is not known. */
export function truth(it: Value): boolean | undefined {
  switch (it.t) {
    case 'number':
      return it.v !== 0;
    case 'boolean':
      return it.v;
    case 'nothing':
      return false;
    case 'text': {
      const known = textOf(it);
      return known === undefined ? (it.parts.some((part) => typeof part === 'string' && part) ? true : undefined) : known !== '';
    }
    case 'unknown':
    case 'data':
    case 'unset':
    case 'native':
      return undefined;
    case 'package':
      // `cluster.isPrimary`: what a package holds is not known.
      return it.path.length > 0 ? undefined : true;
    default:
      return true;
  }
}

const isVague = (it: Value): boolean => it.t === 'unknown' || it.t === 'nothing' || (it.t === 'data' && !it.hit && !it.row);

const isEmptyObject = (it: Value): it is ObjectValue => it.t === 'object' && it.props.size === 0 && it.open === undefined;
const isEmptyText = (it: Value): boolean => textOf(it) === '';
const isEmptyList = (it: Value): boolean => it.t === 'list' && it.items.length === 0 && !it.open;

/** The more telling of two values that code may hold at the same place. */
export function join(a: Value | undefined, b: Value | undefined): Value {
  if (!a) return b ?? NOTHING;
  if (!b) return a;
  if (a.t === 'data' && a.hit) return a;
  if (b.t === 'data' && b.hit) return b;
  if (a.t === 'object' && b.t === 'object' && a.props.size > 0 && b.props.size > 0) return eitherResult(a, b);
  // `if (!id) return '';`, `if (nothing) return [];`: what there is on the other way is not nothing.
  if (isEmptyText(a)) return b.t === 'nothing' || b.t === 'unset' ? a : b;
  if (isEmptyText(b)) return a.t === 'nothing' || a.t === 'unset' ? b : a;
  if (isEmptyList(a)) return b.t === 'list' ? list(b.items, true) : isVague(b) && b.t !== 'data' ? list([], true) : b;
  if (isEmptyList(b)) return a.t === 'list' ? list(a.items, true) : isVague(a) && a.t !== 'data' ? list([], true) : a;
  if (isEmptyObject(a)) return b.t === 'nothing' || b.t === 'unknown' ? { ...a, open: new Set() } : b;
  if (isEmptyObject(b)) return a.t === 'nothing' || a.t === 'unknown' ? { ...b, open: new Set() } : a;
  // A flag that is one thing here and another there decides nothing.
  if (a.t === 'boolean') return b.t === 'boolean' && b.v === a.v ? a : b.t === 'boolean' || isVague(b) ? UNKNOWN : b;
  if (b.t === 'boolean') return isVague(a) ? UNKNOWN : a;
  // `mongoose.models.User || mongoose.model('User', schema)`: what was made tells more than where it may lie.
  if (a.t === 'package' && b.t === 'resource') return b;
  if (a.t === 'unset') return b.t === 'nothing' || b.t === 'unknown' ? a : b;
  return isVague(a) && !(isVague(b) && b.t === 'nothing') ? b : a;
}

/** `{ ok: true, row }` here and `{ ok: false, error }` there: which of them it is decides what follows, so nothing that differs is known. Other objects: the first stands for both. */
function eitherResult(a: ObjectValue, b: ObjectValue): ObjectValue {
  const differs = (name: string, it: Value): boolean => {
    const other = b.props.get(name);
    return it.t === 'boolean' && other?.t === 'boolean' && it.v !== other.v;
  };
  if (![...a.props].some(([name, it]) => differs(name, it))) return a;
  const props = new Map([...a.props].map(([name, it]): [string, Value] => [name, differs(name, it) || (!b.props.has(name) && it.t === 'boolean') ? UNKNOWN : it]));
  for (const name of b.props.keys()) if (!props.has(name)) props.set(name, UNKNOWN);
  return { ...a, props };
}

const MOST_ALTERNATIVES = 100;
const alternativesIn = (it: Value): readonly Value[] => (it.t === 'either' ? it.of : it.t === 'instance' ? [it] : []);

/** Either of two values, where nothing tells which: objects of different classes are kept apart, of anything else the more telling one stands for both. */
export function oneOf(a: Value, b: Value): Value {
  const [first, second] = [alternativesIn(a), alternativesIn(b)];
  if (first.length === 0 || second.length === 0) return join(a, b);
  const classes = new Set(first.map((it) => (it.t === 'instance' ? it.of : it)));
  const more = second.filter((it) => !classes.has(it.t === 'instance' ? it.of : it) && !first.includes(it));
  return more.length === 0 ? a : { t: 'either', of: [...first, ...more].slice(0, MOST_ALTERNATIVES) };
}

export const isCallable = (it: Value | undefined): it is Value => it?.t === 'function' || it?.t === 'native';
