import type { CodeClaim, CodeRun, DraftStep } from '../detector.ts';
import { innerSteps } from './alternatives.ts';
import { callFunction, callPackage, construct } from './call.ts';
import { constructorParameters, decoratedMembers } from './decorators.ts';
import { member } from './evaluate.ts';
import { execute } from './execute.ts';
import { isInside } from '../detectors/paths.ts';
import { type AnswerNotes, apart, closeHold, type Machine, openHold, type Program } from './machine.ts';
import { type ExportedHandler, mountExported, serveExported } from './exported-handlers.ts';
import { endOfRequest, heapAtStart, setIn, type Write } from './heap.ts';
import { handedBack } from './origins.ts';
import { isSamePrint, printOf, printOfShared } from './prints.ts';
import { loadFile } from './modules.ts';
import type { FunctionSyntax, ModuleSyntax, Statement } from './syntax.ts';
import { callsMethod, upkeepIn, upkeepOf } from './upkeep.ts';
import { type Resource, UNKNOWN, type Value } from './values.ts';

/** A program after its start: what it claims, and a way to read its handlers. */
export interface Reading {
  /** What the start alone claims. */
  claims: readonly CodeClaim[];
  /** Files that were reached from the entries. */
  files: readonly string[];
  /** The steps of handlers, one after another, as the framework would call them. */
  trace(handlers: readonly Value[], args: readonly Value[]): DraftStep[];
  /** What the handlers that were traced last say of their answer. */
  answer(): AnswerNotes;
  /** Runs traces that belong together, and tells what they hang on and what they leave behind. Only what runs in here can be run again by itself. */
  during<T>(run: () => T): During<T>;
  /** Functions whose bodies the start hangs on, or those around them as well. */
  started(): { ran: ReadonlySet<object>; looksInside: boolean };
  /** What a file says to the questions that were put to the whole program. */
  said(file: ModuleSyntax): string;
  /** Gives a file names that it did not have, and takes away such as nobody spoke of, as if it had been started so; false where that can't be done. */
  declare(file: string, added: readonly Statement[], gone: readonly string[]): boolean;
  /** Nothing was changed by traces but what they told. */
  isIntact(): boolean;
}

export interface During<T> {
  result: T;
  /** What it claimed, if it broke off too. */
  claims: readonly CodeClaim[];
  ran: ReadonlySet<object>;
  log: readonly Write[];
}

const FUEL_AT_START = 2_000_000;
const FUEL_PER_TRACE = 1_000_000;
/** A program that used up nearly all of it at its start may be cut elsewhere once there is more of it. */
const FUEL_TO_SPARE = 100_000;

/**
 * Reads a program from its entry files, as if it were started, without running any of it:
 * known values are followed, unknown tests take both ways, library calls go to their detectors.
 */
export function interpret(program: Program, entries: readonly string[], handlers: readonly ExportedHandler[] = []): Reading {
  let nextId = 1;
  const m: Machine = {
    program,
    byLibrary: new Map(),
    byPackage: new Map(),
    loaded: new Map(),
    loading: new Map(),
    claims: [],
    assigned: new Map(Object.entries(program.globals ?? {}).map(([name, it]) => [`global ${name}`, it])),
    sink: [],
    failures: 0,
    continued: 0,
    holds: [],
    conditional: 0,
    uncertain: 0,
    optional: 0,
    switches: [],
    rounds: 0,
    main: undefined,
    inFinally: 0,
    inUnknown: 0,
    inHandler: 0,
    opened: 0,
    tracing: 0,
    nextId: 1,
    sites: new WeakMap(),
    uses: new WeakMap(),
    usesNoted: new WeakSet(),
    asked: [],
    askedAt: { upTo: 0, steps: new Map() },
    promised: new WeakMap(),
    collections: new WeakMap(),
    onRequest: new Map(),
    answer: { isCached: false, asksWho: false, isForSome: false },
    noted: new Set(),
    effects: 0,
    barren: { data: new Set(), fields: new Set() },
    spent: new Map(),
    fresh: new WeakSet(),
    wrapped: new WeakSet(),
    fuel: FUEL_AT_START,
    frames: [],
    run: {} as CodeRun,
    heap: heapAtStart(),
  };
  let library = '';
  const apps: Resource[] = [];
  const shared = new Map<string, Record<string, unknown>>();
  const sharedPrints = new Map<string, readonly unknown[]>();
  m.run = {
    claim: (it) => {
      m.effects += 1;
      if (it.kind === 'client' && m.switches.length > 0) it.client.data.switchedOnBy = m.switches.at(-1);
      m.claims.push(it.kind === 'consumer' && m.uncertain > 0 ? { ...it, perhaps: true } : it);
    },
    record: (step) => {
      if (step.kind === 'respond' && step.failed) m.failures += 1;
      // A statement stands where it was written, not where a function for all of them hands it on. What grows in memory grows where it is put in.
      if (step.kind === 'query' || (step.kind === 'cache' && !step.keeping) || step.kind === 'publish') step.place = m.sites.get(step.place) ?? step.place;
      if (m.inUnknown > 0 && (step.kind === 'query' || step.kind === 'request')) step.mayShare = true;
      if (m.answer.isForSome && step.kind === 'query') step.forSome = true;
      m.effects += 1;
      m.sink.push(step);
      if (m.tracing > 0) m.asked.push(step);
    },
    recorded: () => m.asked,
    goesOn: () => {
      m.continued += 1;
    },
    cachedByClients: () => {
      m.answer.isCached = true;
    },
    servesSome: () => {
      m.answer.isForSome = true;
    },
    servingSome: (body) => {
      const before = m.answer.isForSome;
      const result = body();
      m.answer.isForSome = before;
      return result;
    },
    forget: (step) => {
      const at = m.sink.indexOf(step);
      if (at >= 0) m.sink.splice(at, 1);
    },
    take: (steps) => {
      const holds = (it: DraftStep): boolean => steps.includes(it) || innerSteps(it).some((inner) => inner.some(holds));
      const taken = m.sink.filter(holds);
      for (const it of taken) m.sink.splice(m.sink.indexOf(it), 1);
      return taken;
    },
    make: (type, place, data = {}) => {
      const it: Resource = { t: 'resource', library, type, id: nextId++, data, place };
      if (type === 'App') apps.push(it);
      if (m.heap.epoch === 0) m.heap.lasting.set(it, []);
      m.effects += 1;
      return it;
    },
    round: (loop) => ({ t: 'data', from: { loops: [loop] } }),
    call: (it, args = [], self) => callFunction(m, it, handedBack(m, args), self),
    apart: (body) => apart(m, body),
    hold: (client, label, place) => openHold(m, client, label, place),
    release: (hold) => closeHold(m, hold),
    env: program.env,
    major: program.major,
    isTracing: () => m.tracing > 0,
    isInAsync: () => (m.frames.at(-1)?.f as Partial<FunctionSyntax> | undefined)?.isAsync === true,
    isCertain: () => m.uncertain === 0,
    conditions: () => m.conditional,
    isInRounds: () => m.rounds > 0,
    keep: (make) => {
      const own = library;
      return (...args) => within(own, () => make(...args));
    },
    use: (library, name, args, place, isNew = false) => callPackage(m, { t: 'package', name: library, path: name === '' ? [] : name.split('.') }, args, place, isNew),
    callsAny: (method) => {
      m.heap.questions.set(`calls ${method}`, (file) => callsMethod(new Map([[file.file, file]]), method));
      return callsMethod(program.modules, method);
    },
    upkeepOf: (made) => {
      m.heap.questions.set(`upkeep ${made.file}:${made.line}:${made.column}`, (file) => upkeepIn(program.modules, made, file));
      return upkeepOf(program.modules, made);
    },
    property: (of, name) => member(m, of, name),
    put: (of, name, value) => setIn(m, of, of.t === 'class' ? of.statics : of.props, name, value),
    construct: (of, args, place, self) => void construct(m, of, args, place, self),
    inspect: (of) => ({ parameters: constructorParameters(m, of), members: decoratedMembers(m, of) }),
    schemaFields: () => program.schemaFields ?? [],
    filesIn: (folder) => [...program.modules.keys()].filter((it) => isInside(it, folder)).sort(),
    load: (path) => {
      const found = program.resolve('', `./${path}`);
      return found && 'file' in found && program.modules.has(found.file) ? { file: found.file, exports: loadFile(m, found.file) } : null;
    },
    shared: <T extends Record<string, unknown>>(id: string, start: () => T): T => {
      const before = shared.get(id);
      if (before) return before as T;
      const made = start();
      shared.set(id, made);
      if (m.heap.epoch > 0) sharedPrints.set(id, printOfShared(made));
      return made;
    },
  };
  // `make` marks resources with the library whose detector is asked.
  const libraries = program.libraries.map((it) => ({
    ...it,
    call: (...args: Parameters<typeof it.call>) => within(it.id, () => it.call(...args)),
    ...(it.member && { member: (...args: Parameters<NonNullable<typeof it.member>>) => within(it.id, () => it.member?.(...args)) }),
    ...(it.constant && { constant: (...args: Parameters<NonNullable<typeof it.constant>>) => within(it.id, () => it.constant?.(...args)) }),
  }));
  const within = <T>(id: string, body: () => T): T => {
    const before = library;
    library = id;
    try {
      return body();
    } finally {
      library = before;
    }
  };
  m.byLibrary = new Map(libraries.map((it) => [it.id, it]));
  // Of two that read a package the first is asked.
  m.byPackage = new Map(libraries.flatMap((it) => it.packages.map((name) => [name, it] as const)).reverse());
  for (const it of entries) serveExported(m, loadFile(m, it, true));
  mountExported(m, handlers);
  const isBroken = [...m.loaded.keys()].some((file) => (program.modules.get(file)?.brokenAt ?? null) !== null);
  if (isBroken && !m.claims.some((it) => it.kind === 'listens'))
    for (const app of unlistened(apps)) m.claims.push({ kind: 'route', app, method: '', path: '', handlers: [], place: app.place });
  const serving = m.claims.find((it) => it.kind === 'route')?.app;
  const started = m.heap.ran;
  const fuelLeft = m.fuel;
  return {
    claims: [...m.claims],
    files: [...m.loaded.keys()],
    trace: (handlers, args) => trace(m, handlers, args, serving ?? apps[0]),
    answer: () => m.answer,
    during: (run) => {
      const { heap } = m;
      if (heap.epoch === 0) {
        for (const [id, it] of shared) sharedPrints.set(id, printOfShared(it));
        for (const it of heap.lasting.keys()) heap.lasting.set(it, printOf(it));
      }
      const { length } = m.claims;
      const { size } = heap.lasting;
      Object.assign(heap, { epoch: heap.epoch + 1, ran: new Set(), log: [], firstId: nextId });
      const result = run();
      endOfRequest(heap);
      if (heap.lasting.size > size) for (const it of [...heap.lasting.keys()].slice(size)) heap.lasting.set(it, printOf(it));
      return { result, claims: m.claims.slice(length), ran: heap.ran, log: heap.log };
    },
    started: () => ({ ran: started, looksInside: m.heap.looksInside }),
    said: (file) => JSON.stringify([...m.heap.questions].map(([question, ask]) => [question, ask(file)])),
    declare: (file, added, gone) => {
      const scope = m.loaded.get(file);
      if (!scope) return true;
      if (scope.epoch !== 0 || fuelLeft < FUEL_TO_SPARE) return false;
      for (const name of gone) scope.names.delete(name);
      const { epoch } = m.heap;
      m.heap.epoch = 0;
      m.fuel = FUEL_AT_START;
      execute(m, added, scope);
      m.heap.epoch = epoch;
      return true;
    },
    isIntact: () => {
      if (m.heap.isLost) return false;
      for (const [id, print] of sharedPrints) if (!isSamePrint(print, printOfShared(shared.get(id)))) return false;
      for (const [it, print] of m.heap.lasting) if (!isSamePrint(print, printOf(it))) return false;
      return true;
    },
  };
}

/** While code is half-typed the call of `listen` may be lost in it: then the apps that no other one mounts serve. */
function unlistened(apps: readonly Resource[]): Resource[] {
  const mounted = new Set(apps.flatMap((it) => (it.data.mounted as { handlers: readonly Value[] }[] | undefined) ?? []).flatMap((it) => it.handlers));
  return apps.filter((it) => !mounted.has(it));
}

function trace(m: Machine, handlers: readonly Value[], args: readonly Value[], app: Resource | undefined): DraftStep[] {
  Object.assign(m, {
    fuel: FUEL_PER_TRACE,
    holds: [],
    frames: [],
    conditional: 0,
    uncertain: 0,
    optional: 0,
    switches: [],
    rounds: 0,
    inFinally: 0,
    inUnknown: 0,
    inHandler: 0,
    inTry: undefined,
    tracing: 1,
    asked: [],
    askedAt: { upTo: 0, steps: new Map() },
    spent: new Map(),
    fresh: new WeakSet(),
    onRequest: new Map(app ? [['app', app]] : []),
    answer: { isCached: false, asksWho: false, isForSome: false },
  });
  const steps = apart(m, () => {
    for (const it of handlers) {
      const made = callFunction(m, it, args.length > 0 ? args : [UNKNOWN], undefined);
      void made;
    }
  });
  m.tracing = 0;
  return steps;
}
