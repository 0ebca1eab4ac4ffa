import type { Place } from '../../model/known.ts';
import type { Rows } from '../../model/topology.ts';
import type { DraftStep } from '../detector.ts';
import type { Machine } from './machine.ts';
import { portionOf, type Rounds } from './rounds.ts';
import { DATA, type Resource, type Value } from './values.ts';

/** Where data comes from: what gave the rows that it is, or is a part of, and the loops of whose round it is. */
export interface Origin {
  rows?: Rows | undefined;
  loops?: readonly Place[] | undefined;
}

/** What can be asked once per row. */
type Asking = Extract<DraftStep, { kind: 'query' | 'cache' | 'request' }>;
const isAsking = (it: DraftStep): it is Asking => it.kind === 'query' || it.kind === 'cache' || it.kind === 'request';

/** How deep arguments are looked through. */
const DEEPEST = 4;

function rowsOf(step: Asking): Rows {
  const most = step.kind === 'query' ? step.statement?.most : undefined;
  return { label: step.label, place: step.place, ...(most !== undefined && { most }) };
}

/** The query that a builder or a cursor will send, or that gave a row. */
const stepOf = (it: Resource | undefined): Asking | undefined => {
  const step = it?.data.step as DraftStep | undefined;
  return step && isAsking(step) ? step : undefined;
};

/** A part of what comes from somewhere comes from there as well. */
export function comingFrom(it: Value, from: Origin | undefined): Value {
  return from && (from.rows || from.loops) && (it.t === 'data' || it.t === 'native') ? { ...it, from } : it;
}

/** What `await` gives: a builder's rows instead of the builder. */
export function given(it: Value): Value {
  const step = it.t === 'resource' && it.type === 'Builder' ? stepOf(it) : undefined;
  return step ? { t: 'data', from: { rows: rowsOf(step), loops: step.roundsOf } } : it;
}

export function originOf(it: Value | undefined, depth = 0): Origin {
  if (!it || depth > DEEPEST) return NOWHERE;
  if (it.t === 'data' || it.t === 'native') return it.from ?? NOWHERE;
  const parts = it.t === 'list' ? it.items : it.t === 'object' ? it.props.values() : it.t === 'text' ? it.parts : [];
  let all = NOWHERE;
  for (const part of parts) if (typeof part !== 'string') all = together(all, originOf(part, depth + 1));
  return all;
}

const NOWHERE: Origin = {};

const originsOf = (all: readonly Value[]): Origin => all.reduce((sum, it) => together(sum, originOf(it)), NOWHERE);

function together(a: Origin, b: Origin): Origin {
  if (a === NOWHERE || b === NOWHERE || a === b) return a === NOWHERE ? b : a;
  const loops = [...new Set([...(a.loops ?? []), ...(b.loops ?? [])])];
  return { rows: a.rows ?? b.rows, ...(loops.length > 0 && { loops }) };
}

const rowsIn = (over: Value | undefined): Rows | undefined => (over?.t === 'list' ? originOf(over.items[0]).rows : over && originOf(given(over)).rows);

const broughtBy = (over: Value | undefined, loop: Place): Rows | undefined =>
  over?.t === 'data' && over.request ? { label: 'the request', place: loop, ofRequest: true } : undefined;

/** What a loop goes over, for its step. */
export const overOf = (over: Value | undefined, loop: Place): { over?: Rows; rounds?: Rounds } => {
  const rows = over?.t === 'list' && over.portion ? undefined : (rowsIn(over) ?? broughtBy(over, loop));
  const rounds = portionOf(over);
  return { ...(rows && { over: rows }), ...(rounds && { rounds }) };
};

/** One of several rows has what the class of their model gives each. */
export const rowIn = (of: Value | undefined): Value => (of?.t === 'data' && of.row?.data.cls ? { t: 'data', row: of.row } : DATA);

/** The variable of one round. */
export function roundOf(over: Value | undefined, loop: Place): Value {
  const item: Value = over?.t === 'list' ? (over.items[0] ?? DATA) : rowIn(over);
  const before = over?.t === 'list' ? originOf(item) : over ? originOf(given(over)) : {};
  const from: Origin = { rows: before.rows, loops: [...(before.loops ?? []), loop] };
  const isGroup = over?.t === 'data' && over.portion === 'groups' && item.t === 'data';
  return item.t === 'data' || item.t === 'native' ? { ...item, from, ...(isGroup && { portion: 'group' }) } : item;
}

/** What a library hands to a callback is the answer to what was just asked: its rows. */
export function handedBack(m: Machine, args: readonly Value[]): readonly Value[] {
  if (!m.answering) return args;
  const { before, place, args: given } = m.answering;
  const site = m.sites.get(place) ?? place;
  const source = m.asked.slice(before).findLast((it): it is Asking => isAsking(it) && (it.place === place || it.place === site));
  if (!source) return args;
  const { loops } = originsOf(given);
  return args.map((it) => (it.t === 'data' && !it.from && !it.request ? { ...it, from: { rows: rowsOf(source), loops } } : it));
}

/** Runs one call into a library and notes what it asked: in whose rounds, and that what it gives back are its rows. */
export function asking(m: Machine, args: readonly Value[], place: Place, of: Resource | undefined, body: () => Value | undefined): Value | undefined {
  if (m.tracing === 0) return body();
  const before = m.asked.length;
  const outer = m.answering;
  m.answering = { before, place, args };
  const result = body();
  m.answering = outer;
  const builds = of?.type === 'Builder' ? stepOf(of) : undefined;
  let made: readonly Asking[] = [];
  // Most calls ask for nothing: then it does not matter where their arguments come from.
  if (builds || m.asked.length > before) {
    const site = m.sites.get(place) ?? place;
    made = m.asked.slice(before).filter((it): it is Asking => isAsking(it) && (it.place === place || it.place === site));
    const { loops } = originsOf(args);
    const own = m.frames.flatMap((it) => it.ownRowOf ?? []);
    if (own.length > 0) for (const it of made) it.ofOneRow = true;
    const asked = loops?.filter((it) => !own.includes(it)) ?? [];
    if (asked.length > 0) for (const it of builds ? [...made, builds] : made) it.roundsOf = [...new Set([...(it.roundsOf ?? []), ...asked])];
  }
  const source = made.at(-1) ?? stepOf(of);
  return result?.t === 'data' && !result.from && source ? { ...result, from: { rows: rowsOf(source), loops: source.roundsOf } } : result;
}
