import type { Machine } from './machine.ts';
import type { ModuleSyntax } from './syntax.ts';
import type { Resource, Scope } from './values.ts';

/** Something that outlives the handler that set it: a lazily made client, a field of a service that all handlers share. */
export interface Write {
  on: object;
  key: unknown;
  value: unknown;
  /** Dies with its request all the same. */
  passes?: boolean;
  undo(): void;
  redo(): void;
}

/**
 * What tells whether one handler's reading hangs on another's. Handlers are read one after another in one memory, as one process would run them:
 * whoever reads one of them again has to know what it found there and what it left.
 */
export interface Heap {
  /** 0 while the program starts, then the number of the handler that is read. */
  epoch: number;
  /** Functions whose bodies were read in this epoch. */
  ran: Set<object>;
  log: Write[];
  /** Resources from here on are of this epoch. */
  firstId: number;
  /** Resources that were there before the first handler, or that one left behind, as they were then (`prints.ts`). */
  lasting: Map<Resource, readonly unknown[]>;
  /** Something was set that can't be taken back. */
  isLost: boolean;
  /** What the program was asked as a whole, by what one of its files says to it. */
  questions: Map<string, (file: ModuleSyntax) => unknown>;
  /** Code that runs at start was looked through as that of handlers is. */
  looksInside: boolean;
}

export const heapAtStart = (): Heap => ({
  epoch: 0,
  ran: new Set(),
  log: [],
  firstId: 0,
  lasting: new Map(),
  isLost: false,
  questions: new Map(),
  looksInside: false,
});

/** Whose names these are: those of a block belong to the call around it. */
function epochOf(scope: Scope): number | undefined {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.epoch !== undefined) return at.epoch;
  return undefined;
}

/** Marks an object, a list or the like as made in this epoch. */
export function born<T extends { epoch?: number }>({ heap }: Machine, made: T): T {
  if (heap.epoch > 0) made.epoch = heap.epoch;
  return made;
}

/** Whether it ends with the handler that made it. */
export const dies = ({ epoch, firstId }: Heap, it: object): boolean =>
  epoch === 0 || (it as { epoch?: number }).epoch === epoch || ((it as Resource).t === 'resource' && ((it as Resource).id >= firstId || (it as Resource).type === 'Response'));

/** Sets an entry that belongs to `owner`, and notes it where that outlives the handler. */
export function setIn<K, V>(
  m: Machine,
  owner: object,
  map: { has(key: K): boolean; get(key: K): V | undefined; set(key: K, value: V): unknown; delete(key: K): boolean },
  key: K,
  value: V,
): void {
  if (!dies(m.heap, owner)) {
    const had = map.has(key);
    const before = map.get(key) as V;
    note(m, { on: map, key, value, undo: () => void (had ? map.set(key, before) : map.delete(key)), redo: () => void map.set(key, value) });
  }
  map.set(key, value);
}

/** Sets a name. */
export function setName(m: Machine, at: Scope, name: string, value: Scope['names'] extends Map<string, infer V> ? V : never): void {
  if (m.heap.epoch === 0 || epochOf(at) === m.heap.epoch) at.names.set(name, value);
  else setIn(m, at.names, at.names, name, value);
}

/** Sets a field of what belongs to `owner`. */
export function setField<T extends object, K extends keyof T>(m: Machine, owner: object, of: T, name: K, value: T[K]): void {
  if (!dies(m.heap, owner)) {
    const had = Object.hasOwn(of, name);
    const before = of[name];
    const undo = (): void => {
      if (had) of[name] = before;
      else delete of[name];
    };
    const redo = (): void => {
      of[name] = value;
    };
    note(m, { on: of, key: name, value, passes: (owner as Resource).type === 'Context', undo, redo });
  }
  of[name] = value;
}

/** Adds to a set that lasts as long as the program. */
export function addTo<T>(m: Machine, set: Set<T>, it: T): void {
  if (set.has(it)) return;
  set.add(it);
  if (m.heap.epoch > 0) note(m, { on: set, key: it, value: true, undo: () => void set.delete(it), redo: () => void set.add(it) });
}

/** Puts at the end of a list. */
export function pushTo<T>(m: Machine, owner: object, list: T[], more: readonly T[]): void {
  if (!dies(m.heap, owner)) {
    const { length } = list;
    const undo = (): void => {
      list.length = length;
    };
    note(m, { on: list, key: length, value: more, undo, redo: () => void list.push(...more) });
  }
  list.push(...more);
}

/** An object that is there was made anew in some way, or the like: nothing after it can be read by itself. */
export function lose(m: Machine, it: object): void {
  if (dies(m.heap, it)) return;
  m.heap.isLost = true;
}

function note({ heap }: Machine, it: Write): void {
  heap.log.push(it);
  keepLasting(heap, it.value, 0);
}

const DEEPEST = 3;

/** Resources that somebody leaves behind are looked at like those that were there before. */
function keepLasting(heap: Heap, it: unknown, depth: number): void {
  if (typeof it !== 'object' || it === null || depth > DEEPEST) return;
  if (Array.isArray(it)) {
    for (const part of it) keepLasting(heap, part, depth + 1);
    return;
  }
  const value = it as { t?: string; items?: unknown; props?: Map<string, unknown>; hit?: unknown };
  if (value.t === 'resource') {
    if ((it as Resource).id >= heap.firstId) heap.lasting.set(it as Resource, []);
  } else if (value.t === 'list') keepLasting(heap, value.items, depth + 1);
  else if (value.props) for (const part of value.props.values()) keepLasting(heap, part, depth + 1);
  // Steps of a handler that another one may add to.
  else if (value.t === 'data' && value.hit) {
    heap.isLost = true;
  }
}

/** What a handler sets on the context of its request dies with it: the next one gets another. */
export function endOfRequest(heap: Heap): void {
  for (const it of heap.log.toReversed()) if (it.passes) it.undo();
  heap.log = heap.log.filter((it) => !it.passes);
}
