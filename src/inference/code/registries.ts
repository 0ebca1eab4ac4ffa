import { list, type ObjectValue, type Resource, text, textOf, type Value } from './values.ts';

/** What a program registers under names while it starts, to be asked for by name later: services, queues, handlers. */
type Registry = Map<unknown, { key: Value; value: Value }>;

const TELLING: ReadonlySet<Value['t']> = new Set(['instance', 'function', 'class', 'resource', 'native', 'either']);

/** Data is what caches hold: whether it is there yet nobody knows. */
const isTelling = (it: Value): boolean => TELLING.has(it.t) || (it.t === 'object' && [...(it as ObjectValue).props.values()].some((one) => TELLING.has(one.t)));

const keyOf = (key: Value, size: number): unknown => textOf(key) ?? (key.t === 'class' || key.t === 'function' || key.t === 'instance' ? key : `unknown ${size}`);

/** Puts something into a map or set of the language. */
export function register(of: Resource, key: Value, value: Value): void {
  if (!isTelling(value)) return;
  const registry = (of.data.registry ??= new Map()) as Registry;
  registry.set(keyOf(key, registry.size), { key, value });
}

const registryOf = (it: Value): Registry | undefined => (it.t === 'resource' ? (it.data.registry as Registry | undefined) : undefined);

export const isRegistry = (of: Resource): boolean => registryOf(of) !== undefined;

/** What stands under a key; of one that is not known, all that may. */
export function registeredUnder(of: Resource, key: Value | undefined): readonly Value[] {
  const registry = registryOf(of) ?? new Map<unknown, { value: Value }>();
  const known = key && registry.get(keyOf(key, Number.NaN));
  if (known) return [known.value];
  return key && textOf(key) === undefined ? [...registry.values()].map((it) => it.value) : [];
}

/** Values of a registry, or its keys. */
export const registered = (of: Resource, what: 'key' | 'value'): Value[] => [...(registryOf(of)?.values() ?? [])].map((it) => it[what]);

/** The rounds of a loop over a registry; undefined for anything else. */
export function registeredIn(it: Value): Value | undefined {
  const registry = registryOf(it);
  if (!registry || it.t !== 'resource') return undefined;
  return list(it.type === 'Set' ? registered(it, 'value') : [...registry.values()].map(({ key, value }) => list([key, value])));
}

/** Entries that a map or set is made with. */
export function registerAll(of: Resource, entries: Value | undefined): void {
  if (entries?.t !== 'list') return;
  for (const [at, it] of entries.items.entries()) {
    if (of.type === 'Set') register(of, text(String(at)), it);
    else if (it.t === 'list' && it.items[0] && it.items[1]) register(of, it.items[0], it.items[1]);
  }
}
