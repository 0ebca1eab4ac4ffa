import { object, type ObjectValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Libraries that lay one object of settings over another, as deep as both go. */
export default {
  id: 'object-merge',
  packages: ['deepmerge', 'deepmerge-ts', 'ts-deepmerge', 'defu', 'lodash.merge', 'lodash.defaultsdeep'],
  call(it) {
    if (it.receiver || it.isNew) return undefined;
    const name = it.name.split('.').at(-1) ?? '';
    const [first] = it.args;
    // Only deepmerge's takes options behind the two.
    if (it.package === 'deepmerge') return name === 'all' ? merged(first?.t === 'list' && !first.open ? first.items : [UNKNOWN]) : merged(it.args.slice(0, 2));
    return merged(it.package === 'defu' || it.package === 'lodash.defaultsdeep' ? [...it.args].reverse() : it.args);
  },
} satisfies LibraryDetector;

/** What later parts say goes before what earlier ones say, however deep. What can't be read may replace all that came before it. */
export function merged(parts: readonly Value[]): Value {
  return parts.reduce<ObjectValue>((under, over) => laidOver(under, over), object());
}

function laidOver(under: ObjectValue, over: Value): ObjectValue {
  const made = object(under.props);
  for (const [name, place] of under.places) made.places.set(name, place);
  if (under.open) made.open = new Set(under.open);
  if (over.t === 'nothing') return made;
  if (over.t !== 'object') return opened(made);
  if (over.open) made.open = new Set([...(made.open ?? []), ...made.props.keys()]);
  for (const [name, value] of over.props) {
    if (value.t === 'nothing') continue;
    const before = made.props.get(name);
    const place = over.places.get(name);
    made.props.set(name, before?.t === 'object' && value.t === 'object' ? laidOver(before, value) : value);
    if (place) made.places.set(name, place);
    if (!over.open?.has(name)) made.open?.delete(name);
  }
  return made;
}

/** Anything in it may have been replaced. */
function opened(it: ObjectValue): ObjectValue {
  const made = object([...it.props].map(([name, value]) => [name, value.t === 'object' ? opened(value) : value] as const));
  for (const [name, place] of it.places) made.places.set(name, place);
  made.open = new Set(made.props.keys());
  return made;
}
