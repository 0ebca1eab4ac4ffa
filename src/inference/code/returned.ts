import { born, dies } from './heap.ts';
import type { Machine } from './machine.ts';
import { NOTHING, type ObjectValue, oneOf, truth, UNKNOWN, type Value } from './values.ts';

/**
 * What a function gives back that returns in several places: `{ ok: false, error }` here and `{ ok: true, data }` there
 * is one of both, and what tells them apart decides nothing.
 */
export function eitherReturned(m: Machine, before: Value, value: Value): Value {
  const areOwn = m.tracing > 0 && before.t === 'object' && value.t === 'object' && dies(m.heap, before) && dies(m.heap, value);
  return areOwn ? eitherObject(m, before, value) : oneOf(before, value);
}

function eitherObject(m: Machine, a: ObjectValue, b: ObjectValue): Value {
  const props = new Map(a.props);
  for (const name of new Set([...a.props.keys(), ...b.props.keys()])) {
    const [one, other] = [a.props.get(name), b.props.get(name)];
    const said = eitherProperty(one ?? (a.open ? UNKNOWN : NOTHING), other ?? (b.open ? UNKNOWN : NOTHING));
    if (said !== NOTHING || one) props.set(name, said);
  }
  const open = a.open ?? b.open;
  const either: ObjectValue = { t: 'object', props, places: new Map([...b.places, ...a.places]), ...(open && { open: new Set(open) }) };
  return born(m, either);
}

const isFlag = (it: Value): boolean => it.t === 'boolean' || it.t === 'text' || it.t === 'number' || it.t === 'nothing';

/** What is more than a flag stands for both; a flag only where the other one says the same. */
function eitherProperty(a: Value, b: Value): Value {
  const [one, other] = [truth(a), truth(b)];
  // `{ status: 403 }` here and `{ status: 200 }` there is no refusal.
  if (a.t === 'number' && b.t === 'number') return a.v === b.v ? a : UNKNOWN;
  if (isFlag(a) && isFlag(b)) return one === other ? a : UNKNOWN;
  if (!isFlag(a)) return a.t === 'unknown' && !isFlag(b) ? b : a;
  // What is there on one way only: a test of it leads both ways.
  return b.t === 'object' || b.t === 'list' ? UNKNOWN : b;
}
