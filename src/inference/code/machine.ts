import type { Place } from '../../model/known.ts';
import type { CodeClaim, CodeRun, DraftHold, DraftStep, GraphqlField, LibraryDetector, Said, Told } from '../detector.ts';
import type { Uses } from './answer-use.ts';
import type { Barren } from './barren.ts';
import type { Heap } from './heap.ts';
import type { At, ModuleSyntax, Statement } from './syntax.ts';
import type { ObjectValue, Resource, Scope, Value } from './values.ts';

/** What a program is read with. */
export interface Program {
  modules: ReadonlyMap<string, ModuleSyntax>;
  /** File of the workspace, or package with the path behind it; null where the import leads nowhere. */
  resolve(from: string, specifier: string): { file: string } | { package: string; path: readonly string[] } | null;
  env(name: string): Said<string> | undefined;
  /** Words of the command behind the file that it starts; undefined where no command says. */
  args?: readonly string[];
  /** Folder of the package that it is started in, seen from the workspace. */
  root?: string;
  major(library: string): number | undefined;
  libraries: readonly LibraryDetector[];
  /** It describes a deployment: a stage that nobody knows is production, and where anything else decides between two values, neither is taken. */
  isInfrastructure?: true;
  /** Names that are there without an import. */
  globals?: Readonly<Record<string, Value>>;
  /** Of the schemas in GraphQL's language that lie with it. */
  schemaFields?: readonly GraphqlField[];
}

/** Whether a handler says how long its answer may be kept, and whether it looks at who asks, and for a right that not everybody has. */
export interface AnswerNotes {
  isCached: boolean;
  asksWho: boolean;
  isForSome: boolean;
}

/** A function that is being read. */
export interface Frame {
  self: Value | undefined;
  home: Extract<Value, { t: 'class' }> | undefined;
  returned: Value | undefined;
  /** What it gives back where a variable is set that no file sets. */
  optional?: Value;
  depth: number;
  f: unknown;
  /** The same function is being read further out. */
  again?: boolean;
  /** Loops of whose rows only one gets here. */
  ownRowOf?: readonly Place[] | undefined;
  /** All but a few have left the function, and only the function. */
  isForSomeHere?: true;
  /** What was held at each `return`. */
  returns: (readonly OpenHold[])[];
  /** Names of a function, and the call that runs it: absent where a library or the language calls. */
  scope?: Scope;
  site?: Place | undefined;
}

/** A hold that is open, with the sink that was current before it. */
export interface OpenHold {
  hold: DraftHold;
  before: DraftStep[];
  conditional: number;
}

/** State of one reading: all of it dies with the reading. */
export interface Machine {
  program: Program;
  /** Detectors by their ids, and by the packages that they read: thousands of calls ask. */
  byLibrary: ReadonlyMap<string, LibraryDetector>;
  byPackage: ReadonlyMap<string, LibraryDetector>;
  loaded: Map<string, Scope>;
  /** Files whose end is not reached yet, with what waits for it: names that a circular import could not bind. */
  loading: Map<string, (() => void)[]>;
  claims: CodeClaim[];
  /** What code sets on a package (`axios.defaults.timeout`), by the whole name. */
  assigned: Map<string, Value>;
  sink: DraftStep[];
  /** Counts answers with an error status, throws, and `next(error)`. */
  failures: number;
  /** The innermost block that catches, how it is reached, and whether something was certainly thrown in it: then the handler follows. */
  inTry?: { conditional: number; rounds: number; inUnknown: number; isSure: boolean; isThrown: boolean } | undefined;
  /** Counts how often a handler ran the rest of the program that it stands before. */
  continued: number;
  /** Holds that are certainly open, innermost last. The list itself is never changed, so that whoever kept it can go back to it. */
  holds: readonly OpenHold[];
  /** Depth of branches that are taken only perhaps. */
  conditional: number;
  /** Depth of code of which it is not known whether the program runs it at all, through imports and calls too. */
  uncertain: number;
  /** Depth of loops whose rounds are not known. */
  rounds: number;
  /** Depth of code that only a variable switches on which no file sets. */
  optional: number;
  /** Variables that no file sets and that the code which is read asks for, outermost first: what it makes is there only where somebody sets them. */
  switches: readonly string[];
  /** After how long a timer calls the function that is read. */
  after?: Told | undefined;
  /** The `module` of the file that the process was started with. */
  main: ObjectValue | undefined;
  /** The file that was started. */
  mainFile?: string;
  inFinally: number;
  /** Depth of functions that code which is not known calls. */
  inUnknown: number;
  /** Reading the handler of an error, only to see what it gives back. */
  inHandler: number;
  /** Holds opened so far: tells whether a block opened one. */
  opened: number;
  tracing: number;
  nextId: number;
  /** Calls that only pass on what their function was given, with the call that gave it. */
  sites: WeakMap<Place, Place>;
  /** What becomes of the values of calls that statements are made of. */
  uses: Uses;
  usesNoted: WeakSet<Statement>;
  /** What was recorded by the program that is read, in order. */
  asked: DraftStep[];
  /** The same by place, as far as somebody has looked. */
  askedAt: { upTo: number; steps: Map<string, DraftStep[]> };
  /** The call into a library that runs just now: how much was recorded before it, where it stands, and what it was given. */
  answering?: { before: number; place: Place; args: readonly Value[] } | undefined;
  /** What was asked for promises that nobody has awaited yet, by their names. */
  promised: WeakMap<Scope, Map<string, readonly DraftStep[]>>;
  /** Objects that handlers put entries into under names that are not known. */
  collections: WeakMap<object, Resource>;
  /** What middleware of the program that is read put on the request for those behind it. */
  onRequest: Map<string, Value>;
  /** What the handler that is read says of its answer. */
  answer: AnswerNotes;
  /** Settings that were noted, so that each counts once. */
  noted: Set<string>;
  /** Counts what code does besides giving back a value: steps, claims, resources, and what it sets by name. */
  effects: number;
  /** Functions that worked long in a trace and did nothing (`barren.ts`). */
  barren: Barren;
  /** Evaluations that callbacks took while the program started, by their code. */
  spent: Map<unknown, number>;
  /** Objects that were made by the program that is read, and functions that code we don't know got before and may call once for all. */
  fresh: WeakSet<object>;
  wrapped: WeakSet<object>;
  /** Evaluations left: a guard against code that unfolds without end. */
  fuel: number;
  frames: Frame[];
  run: CodeRun;
  heap: Heap;
}

export const placeOf = (file: string, at: At): Place => ({ file, line: at[0], column: at[1], endLine: at[2], endColumn: at[3] });

/** The steps that `body` records, apart from the current program. What it gives back is given back for what follows. */
export function apart(m: Machine, body: () => void): DraftStep[] {
  const { sink, holds } = m;
  const steps: DraftStep[] = [];
  m.sink = steps;
  try {
    body();
  } finally {
    goOn(m, sink, holds);
  }
  return steps;
}

/** Code that runs only perhaps: what it recorded, and what was still held at its end. */
export interface Perhaps {
  steps: DraftStep[];
  failed: boolean;
  holds: readonly OpenHold[];
}

/** Like `apart`, for code that runs only perhaps. Everything stays held afterwards: `joinHolds` ends what a path that goes on gave back. */
export function perhaps(m: Machine, body: () => void): Perhaps {
  const { failures, sink, holds } = m;
  const steps: DraftStep[] = [];
  let atEnd: readonly OpenHold[] = holds;
  m.sink = steps;
  m.conditional += 1;
  m.uncertain += 1;
  try {
    body();
  } finally {
    atEnd = m.holds;
    m.conditional -= 1;
    m.uncertain -= 1;
    m.sink = sink;
    m.holds = holds;
    for (const it of holds) if (!atEnd.includes(it) && it.hold.released !== 'always') it.hold.released = 'unknown';
  }
  const failed = m.failures > failures;
  // That it fails on a path that is taken only perhaps does not fail what is around it.
  m.failures = failures;
  return { steps, failed, holds: atEnd };
}

/** Runs what may run never, often, or inside somebody's handler: that it fails does not fail what is around it. */
export function unfailing<T>(m: Machine, body: () => T): T {
  const { failures } = m;
  const result = body();
  m.failures = failures;
  return result;
}

/** Where paths meet: what one of them may have given back is not held any more. */
export function joinHolds(m: Machine, paths: readonly (readonly OpenHold[])[]): void {
  if (m.holds.length === 0) return;
  const at = m.holds.findIndex((it) => paths.some((path) => !path.includes(it)));
  const first = m.holds[at];
  if (!first) return;
  m.holds = m.holds.slice(0, at);
  m.sink = first.before;
}

/** Back to `sink`, or behind the outermost of `holds` that was given back meanwhile. A connection taken meanwhile and kept is out of sight. */
export function goOn(m: Machine, sink: DraftStep[], holds: readonly OpenHold[]): void {
  const atEnd = m.holds;
  m.sink = sink;
  m.holds = holds;
  joinHolds(m, [atEnd]);
}

/** Code that can't be read got the connection: it may give it back. */
export function loseHold(m: Machine, hold: DraftHold): void {
  if (m.inHandler > 0 || !m.holds.some((it) => it.hold === hold)) return;
  hold.released = 'unknown';
  joinHolds(m, [m.holds.filter((it) => it.hold !== hold)]);
}

export function openHold(m: Machine, client: Resource, label: string, place: Place): DraftHold {
  const hold: DraftHold = { kind: 'hold', client, label, steps: [], released: 'never', awaited: true, place };
  m.sink.push(hold);
  m.effects += 1;
  m.opened += 1;
  m.holds = [...m.holds, { hold, before: m.sink, conditional: m.conditional }];
  m.sink = hold.steps;
  return hold;
}

/** Ends a hold for the path that is read; `perhaps` and `joinHolds` tell what it is for the others. */
export function closeHold(m: Machine, hold: DraftHold): void {
  if (m.inHandler > 0) {
    hold.releasedOnError = true;
    if (hold.released === 'happyPath') hold.released = 'always';
    return;
  }
  const index = m.holds.findIndex((it) => it.hold === hold);
  const open = m.holds[index];
  if (!open) {
    if (hold.released === 'never') hold.released = 'unknown';
    return;
  }
  hold.released = m.inFinally > 0 || (hold.releasedOnError && m.conditional <= open.conditional) ? 'always' : 'happyPath';
  m.holds = m.holds.slice(0, index);
  m.sink = open.before;
}

/** Reads what runs only where a variable is set that no file sets. */
export function switchedBy<T>(m: Machine, test: Value, body: () => T): T {
  // A comparison chooses one of several: which of them is meant nobody knows.
  if (test.t !== 'unset' || test.holds !== undefined) return body();
  const { switches } = m;
  m.switches = [...switches, test.name];
  try {
    return body();
  } finally {
    m.switches = switches;
  }
}

export const hasWork = (steps: readonly DraftStep[]): boolean => steps.some((it) => it.kind !== 'respond');
