import type { Expression, FunctionSyntax } from './syntax.ts';
import { DATA, numberOf, type Value } from './values.ts';

/** All that is called where a list is parted and nothing else is done. */
const PARTS = new Set(['slice', 'splice', 'push', 'reduce', 'forEach', 'map', 'from', 'fill', 'floor', 'ceil', 'trunc', 'max', 'Array', 'Error', 'RangeError', 'TypeError']);
const ROUNDS = new Set(['floor', 'ceil', 'trunc']);

const known = new WeakMap<FunctionSyntax, boolean>();

/** Whether a function parts a list into pieces of so many items, as lodash's `chunk` does: it steps by its second argument, or divides by it, and cuts or gathers. */
export function partsLists(f: FunctionSyntax): boolean {
  const before = known.get(f);
  if (before !== undefined) return before;
  const [list, size] = f.params;
  const is = f.params.length === 2 && list?.p.k === 'bind' && size?.p.k === 'bind' && looksLikeIt(f, size.p.n);
  known.set(f, is);
  return is;
}

function looksLikeIt({ body }: FunctionSyntax, size: string): boolean {
  const isSize = (it: Expression | undefined): boolean => it?.k === 'name' && it.n === size;
  let isStrange = false;
  let divides = false;
  let cuts = false;
  const visit = (it: unknown): void => {
    if (isStrange || typeof it !== 'object' || it === null) return;
    const node = it as Expression;
    if (node.k === 'assign' && node.op === '+=' && isSize(node.v)) divides = true;
    if (node.k === 'call') {
      const name = node.f.k === 'member' ? node.f.p : node.f.k === 'name' ? node.f.n : '';
      const [first] = node.a;
      isStrange ||= !PARTS.has(name);
      cuts ||= name === 'slice' || name === 'splice' || name === 'push';
      divides ||= (name === 'splice' && node.a.some(isSize)) || (ROUNDS.has(name) && first?.k === 'binary' && first.op === '/' && isSize(first.b));
    }
    for (const part of Object.values(it)) visit(part);
  };
  visit(body);
  return divides && cuts && !isStrange;
}

/** What such a function gives back: each piece holds what the list holds. */
export function chunksOf(whole: Value | undefined, by: Value | undefined): Value {
  const size = numberOf(by);
  return { t: 'list', items: [whole ?? DATA], open: true, portion: 'chunks', ...(size !== undefined && { size }) };
}
