import { evaluate } from './evaluate.ts';
import type { Machine } from './machine.ts';
import type { Expression } from './syntax.ts';
import { type Scope, textOf, type Value } from './values.ts';

/** Who runs the system: what flags, functions and roles of them are called. */
const RUNS_IT =
  /^(is|has|by|be|as|require|assert|check|ensure|must_?be)?_?(super|global|site|system|server|instance|platform|app)?[_-]?(admin|administrator|superuser|staff|moderator)s?([_-]?(user|access|role|rights|only))?$/i;
const ROLE = /(role|permission|privilege|access|level|group|scope|type)s?(id|name)?$/i;
const LOOKS_FOR = /^(includes|some|has|indexOf)$/;
const IDS = /^(id|_id|email|username|uid)$/;

/** What a test says of who asks: +1 where it holds for administrators alone, -1 where it holds for all others, 0 where it tells nothing. */
type Sign = -1 | 0 | 1;

/**
 * Whether a test tells those who run the system from its users: a flag of them (`user.isAdmin`), a role that is compared with theirs,
 * or the one user whose id is written down. What only a few may ask is asked seldom.
 */
export function signOf(m: Machine, it: Expression, scope: Scope): Sign {
  switch (it.k) {
    case 'name':
      return RUNS_IT.test(it.n) ? 1 : 0;
    case 'member':
      return RUNS_IT.test(it.p) ? 1 : 0;
    case 'not':
      return -signOf(m, it.e, scope) as Sign;
    case 'await':
      return signOf(m, it.e, scope);
    case 'other':
      return it.es.length === 1 ? signOf(m, it.es[0] as Expression, scope) : 0;
    case 'logic': {
      const signs = [signOf(m, it.a, scope), signOf(m, it.b, scope)];
      // All of an `&&` must hold, and all of an `||` fail.
      const [one, both]: [Sign, Sign] = it.op === '&&' ? [1, -1] : [-1, 1];
      return signs.includes(one) ? one : signs.every((sign) => sign === both) ? both : 0;
    }
    case 'binary':
      return signOfComparison(m, it, scope);
    case 'call': {
      const name = it.f.k === 'name' ? it.f.n : it.f.k === 'member' ? it.f.p : '';
      if (RUNS_IT.test(name)) return 1;
      if (it.f.k !== 'member' || !LOOKS_FOR.test(name) || it.a.length !== 1) return 0;
      // `user.roles.includes('admin')`, `['admin'].includes(user.role)`.
      const [looked, all] = [it.a[0] as Expression, it.f.o];
      return (isRole(all) && isTheirs(m, looked, scope)) || (isRole(looked) && isTheirs(m, all, scope)) ? 1 : 0;
    }
    default:
      return 0;
  }
}

function signOfComparison(m: Machine, { op, a, b }: Extract<Expression, { k: 'binary' }>, scope: Scope): Sign {
  if (!/^[!=]==?$/.test(op)) return 0;
  const holds: Sign = op.startsWith('!') ? -1 : 1;
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (isRole(one) && isTheirs(m, other, scope)) return holds;
    if (one.k === 'member' && IDS.test(one.p) && isWrittenDown(m, other, scope)) return holds;
    const sign = other.k === 'boolean' ? signOf(m, one, scope) : 0;
    if (sign !== 0) return (other.k === 'boolean' && !other.v ? -sign * holds : sign * holds) as Sign;
  }
  return 0;
}

const isRole = (it: Expression): boolean => (it.k === 'name' ? ROLE.test(it.n) : it.k === 'member' ? ROLE.test(it.p) : it.k === 'index' && isRole(it.o));

/** A role of theirs, or a list of no others: as text, or as a member of an enum. */
function isTheirs(m: Machine, it: Expression, scope: Scope): boolean {
  if (it.k === 'string') return RUNS_IT.test(it.v);
  if (it.k === 'array') return it.es.length > 0 && it.es.every((one) => isTheirs(m, one, scope));
  if (it.k !== 'name' && it.k !== 'member') return false;
  if (RUNS_IT.test(it.k === 'name' ? it.n : it.p)) return true;
  const told = evaluate(m, it, scope);
  const texts = told.t === 'list' ? told.items.map(textOf) : [textOf(told)];
  return texts.length > 0 && texts.every((one) => one !== undefined && RUNS_IT.test(one));
}

/** One user whom code or a variable names. */
function isWrittenDown(m: Machine, it: Expression, scope: Scope): boolean {
  if (it.k === 'number') return true;
  // `Number(process.env.ADMIN_ID || 1)`
  if (it.k === 'call') return it.f.k === 'name' && (it.f.n === 'Number' || it.f.n === 'parseInt') && it.a[0] !== undefined && isWrittenDown(m, it.a[0], scope);
  if (it.k === 'logic') return isWrittenDown(m, it.a, scope);
  if (it.k !== 'member' || it.o.k !== 'member' || it.o.p !== 'env') return false;
  return isKnownOrUnset(evaluate(m, it, scope));
}

const isKnownOrUnset = (it: Value): boolean => ['text', 'number', 'unset'].includes(it.t);

/** Runs an arm of a test: `true` where it is for some alone. */
export function forSome(m: Machine, isFor: boolean, body: () => void): void {
  const before = m.answer.isForSome;
  m.answer.isForSome ||= isFor;
  body();
  if (isFor) m.answer.isForSome = before;
}

/** All others have left. Where they only left the function, they go on behind it. */
export function leaveToSome(m: Machine, isOver: boolean): void {
  const frame = m.frames.at(-1);
  if (!isOver && frame && !m.answer.isForSome) frame.isForSomeHere = true;
  m.answer.isForSome = true;
}
