import type { Place } from '../../model/known.ts';
import type { DraftStep } from '../detector.ts';
import { lookup } from './execute.ts';
import { hasWork, type Machine, placeOf } from './machine.ts';
import type { Expression, FunctionSyntax, Pattern, Statement } from './syntax.ts';
import { oncePer } from './once-per.ts';
import { noteCatch } from './undoing.ts';
import type { Scope } from './values.ts';

/** What code does with the value of a call: nothing (a line in a log is nothing), gives it back, or anything else. */
type AnswerUse = 'ignored' | 'returned' | 'used';

/** The outermost call whose only work to wait for a step is, and what becomes of its answer. */
export interface Caller {
  use: AnswerUse;
  place: Place;
  /** What is around is no part of it: it is all that a handler does. */
  isOutermost?: true;
}

type Call = Extract<Expression, { k: 'call' }>;
type Asking = Extract<DraftStep, { kind: 'mail' | 'request' | 'publish' }>;

/** What becomes of a call's value, by the call; `handled`: its error is. */
export type Uses = WeakMap<Expression, AnswerUse | 'handled' | Bound>;

/** Names that a variable's declaration gives to it. */
interface Bound {
  names: readonly string[];
  within: unknown;
}

/** Notes what a statement does with the call that it is made of. */
export function noteStatement(m: Machine, it: Statement): void {
  const value = it.k === 'expression' || it.k === 'return' ? it.e : it.k === 'variable' ? it.v : undefined;
  // It is the same each time that it runs.
  if (!value || m.usesNoted.has(it)) return;
  m.usesNoted.add(it);
  noteCatch(m, value);
  mark(m, value, it.k === 'variable' ? { names: namesIn(it.p), within: m.frames.at(-1)?.f } : it.k === 'return' ? 'returned' : 'ignored');
}

const namesIn = (it: Pattern): string[] =>
  it.k === 'bind' ? [it.n] : it.k === 'object' ? it.ps.flatMap((part) => namesIn(part.p)) : it.ps.flatMap((part) => (part ? namesIn(part.p) : []));

function mark(m: Machine, e: Expression, use: AnswerUse | 'handled' | Bound): void {
  if (e.k === 'await') mark(m, e.e, use);
  else if (e.k === 'other' && e.es.length === 1) mark(m, e.es[0] as Expression, use);
  else if (e.k === 'logic' && use === 'ignored') mark(m, e.b, use);
  else if (e.k === 'conditional' && use === 'ignored') {
    mark(m, e.a, use);
    mark(m, e.b, use);
  } else if (e.k === 'call') {
    m.uses.set(e, use);
    const chained = chainOf(e);
    if (!chained) return;
    const [then] = e.a;
    // What the next link of a chain takes is used; a link that takes nothing leaves it behind.
    if (chained.name === 'then') mark(m, chained.of, then?.k === 'function' && then.f.params.length === 0 && e.a.length === 1 ? 'ignored' : 'used');
    else if (chained.name === 'catch') mark(m, chained.of, then?.k === 'function' && !onlyReports(then.f.body) ? 'handled' : use);
    else mark(m, chained.of, use);
  }
}

function chainOf(e: Call): { of: Expression; name: string } | undefined {
  return e.f.k === 'member' && /^(then|catch|finally)$/.test(e.f.p) ? { of: e.f.o, name: e.f.p } : undefined;
}

/** After a call: where the only work in it was to wait for somebody's answer, it is the call to speak of. */
export function noteCall(m: Machine, e: Call, scope: Scope, start: number): void {
  const asking = onlyAsking(m.sink, start);
  if (!asking || asking.caller?.isOutermost || chainOf(e)) return;
  if (e.f.k === 'name' && isPassedOn(lookup(scope, e.f.n)?.t)) return;
  // A wrapper that hands on the request itself calls the handler: what it waits for is the whole answer.
  if (asking.caller && e.a.some((it) => it.k === 'name' && isReply(lookup(scope, it.n)))) {
    asking.caller = { ...asking.caller, isOutermost: true };
    return;
  }
  asking.caller = { use: becomes(m, e, asking.caller?.use), place: placeOf(scope.file, e.at) };
}

const isPassedOn = (t: string | undefined): boolean => t === 'native';
const isReply = (it: { t: string; type?: string } | undefined): boolean => it?.t === 'resource' && (it.type === 'Response' || it.type === 'Next');

/** After a `try` around nothing but such a call: a handler that does more than report makes an answer of the error. */
export function noteTry(m: Machine, handler: readonly Statement[], start: number): void {
  if (handler.length === 0 || onlyReports(handler)) return;
  const asking = onlyAsking(m.sink, start);
  if (asking?.caller) asking.caller = { ...asking.caller, use: 'used' };
}

/** After what a `try` holds, or what stands before a `.catch`: the innermost one that keeps an error decides; one that is thrown on goes further. */
export function noteCaught(m: Machine, handler: readonly Statement[], place: Place, from: number): void {
  if (m.tracing === 0) return;
  const isLogged = onlyReports(handler);
  if (!isLogged && throwsOn(handler)) return;
  for (const step of m.asked.slice(from)) if (step.kind === 'query' || step.kind === 'request' || step.kind === 'publish') step.caught ??= { by: isLogged ? 'log' : 'code', place };
}

/** `.catch(…)` behind what was asked since `from`; a function that is only named may do anything. */
export function noteChain(m: Machine, e: Call, place: Place, from: number): void {
  if (m.tracing === 0 || m.asked.length === from || chainOf(e)?.name !== 'catch') return;
  const [handler] = e.a;
  noteCaught(m, handler?.k === 'function' ? handler.f.body : [{ k: 'expression', e, at: e.at }], place, from);
}

const throwsOn: (handler: readonly Statement[]) => boolean = oncePer(throwsInside);

function throwsInside(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(throwsInside);
  return (node as { k?: string }).k === 'throw' || Object.values(node).some(throwsInside);
}

/** The only step since `start` that is work, if somebody is asked by it. */
function onlyAsking(steps: readonly DraftStep[], start: number): Asking | undefined {
  let found: Asking | undefined;
  for (let at = start; at < steps.length; at += 1) {
    const it = steps[at] as DraftStep;
    if (it.kind === 'respond' || it.kind === 'compute') continue;
    const asking = it.kind === 'branch' && it.isOptional && !hasWork(it.otherwise) ? onlyAsking(it.taken, 0) : it;
    if (found || (asking?.kind !== 'mail' && asking?.kind !== 'request' && asking?.kind !== 'publish')) return undefined;
    found = asking;
  }
  return found;
}

/** What is ignored further in stays so, unless its error is made something of. */
function becomes(m: Machine, e: Expression, inner: AnswerUse | undefined): AnswerUse {
  const it = m.uses.get(e);
  if (it === 'handled' || inner === 'used') return 'used';
  if (inner === 'ignored' || it === undefined || typeof it === 'string') return inner === 'ignored' ? 'ignored' : ((it as AnswerUse | undefined) ?? 'used');
  const body = (it.within as FunctionSyntax | undefined)?.body;
  if (!body) return 'used';
  const count: Count = { logged: 0, returned: 0, other: 0 };
  for (const name of it.names) countNames(body, name, 'other', count);
  return count.other > 0 ? 'used' : count.returned > 0 ? 'returned' : 'ignored';
}

type Count = Record<'logged' | 'returned' | 'other', number>;

/** Where a name is read, by what is done with it. */
function countNames(node: unknown, name: string, where: keyof Count, count: Count): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const it of node) countNames(it, name, where, count);
    return;
  }
  const it = node as { k?: string; n?: string; e?: unknown };
  if (it.k === 'name' && it.n === name) count[where] += 1;
  if (it.k === 'call' && isReport(it as Call)) {
    countNames((it as Call).a, name, 'logged', count);
    return;
  }
  if (it.k === 'return') {
    countNames(it.e, name, where === 'other' ? 'returned' : where, count);
    return;
  }
  for (const part of Object.values(node)) countNames(part, name, where, count);
}

/** `console.error(e)`, `logger.warn({ e })`, `this.logger.error(e)`. */
function isReport(e: Call): boolean {
  let root: Expression = e.f;
  while (root.k === 'member') {
    if (/^(console|log|logger)$/i.test(root.p)) return true;
    root = root.o;
  }
  return root.k === 'name' && /^(console|log|logger|winston|debug)$/i.test(root.n);
}

/** Nothing but lines for a log. */
function onlyReports(body: readonly Statement[]): boolean {
  return body.every((it) => (it.k === 'expression' || it.k === 'return' ? it.e === undefined || isOnlyReport(it.e) : false));
}

function isOnlyReport(e: Expression): boolean {
  if (e.k === 'await') return isOnlyReport(e.e);
  return e.k === 'call' && isReport(e);
}
