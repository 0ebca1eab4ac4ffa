import type { Place } from '../../model/known.ts';
import type { CodeClaim, CodeRun, DraftHold, DraftStep, LibraryDetector, Said } from '../detector.ts';
import type { At, ModuleSyntax } from './syntax.ts';
import type { Resource, Scope, Value } from './values.ts';

/** What a program is read with. */
export interface Program {
  modules: ReadonlyMap<string, ModuleSyntax>;
  /** File of the workspace, or package with the path behind it; null where the import leads nowhere. */
  resolve(from: string, specifier: string): { file: string } | { package: string; path: readonly string[] } | null;
  env(name: string): Said<string> | undefined;
  libraries: readonly LibraryDetector[];
}

/** A function that is being read. */
export interface Frame {
  self: Value | undefined;
  home: Extract<Value, { t: 'class' }> | undefined;
  returned: Value | undefined;
  depth: number;
  f: unknown;
}

/** State of one reading: all of it dies with the reading. */
export interface Machine {
  program: Program;
  loaded: Map<string, Scope>;
  claims: CodeClaim[];
  sink: DraftStep[];
  /** Counts answers with an error status, throws, and `next(error)`. */
  failures: number;
  /** Holds that are open, innermost last, with the sink that was current before each. */
  holds: { hold: DraftHold; before: DraftStep[]; conditional: number }[];
  /** Depth of branches that are taken only perhaps. */
  conditional: number;
  inFinally: number;
  /** Reading the handler of an error, only to see what it gives back. */
  inHandler: number;
  /** Holds opened so far: tells whether a block opened one. */
  opened: number;
  tracing: number;
  nextId: number;
  /** Evaluations left: a guard against code that unfolds without end. */
  fuel: number;
  frames: Frame[];
  run: CodeRun;
}

export const placeOf = (file: string, at: At): Place => ({ file, line: at[0], column: at[1], endLine: at[2], endColumn: at[3] });

/** The steps that `body` records, apart from the current program. */
export function apart(m: Machine, body: () => void): DraftStep[] {
  const before = m.sink;
  const steps: DraftStep[] = [];
  m.sink = steps;
  try {
    body();
  } finally {
    m.sink = before;
  }
  return steps;
}

/** Like `apart`, for code that runs only perhaps. */
export function perhaps(m: Machine, body: () => void): { steps: DraftStep[]; failed: boolean } {
  const failures = m.failures;
  m.conditional += 1;
  try {
    return { steps: apart(m, body), failed: m.failures > failures };
  } finally {
    m.conditional -= 1;
  }
}

export function openHold(m: Machine, client: Resource, label: string, place: Place): DraftHold {
  const hold: DraftHold = { kind: 'hold', client, label, steps: [], released: 'never', place };
  m.sink.push(hold);
  m.opened += 1;
  m.holds.push({ hold, before: m.sink, conditional: m.conditional });
  m.sink = hold.steps;
  return hold;
}

/** Ends a hold. On a branch that is taken only perhaps it stays open for the rest of the code. */
export function closeHold(m: Machine, hold: DraftHold): void {
  if (m.inHandler > 0) {
    hold.releasedOnError = true;
    if (hold.released === 'happyPath') hold.released = 'always';
    return;
  }
  const index = m.holds.findIndex((it) => it.hold === hold);
  const open = m.holds[index];
  if (!open) return;
  if (m.inFinally > 0 || (hold.releasedOnError && m.conditional <= open.conditional)) hold.released = 'always';
  else if (m.conditional > open.conditional) {
    if (hold.released === 'never') hold.released = 'unknown';
    return;
  } else hold.released = 'happyPath';
  m.holds.splice(index);
  m.sink = open.before;
}

export const hasWork = (steps: readonly DraftStep[]): boolean => steps.some((it) => it.kind !== 'respond');
