import type { DraftStep } from '../detector.ts';
import { countedOver, roundsOf } from './rounds.ts';
import { noteCaught, noteStatement, noteTry } from './answer-use.ts';
import { oneOfPrograms, sameWork } from './alternatives.ts';
import { bindPattern, evaluate, hitOf } from './evaluate.ts';
import { forSome, leaveToSome, signOf } from './for-some.ts';
import { apart, hasWork, joinHolds, type Machine, perhaps, placeOf, switchedBy, unfailing } from './machine.ts';
import { notePromised } from './shared-loads.ts';
import { loadModule, whenLoaded } from './modules.ts';
import { isEndless, notePolls, startPolling } from './polling.ts';
import { registeredIn } from './registries.ts';
import { overOf, roundOf } from './origins.ts';
import { forOwnRow, inRound, leaveToOwnRow, ownRowIn } from './own-row.ts';
import { eitherReturned } from './returned.ts';
import { isUnderWay, oneSided, type Way } from './sometimes.ts';
import type { Expression, Statement } from './syntax.ts';
import { noteHandler } from './undoing.ts';
import { waits } from './waiting.ts';
import { DATA, join, NOTHING, type Scope, textOf, truth, UNKNOWN, type Value } from './values.ts';

/** `done`: returned or thrown; `leave`: left a loop or switch. */
export type Completion = 'next' | 'done' | 'leave';

/** Reads statements in order, as far as they are reached. Functions are known before the first statement. */
export function execute(m: Machine, body: readonly Statement[], scope: Scope): Completion {
  for (const it of body) if (it.k === 'function') scope.names.set(it.n, { t: 'function', f: it.f, scope, props: new Map() });
  for (let at = 0; at < body.length; at += 1) {
    const completion = executeOne(m, body[at] as Statement, scope);
    if (completion !== 'next') return completion;
    if (m.inTry?.isThrown) return 'done';
  }
  return 'next';
}

const within = (scope: Scope): Scope => ({ names: new Map(), parent: scope, file: scope.file });
/** What stands under a case knows what the name is there. */
const whereIs = (scope: Scope, name: string, value: Value): Scope => ({ ...within(scope), names: new Map([[name, value]]) });

const binds = (it: Statement): boolean => it.k === 'variable' || it.k === 'function' || it.k === 'class';

/** Most blocks bind nothing and need no names of their own. */
const executeBlock = (m: Machine, body: readonly Statement[], scope: Scope): Completion => execute(m, body, body.some(binds) ? within(scope) : scope);

function executeOne(m: Machine, it: Statement, scope: Scope): Completion {
  if (m.tracing > 0) noteStatement(m, it);
  switch (it.k) {
    case 'expression':
      executeExpression(m, it.e, scope);
      return 'next';
    case 'variable':
      return executeVariable(m, it, scope);
    case 'function':
      return 'next';
    case 'class':
      scope.names.set(it.n, evaluate(m, { k: 'class', c: it.c }, scope));
      return 'next';
    case 'return': {
      const value = it.e ? evaluate(m, it.e, scope) : NOTHING;
      const frame = m.frames.at(-1);
      if (frame && m.optional > 0) frame.optional = join(frame.optional, value);
      else if (frame) frame.returned = frame.returned ? eitherReturned(m, frame.returned, value) : value;
      frame?.returns.push(m.holds);
      return 'done';
    }
    case 'throw': {
      evaluate(m, it.e, scope);
      m.failures += 1;
      const { inTry } = m;
      if (inTry?.isSure && inTry.conditional === m.conditional && inTry.rounds === m.rounds && inTry.inUnknown === m.inUnknown) inTry.isThrown = true;
      return 'done';
    }
    case 'if':
      return executeIf(m, it, scope);
    case 'loop':
      return executeLoop(m, it, scope);
    case 'try':
      return executeTry(m, it, scope);
    case 'block':
      return executeBlock(m, it.body, scope);
    case 'switch':
      return executeSwitch(m, it, scope);
    case 'leave':
      return 'leave';
    default:
      return executeModuleStatement(m, it, scope);
  }
}

/** A call that nobody waits for goes on beside the program, unless the answer is sent from inside it. */
function executeExpression(m: Machine, e: Expression, scope: Scope): void {
  const sink = m.sink;
  const start = sink.length;
  evaluate(m, e, scope);
  const call = e.k === 'other' && e.es.length === 1 ? e.es[0] : e;
  if (call?.k !== 'call' || m.tracing === 0 || sink !== m.sink) return;
  const made = sink.slice(start);
  if (made.some(answers) || isContinued(call)) return;
  for (const step of made) leave(step);
}

function leave(step: DraftStep): void {
  if ('awaited' in step) step.awaited = false;
  else if (step.kind === 'branch') for (const it of [...step.taken, ...step.otherwise]) leave(it);
}

const answers = (step: DraftStep): boolean =>
  step.kind === 'respond' ||
  ('steps' in step && step.steps.some(answers)) ||
  (step.kind === 'cache' && step.onMiss.some(answers)) ||
  (step.kind === 'branch' && [...step.taken, ...step.otherwise].some(answers));

/** Callback style waits inside; `then`, `forEach` and the like don't. */
function isContinued(e: Extract<Expression, { k: 'call' }>): boolean {
  if (e.f.k === 'member' && ['then', 'catch', 'finally', 'forEach', 'map'].includes(e.f.p)) return false;
  return e.a.some((it) => it.k === 'function' && it.f.params.length > 0);
}

function executeVariable(m: Machine, it: Extract<Statement, { k: 'variable' }>, scope: Scope): Completion {
  const { length } = m.asked;
  bindPattern(m, it.p, it.v ? evaluate(m, it.v, scope) : NOTHING, scope);
  if (m.tracing > 0 && it.v && it.p.k === 'bind') notePromised(m, it.p.n, it.v, scope, length);
  return 'next';
}

export function lookup(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

function executeIf(m: Machine, it: Extract<Statement, { k: 'if' }>, scope: Scope): Completion {
  const test = evaluate(m, it.test, scope);
  const known = truth(test);
  if (known !== undefined) return known ? pastGuard(m, test, it.a, it.b, scope) : pastGuard(m, test, it.b, it.a, scope);
  const hit = hitOf(test);
  if (hit) return executeHit(m, hit.step.onMiss, hit.negated ? it.b : it.a, hit.negated ? it.a : it.b, scope);
  let first = 'next' as Completion;
  let second = 'next' as Completion;
  const own = ownRowIn(m, it.test, scope);
  const sign = m.tracing > 0 ? signOf(m, it.test, scope) : 0;
  const isOptional = test.t === 'unset' && !test.holds;
  m.optional += isOptional ? 1 : 0;
  const { length } = m.claims;
  const { continued } = m;
  const a = switchedBy(m, test, () =>
    perhaps(m, () => {
      forSome(m, sign > 0, () => {
        first = forOwnRow(m, own, true, () => executeBlock(m, it.a, scope));
      });
    }),
  );
  const made = m.claims.slice(length);
  const goesOn = m.continued > continued;
  m.optional -= isOptional ? 1 : 0;
  const b = perhaps(m, () => {
    forSome(m, sign < 0, () => {
      second = forOwnRow(m, own, false, () => executeBlock(m, it.b, scope));
    });
  });
  // Whoever refuses to start without a variable needs it.
  if (b.failed && test.t === 'unset') for (const claim of made) if (claim.kind === 'client') claim.client.data.switchedOnBy = undefined;
  const goingOn = [...(first === 'done' ? [] : [a.holds]), ...(second === 'done' ? [] : [b.holds])];
  const taken = first === 'done' && a.failed ? [] : a.steps;
  const otherwise = second === 'done' && b.failed ? [] : b.steps;
  const bothDone = first === 'done' && second === 'done';
  if (own && (own.when ? second !== 'next' || b.failed : first !== 'next' || a.failed)) leaveToOwnRow(m, own);
  const [others, ofOthers] = sign > 0 ? [b, second] : [a, first];
  if (sign !== 0 && (others.failed || ofOthers !== 'next')) leaveToSome(m, others.failed);
  const place = placeOf(scope.file, it.at);
  const whenTrue: Way = { steps: taken, failed: a.failed, isDone: first === 'done', goesOn, isFirst: true };
  const whenFalse: Way = { steps: otherwise, failed: b.failed, isDone: second === 'done', goesOn: m.continued > continued, isFirst: false };
  const endsOne = !bothDone && ((first === 'done' && hasWork(taken) && !b.failed) || (second === 'done' && hasWork(otherwise) && !a.failed));
  if ((hasWork(taken) && hasWork(otherwise)) || endsOne) {
    if (sameWork(taken, otherwise)) m.sink.push(...taken);
    // What nobody sets switches nothing on.
    else if (test.t === 'unset') m.sink.push(...(test.holds ? taken : otherwise));
    else {
      m.sink.push({ kind: 'branch', label: 'either way', taken, otherwise, place });
      if (first === 'done' && !bothDone) m.sink = otherwise;
      else if (second === 'done' && !bothDone) m.sink = taken;
    }
  } else if (hasWork(taken)) m.sink.push(...(isUnderWay(it.a) ? taken : oneSided(m, it.test, test, whenTrue, whenFalse, place, scope)));
  else if (hasWork(otherwise)) m.sink.push(...oneSided(m, it.test, test, whenFalse, whenTrue, place, scope));
  else if (it.b.length > 0 || bothDone) m.sink.push(...(first === 'done' && !bothDone ? otherwise : second === 'done' && !bothDone ? taken : a.failed ? otherwise : taken));
  joinHolds(m, goingOn);
  if (a.failed && b.failed) m.failures += 1;
  return bothDone ? 'done' : 'next';
}

const isSureOf = (test: Value): boolean => (test.t === 'boolean' || test.t === 'nothing') && test.isSure === true;

/**
 * The way that a test leads to. What a handler is seen to refuse for certain, it refuses for somebody:
 * `const error = check(req.body); if (error) return res.status(400)…` was read on the way on which there is an error. Others are let pass.
 */
function pastGuard(m: Machine, test: Value, block: readonly Statement[], other: readonly Statement[], scope: Scope): Completion {
  const frame = m.frames.at(-1);
  if (m.tracing === 0 || m.optional > 0 || !frame || isSureOf(test)) return executeKnown(m, test, block, scope);
  const { sink, failures, holds } = m;
  const [start, returned, returns] = [sink.length, frame.returned, frame.returns.length];
  const completion = executeKnown(m, test, block, scope);
  const refuses = completion === 'done' && m.failures > failures && !hasWork(m.sink.slice(start));
  if (!refuses || m.sink !== sink || m.holds !== holds) return completion;
  sink.length = start;
  m.failures = failures;
  frame.returned = returned;
  frame.returns.length = returns;
  return executeBlock(m, other, scope);
}

/** The way that a test leads to. Only where nothing unread decides does what is thrown there lead to a handler. */
function executeKnown(m: Machine, test: Value, block: readonly Statement[], scope: Scope): Completion {
  const { inTry } = m;
  if (!inTry || !isSureOf(test)) return executeBlock(m, block, scope);
  const before = inTry.isSure;
  inTry.isSure = true;
  const completion = executeBlock(m, block, scope);
  inTry.isSure = before;
  return completion;
}

/** `if (cached) return cached;`: what follows happens only on a miss. */
function executeHit(m: Machine, onMiss: DraftStep[], whenHit: readonly Statement[], whenMissed: readonly Statement[], scope: Scope): Completion {
  const { holds } = m;
  const onHit = executeBlock(m, whenHit, scope);
  const before = m.sink;
  const afterHit = m.holds;
  m.holds = holds;
  m.sink = onMiss;
  const missed = executeBlock(m, whenMissed, scope);
  if (onHit === 'done' && missed !== 'done') return 'next';
  const afterMiss = m.holds;
  m.sink = before;
  m.holds = afterHit;
  if (onHit === 'done') return 'done';
  if (missed !== 'done') joinHolds(m, [afterMiss]);
  return 'next';
}

function executeLoop(m: Machine, it: Extract<Statement, { k: 'loop' }>, scope: Scope): Completion {
  const given = it.over && evaluate(m, it.over, scope);
  const over = given && (registeredIn(given) ?? given);
  if (over?.t === 'list' && !over.open && over.items.length <= 50 && it.bind) {
    for (const item of over.items) {
      const inside = within(scope);
      bindPattern(m, it.bind, item, inside);
      if (execute(m, it.body, inside) === 'done') return 'done';
    }
    return 'next';
  }
  // `for await (const message of subscription)`: whoever made it knows when a round runs.
  const onEach = over?.t === 'resource' && m.tracing === 0 ? (over.data.onEach as ((handler: Value) => void) | undefined) : undefined;
  if (onEach) {
    const { frames } = m;
    onEach({
      t: 'native',
      call: ([item]) => {
        const before = m.frames;
        m.frames = [...frames, ...before];
        const inside = within(scope);
        if (it.bind) bindPattern(m, it.bind, item ?? DATA, inside);
        execute(m, it.body, inside);
        m.frames = before;
        return NOTHING;
      },
    });
    return 'next';
  }
  if (m.tracing === 0 && isEndless(it)) {
    let ends = 'next' as Completion;
    startPolling(m, it, scope, () => {
      ends = unfailing(m, () => executeBlock(m, it.body, scope));
    });
    return ends === 'done' ? 'done' : 'next';
  }
  let completion = 'next' as Completion;
  const place = placeOf(scope.file, it.at);
  const rounds = m.tracing > 0 ? roundsOf(m, it, scope) : undefined;
  const counted = m.tracing > 0 ? countedOver(m, it, scope) : undefined;
  const rows = overOf(it.isAwaited ? undefined : (over ?? counted?.over), place);
  m.rounds += 1;
  const steps = apart(m, () => {
    const inside = within(scope);
    if (it.bind) bindPattern(m, it.bind, roundOf(over, place), inside);
    for (const part of it.parts) evaluate(m, part, inside);
    // The one that stands there in this round: what it picks of the rows comes from them.
    if (counted && rows.over) inside.names.set(counted.counter, { t: 'data', from: { loops: [place] } });
    completion = unfailing(m, () => inRound(m, () => execute(m, it.body, inside)));
  });
  m.rounds -= 1;
  if (it.kind === 'while' && m.tracing > 0) notePolls(m, steps, place);
  // A while loop around a try is a retry or a poll: its body is judged once.
  // So is a body that always returns or breaks off: the second round is a second try.
  if (it.kind === 'while' || completion !== 'next' || m.tracing === 0) m.sink.push(...steps);
  else if (hasWork(steps)) m.sink.push({ kind: 'loop', concurrent: startsAtOnce(it, steps), steps, ...rows, ...(rounds && { rounds }), place });
  return completion === 'done' ? 'done' : 'next';
}

/** `for (const it of all) promises.push(load(it))`: nothing waits between the rounds, and somebody waits for all of them later. */
const startsAtOnce = (it: Extract<Statement, { k: 'loop' }>, steps: readonly DraftStep[]): boolean => !it.isAwaited && steps.some(asksSomebody) && !waits(it.body);

/** A request to another server cannot be waited for in passing, as work of the process itself is. */
const asksSomebody = (step: DraftStep): boolean =>
  (step.kind === 'request' && step.awaited) ||
  (step.kind === 'loop' && step.steps.some(asksSomebody)) ||
  (step.kind === 'parallel' && step.branches.some((branch) => branch.some(asksSomebody))) ||
  (step.kind === 'branch' && [...step.taken, ...step.otherwise].some(asksSomebody));

/** The handler of an error is another program: the one that works is judged. A handler is read only for the connections that it gives back. */
function executeTry(m: Machine, it: Extract<Statement, { k: 'try' }>, scope: Scope): Completion {
  const { opened } = m;
  const holding = m.holds.length > 0;
  const run = (): Completion => executeBlock(m, it.body, scope);
  const { sink, inTry } = m;
  const start = sink.length;
  const asked = m.asked.length;
  const own = { conditional: m.conditional, rounds: m.rounds, inUnknown: m.inUnknown, isSure: false, isThrown: false };
  if (it.handler.length > 0) m.inTry = own;
  let completion = it.handler.length > 0 ? unfailing(m, run) : run();
  m.inTry = inTry;
  if (m.tracing > 0 && m.sink === sink) noteTry(m, it.handler, start);
  noteHandler(m, it.handler);
  if (it.caught) noteCaught(m, it.handler, placeOf(scope.file, it.caught.at), asked);
  if (own.isThrown) completion = executeBlock(m, it.handler, scope);
  else if (m.tracing > 0 && it.handler.length > 0 && (holding || m.opened > opened)) readHandler(m, it.handler, scope);
  m.inFinally += 1;
  const last = executeBlock(m, it.last, scope);
  m.inFinally -= 1;
  return last === 'next' ? completion : last;
}

function readHandler(m: Machine, handler: readonly Statement[], scope: Scope): void {
  const frame = m.frames.at(-1);
  const { failures, holds } = m;
  const returned = frame?.returned;
  const returns = [...(frame?.returns ?? [])];
  m.inHandler += 1;
  apart(m, () => void executeBlock(m, handler, scope));
  m.inHandler -= 1;
  m.holds = holds;
  m.failures = failures;
  if (frame) Object.assign(frame, { returned, returns });
}

function executeSwitch(m: Machine, it: Extract<Statement, { k: 'switch' }>, scope: Scope): Completion {
  const value = evaluate(m, it.e, scope);
  const known = textOf(value);
  const labels = known === undefined ? [] : it.cases.map((one) => one.test && textOf(evaluate(m, one.test, scope)));
  if (known !== undefined && labels.every((label, at) => label !== undefined || it.cases[at]?.test === undefined)) {
    const exact = labels.indexOf(known);
    const from = exact >= 0 ? exact : it.cases.findIndex((one) => !one.test);
    const completion =
      from < 0
        ? 'next'
        : execute(
            m,
            it.cases.slice(from).flatMap((one) => one.body),
            within(scope),
          );
    return completion === 'done' ? 'done' : 'next';
  }
  const hasDefault = it.cases.some((one) => !one.test && one.body.length > 0);
  const cases = it.cases.map(({ body, test }) => {
    let completion = 'next' as Completion;
    // A variable that nobody sets leads to the default.
    const isOptional = value.t === 'unset' && test !== undefined ? 1 : 0;
    m.optional += isOptional;
    const label = test && m.tracing > 0 && it.e.k === 'name' && value.t === 'data' ? evaluate(m, test, scope) : undefined;
    const inCase = label && it.e.k === 'name' && textOf(label) !== undefined ? whereIs(scope, it.e.n, label) : scope;
    const run = (): ReturnType<typeof perhaps> =>
      perhaps(m, () => {
        completion = executeBlock(m, body, inCase);
      });
    // Beside a default of its own, a case waits for somebody to choose it.
    const ran = isOptional && hasDefault ? switchedBy(m, value, run) : run();
    m.optional -= isOptional;
    return { ...ran, goesOn: completion !== 'done', isEmpty: body.length === 0 };
  });
  const working = cases.map((one) => one.steps).filter(hasWork);
  const heaviest = cases.toSorted((a, b) => b.steps.length - a.steps.length)[0]?.steps ?? [];
  // What stands under several cases stands under the last of them.
  const idle = value.t === 'unset' ? 0 : cases.filter((one) => !one.isEmpty && !one.failed && !hasWork(one.steps)).length;
  m.sink.push(...(working.length + idle > 1 && working[0]?.[0] ? oneOfPrograms(working, working[0][0].place, idle) : heaviest));
  joinHolds(
    m,
    cases.filter((one) => one.goesOn).map((one) => one.holds),
  );
  return 'next';
}

function executeModuleStatement(m: Machine, it: Statement, scope: Scope): Completion {
  const exports = lookup(scope, 'exports');
  if (exports?.t !== 'object') return 'next';
  if (it.k === 'import') {
    const from = loadModule(m, scope.file, it.from);
    const bind = (): void => {
      for (const [imported, local] of it.names) {
        const before = scope.names.get(local);
        if (!before || before.t === 'unknown') scope.names.set(local, imported === '*' ? from : memberOfModule(m, from, imported));
      }
    };
    bind();
    whenLoaded(m, scope.file, it.from, bind);
  } else if (it.k === 'export' && it.from) {
    const { from: specifier, names } = it;
    const from = loadModule(m, scope.file, specifier);
    const bind = (): void => {
      for (const [local, exported] of names) {
        const before = exports.props.get(exported);
        if (!before || before.t === 'unknown') exports.props.set(exported, memberOfModule(m, from, local));
      }
    };
    bind();
    whenLoaded(m, scope.file, specifier, bind);
  } else if (it.k === 'export') {
    for (const [local, exported] of it.names) exports.props.set(exported, lookup(scope, local) ?? UNKNOWN);
  } else if (it.k === 'exportAll') {
    const { from: specifier, as } = it;
    const from = loadModule(m, scope.file, specifier);
    const bind = (): void => {
      if (as) exports.props.set(as, from);
      else if (from.t === 'object') for (const [name, value] of from.props) if (name !== 'default' && !exports.props.has(name)) exports.props.set(name, value);
    };
    bind();
    whenLoaded(m, scope.file, specifier, bind);
  } else if (it.k === 'exportDefault') exports.props.set('default', evaluate(m, it.e, scope));
  return 'next';
}

/** A named import. `default` of a CommonJS module is the module itself. */
function memberOfModule(m: Machine, from: Value, name: string): Value {
  if (from.t === 'object') return from.props.get(name) ?? (name === 'default' ? from : UNKNOWN);
  if (from.t === 'package' && from.name !== 'global') return name === 'default' ? from : { ...from, path: [...from.path, name] };
  if (name === 'default') return from;
  return from.t === 'unknown' ? UNKNOWN : evaluateMember(m, from, name);
}

const evaluateMember = (m: Machine, of: Value, name: string): Value => {
  const scope: Scope = { names: new Map([['it', of]]), parent: null, file: '' };
  return evaluate(m, { k: 'member', o: { k: 'name', n: 'it' }, p: name }, scope);
};
