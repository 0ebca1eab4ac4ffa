import type { Problem } from '../../model/topology.ts';
import { interpret, type Reading } from '../code/interpret.ts';
import type { ModuleSyntax } from '../code/syntax.ts';
import type { Resource } from '../code/values.ts';
import type { AskClaim, CodeClaim, Said } from '../detector.ts';
import { filesThatAsk } from '../detectors/browser-code.ts';
import { LIBRARIES } from '../detectors/libraries/index.ts';
import { folderOf, isInside, joinPath } from '../detectors/paths.ts';
import type { Soon } from '../fact-reader.ts';
import { imageOf } from './images.ts';
import type { Configuration } from './configuration.ts';
import type { Start } from './entries.ts';
import { filesByPath } from './files-by-path.ts';
import type { moduleResolver } from './modules.ts';
import type { Started } from './programs.ts';
import { fillFromSchema } from './schemas.ts';
import type { Service } from './service.ts';
import { type ChangedFunction, startHangsOn, type Tracing, tracingOf } from './tracing.ts';
import { majorOf } from './versions.ts';

/** Reads a file of code; `asks` reads one of a front end, of which only that counts. What has not changed comes back as the same object. */
export interface ReadCode {
  (path: string): Soon<ModuleSyntax | undefined>;
  asks(path: string): Promise<readonly AskClaim[]>;
  /** Functions whose bodies changed, of a file that was read and came back as the same object. */
  changed(path: string): readonly ChangedFunction[];
}

export type ReadUnit = (id: string, service: Service | undefined, root: string, start: Start) => Promise<Started>;

/** A process with everything that it was read from besides the configuration. */
export interface UnitRead {
  unit: Started;
  /** Its handlers, read when somebody asks for them. */
  tracing(): Tracing;
  /** Brings it to where changed functions make it; false where it has to be read anew, for good. */
  redo(changed: readonly ChangedFunction[]): boolean;
  /** Works out what the first `redo` would else wait for. */
  ready(): void;
  modules: ReadonlyMap<string, ModuleSyntax>;
  asks: ReadonlyMap<string, readonly AskClaim[]>;
  /** Grows while its handlers are traced. */
  problems: readonly Problem[];
}

/** Processes by what was asked for, in the order in which they were. */
export type UnitsRead = ReadonlyMap<string, UnitRead>;

/**
 * Reads processes of one configuration. One that was read before comes back as it was, if no file of it has changed:
 * `before` must be of the same configuration, in which every file and variable is as it was.
 */
export function unitReader(
  configuration: Configuration,
  resolve: ReturnType<typeof moduleResolver>,
  readCode: ReadCode,
  before: UnitsRead = new Map(),
): { readUnit: ReadUnit; all: UnitsRead } {
  const all = new Map<string, UnitRead>();
  const readUnit: ReadUnit = async (id, service, root, start) => {
    const { entries, args, isFrontend, handlers } = start;
    const asked = JSON.stringify([id, service?.name, root, entries, args, isFrontend, handlers]);
    let key = asked;
    for (let again = 2; all.has(key); again++) key = `${asked} ${again}`;
    const known = before.get(key);
    const read = known && (await isAsBefore(known, readCode)) ? known : await readAnew(id, service, root, start, configuration, resolve, readCode);
    all.set(key, read);
    return read.unit;
  };
  return { readUnit, all };
}

/** Asks for every file, in the order of the first time: whoever reads them counts on that. Where only bodies of functions changed, its handlers are read again. */
async function isAsBefore(it: UnitRead, readCode: ReadCode): Promise<boolean> {
  let same = true;
  for (const [file, module] of it.modules) {
    const now = readCode(file);
    if ((now instanceof Promise ? await now : now) === module) continue;
    same = false;
    break;
  }
  for (const [file, asks] of it.asks) if (same && (await readCode.asks(file)) !== asks) same = false;
  const changed = same ? [...it.modules.keys()].flatMap((file) => readCode.changed(file)) : [];
  return same && it.redo(changed);
}

/** Code that defeats the reader costs its own facts, not the analysis. */
function guarded(read: () => Reading, file: string, problems: Problem[]): Reading {
  const give = <T>(body: () => T, instead: T): T => {
    try {
      return body();
    } catch {
      if (problems.length === 0) problems.push({ file, line: 1, message: 'The code that starts here could not be followed to its end; what was found up to there was used.' });
      return instead;
    }
  };
  const nothing: Reading = {
    claims: [],
    files: [],
    trace: () => [],
    answer: () => ({ isCached: false, asksWho: true, isForSome: false }),
    during: (run) => ({ result: run(), claims: [], ran: new Set(), log: [] }),
    started: () => ({ ran: new Set(), looksInside: false }),
    said: () => '',
    declare: () => false,
    isIntact: () => false,
  };
  const reading = give<Reading>(read, nothing);
  return { ...reading, trace: (handlers, args) => give(() => reading.trace(handlers, args), []), isIntact: () => problems.length === 0 && reading.isIntact() };
}

async function readAnew(
  id: string,
  service: Service | undefined,
  root: string,
  start: Start,
  configuration: Configuration,
  resolve: ReturnType<typeof moduleResolver>,
  readCode: ReadCode,
): Promise<UnitRead> {
  const modules = new Map<string, ModuleSyntax>();
  const waiting = start.isFrontend ? [] : [...start.entries, ...start.handlers.flatMap((it) => [it.file, ...('beside' in it ? (it.beside ?? []) : [])])];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (modules.has(file)) continue;
    const module = await readCode(file);
    if (!module) continue;
    modules.set(file, module);
    for (const specifier of module.imports) {
      const target = resolve(file, specifier);
      if (target && 'file' in target && !modules.has(target.file)) waiting.push(target.file);
    }
    waiting.push(...filesByPath(module, configuration, root));
  }
  const asks = new Map<string, readonly AskClaim[]>();
  if (start.isFrontend)
    for (const folder of [root, ...librariesOf(root, configuration)]) for (const file of filesThatAsk(folder, configuration.files)) asks.set(file, await readCode.asks(file));
  const env = environmentOf(service, root, configuration);
  const entry = start.entries[0] ?? start.handlers[0]?.file ?? joinPath(root, 'package.json');
  const versions = versionsOf(root, configuration);
  const schemaFields = [...configuration.graphqlSchemas].flatMap(([file, it]) => (isInside(file, root) ? it.fields : []));
  const problems: Problem[] = [];
  const read = guarded(
    () =>
      interpret(
        {
          modules,
          resolve,
          env: (name) => env[name],
          ...(start.args && { args: start.args }),
          root,
          major: (library) => majorOf(library, { versions }),
          libraries: LIBRARIES,
          schemaFields,
        },
        start.isFrontend ? [] : start.entries,
        start.handlers,
      ),
    entry,
    problems,
  );
  const own = configuration.packages.get(joinPath(root, 'package.json'));
  const clientsIn = (claims: readonly CodeClaim[]): Resource[] => claims.flatMap((it) => (it.kind === 'client' ? [it.client] : []));
  const clients = clientsIn(read.claims);
  const fill = (those: readonly Resource[]): void => fillFromSchema(those, root, configuration, (name) => env[name]);
  fill(clients);
  // A handler may make clients of its own.
  const during: Reading['during'] = (run) => {
    const traced = read.during(run);
    fill(clientsIn(traced.claims));
    return traced;
  };
  const reading: Reading = { ...read, during };
  const unit: Started = {
    id,
    ...(service && { service }),
    root,
    aliases: [...new Set([...(service && service.name !== id ? [service.name] : []), ...(service?.aliases ?? []), own?.name ?? ''])].filter((it) => it !== '' && it !== id),
    versions,
    reading,
    processes: start.processes,
    entries: start.entries,
    isFrontend: start.isFrontend,
    asks: [...asks.values()].flat(),
    variable: (name) => env[name] ?? configuration.variables.get(joinPath(root, '.env.production'))?.[name],
    place: service?.place ?? own?.place ?? { file: joinPath(root, 'package.json'), line: 1 },
    defaultClient: (library: string): Resource | undefined => clients.find((it) => it.library === library),
  };
  let tracing: Tracing | undefined;
  let isUsable = true;
  const redo = (changed: readonly ChangedFunction[]): boolean => {
    isUsable &&= changed.length === 0 || (!startHangsOn(changed, unit) && (tracing?.redo(changed) ?? true));
    return isUsable;
  };
  return { unit, tracing: () => (tracing ??= tracingOf(unit)), redo, ready: () => tracing?.ready(), modules, asks, problems };
}

/** Packages of the workspace that a front end is built from; its pages often lie in one of them. */
function librariesOf(root: string, configuration: Configuration): string[] {
  const wanted = configuration.packages.get(joinPath(root, 'package.json'))?.dependencies ?? {};
  return [...configuration.packages].flatMap(([file, pkg]) =>
    pkg.name !== '' && wanted[pkg.name] !== undefined && folderOf(file) !== root && folderOf(file) !== '.' ? [folderOf(file)] : [],
  );
}

/** What a lock file says beats the ranges of package.json; the nearest folder wins. */
function versionsOf(root: string, configuration: Configuration): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of ancestors(root).reverse()) {
    const pkg = configuration.packages.get(joinPath(folder, 'package.json'));
    const ranges = { ...pkg?.devDependencies, ...pkg?.dependencies };
    const locked = configuration.locks.get(joinPath(folder, 'package-lock.json'))?.versions ?? {};
    Object.assign(found, ranges);
    for (const name of Object.keys(found)) if (locked[name]) found[name] = locked[name];
  }
  return found;
}

const ancestors = (folder: string): string[] => (folder === '.' ? ['.'] : [folder, ...ancestors(folderOf(folder))]);

/** What the process sees: compose beats its env files, these beat the image, and that beats a `.env` beside the code. */
export function environmentOf(service: Service | undefined, root: string, configuration: Configuration): Record<string, Said<string>> {
  const image = imageOf(service?.build, configuration);
  const beside = [...new Set([joinPath(root, '.env'), '.env'])].map((it) => configuration.variables.get(it) ?? {});
  const files = service?.claims.flatMap((it) => it.envFiles).map((it) => configuration.variables.get(it) ?? {}) ?? [];
  return Object.assign({}, ...[...beside].reverse(), image?.environment, ...files, service?.environment) as Record<string, Said<string>>;
}
