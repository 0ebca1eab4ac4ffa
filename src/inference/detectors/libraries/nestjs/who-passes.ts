import type { Expression, FunctionSyntax, Pattern, Statement } from '../../../code/syntax.ts';
import type { ClassValue, Value } from '../../../code/values.ts';

/** Who has signed in has these, whoever it is. */
const OF_EVERYBODY = /^(id|_id|uid|uuid|sub|email|username|name)$/;
const LOOKS_FOR = /^(includes|some|every|has|indexOf)$/;
const EQUAL = /^[!=]==?$/;

/** What a test says of the user: +1 where it holds only for those who have something that not everybody has, -1 where it holds for all others, 0 otherwise. */
type Sign = -1 | 0 | 1;

/** Names that hold the user of a request, and names that hold something of the user. */
interface Names {
  users: Set<string>;
  traits: Set<string>;
}

/** A guard that lets nobody pass but users with a role or a flag: each way to `true` asks for `request.user.<something>`. What it asks of others counts for nothing here. */
export function letsSomePass(guard: Value): boolean {
  const method = guard.t === 'class' || guard.t === 'instance' ? methodOf(guard.t === 'class' ? guard : guard.of) : undefined;
  if (!method) return false;
  const names: Names = { users: new Set(), traits: new Set() };
  noteNames(method.body, names);
  const ways = { picked: 0, open: 0 };
  walk(method.body, false, names, ways);
  return ways.picked > 0 && ways.open === 0;
}

const methodOf = (it: ClassValue): FunctionSyntax | undefined =>
  it.c.members.find((member) => member.n === 'canActivate' && member.kind === 'method')?.f ?? (it.parent?.t === 'class' ? methodOf(it.parent) : undefined);

function noteNames(body: readonly Statement[], names: Names): void {
  for (const it of body) {
    if (it.k === 'variable' && it.v) noteName(it.p, it.v, names);
    else if (it.k === 'block') noteNames(it.body, names);
    else if (it.k === 'try') noteNames(it.body, names);
  }
}

function noteName(pattern: Pattern, of: Expression, names: Names): void {
  if (pattern.k === 'bind') {
    if (isUser(of, names)) names.users.add(pattern.n);
    else if (isTrait(of, names)) names.traits.add(pattern.n);
  } else if (pattern.k === 'object')
    for (const { key, p } of pattern.ps) {
      if (p.k !== 'bind') continue;
      if (isUser(of, names)) {
        if (key !== null && !OF_EVERYBODY.test(key)) names.traits.add(p.n);
      } else if (key === 'user') names.users.add(p.n);
    }
}

/** `request.user`, where Passport and its likes put who asks. */
const isUser = (it: Expression, names: Names): boolean => (it.k === 'name' ? names.users.has(it.n) : it.k === 'member' && it.p === 'user');

const isTrait = (it: Expression, names: Names): boolean =>
  it.k === 'name' ? names.traits.has(it.n) : it.k === 'member' ? (isUser(it.o, names) ? !OF_EVERYBODY.test(it.p) : isTrait(it.o, names)) : it.k === 'index' && isTrait(it.o, names);

/** Counts the ways out of a body that let somebody pass. True where nothing runs on behind it. */
function walk(body: readonly Statement[], before: boolean, names: Names, ways: { picked: number; open: number }): boolean {
  let isPicked = before;
  for (const it of body) {
    switch (it.k) {
      case 'return':
        if (it.e && !isFalse(it.e)) ways[isPicked || signOf(it.e, names) > 0 ? 'picked' : 'open'] += 1;
        return true;
      case 'throw':
        return true;
      case 'if': {
        const sign = signOf(it.test, names);
        const leavesFirst = walk(it.a, isPicked || sign > 0, names, ways);
        const leavesSecond = walk(it.b, isPicked || sign < 0, names, ways);
        if (leavesFirst && leavesSecond) return true;
        isPicked ||= (leavesFirst && sign < 0) || (leavesSecond && sign > 0);
        break;
      }
      case 'block':
        if (walk(it.body, isPicked, names, ways)) return true;
        break;
      case 'try': {
        const leaves = walk(it.body, isPicked, names, ways);
        walk(it.handler, isPicked, names, ways);
        if (leaves) return true;
        break;
      }
      case 'loop':
      case 'switch':
        // How often, or which of them: whoever may pass in there may be anybody.
        walk(it.k === 'loop' ? it.body : it.cases.flatMap((one) => one.body), isPicked, names, ways);
        break;
    }
  }
  return false;
}

const isFalse = (it: Expression): boolean => it.k === 'boolean' && !it.v;

function signOf(it: Expression, names: Names): Sign {
  if (isTrait(it, names)) return 1;
  switch (it.k) {
    case 'not':
      return -signOf(it.e, names) as Sign;
    case 'await':
      return signOf(it.e, names);
    case 'other':
      return it.es.length === 1 ? signOf(it.es[0] as Expression, names) : 0;
    case 'logic': {
      const signs = [signOf(it.a, names), signOf(it.b, names)];
      // All of an `&&` must hold, and all of an `||` fail.
      const [one, both]: [Sign, Sign] = it.op === '&&' ? [1, -1] : [-1, 1];
      return signs.includes(one) ? one : signs.every((sign) => sign === both) ? both : 0;
    }
    case 'binary': {
      if (!isTrait(it.a, names) && !isTrait(it.b, names)) return 0;
      const isAbsent = [it.a, it.b].some((side) => side.k === 'null' || isFalse(side) || (side.k === 'name' && side.n === 'undefined'));
      return EQUAL.test(it.op) && it.op.startsWith('!') !== isAbsent ? -1 : 1;
    }
    case 'call':
      if (it.f.k === 'name' && it.f.n === 'Boolean') return it.a[0] ? signOf(it.a[0], names) : 0;
      return it.f.k === 'member' && LOOKS_FOR.test(it.f.p) && [it.f.o, ...it.a].some((part) => mentionsTrait(part, names)) ? 1 : 0;
    case 'conditional': {
      const sign = signOf(it.test, names);
      return (sign > 0 && isFalse(it.b)) || (sign < 0 && isFalse(it.a)) ? 1 : 0;
    }
    default:
      return 0;
  }
}

/** Also within a function: `needed.some((it) => user.roles.includes(it))`. */
function mentionsTrait(node: unknown, names: Names): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((it) => mentionsTrait(it, names));
  return isTrait(node as Expression, names) || Object.values(node).some((it) => mentionsTrait(it, names));
}
