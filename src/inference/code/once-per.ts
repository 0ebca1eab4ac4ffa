/** What is asked of the same piece of syntax each time that it is read, found out the first time. A body that changes is another one. */
export function oncePer<K extends object, V>(find: (it: K) => V): (it: K) => V {
  const known = new WeakMap<K, V>();
  return (it) => {
    let found = known.get(it);
    if (found === undefined) {
      found = find(it);
      known.set(it, found);
    }
    return found;
  };
}
