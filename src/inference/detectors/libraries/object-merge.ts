import { layOver, object, type ObjectValue, UNKNOWN, type Value } from '../../code/values.ts';
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
  return parts.reduce<ObjectValue>(laidOver, object());
}

function laidOver(under: ObjectValue, over: Value): ObjectValue {
  if (over.t === 'nothing') return under;
  if (over.t !== 'object') return opened(under);
  const made = object();
  layOver(made, under);
  layOver(made, over, (before, value) => (value.t === 'nothing' ? undefined : before?.t === 'object' && value.t === 'object' ? laidOver(before, value) : value));
  return made;
}

/** Anything in it may have been replaced. */
function opened(it: ObjectValue): ObjectValue {
  const made = object();
  layOver(made, it, (_before, value) => (value.t === 'object' ? opened(value) : value));
  made.open = new Set(made.props.keys());
  return made;
}
