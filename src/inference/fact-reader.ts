import type { FileEntry, Workspace } from '../workspace.ts';
import { isData, readData } from './code/read-data.ts';
import { readModule } from './code/read-module.ts';
import type { ModuleSyntax } from './code/syntax.ts';
import type { AskClaim, FileFacts } from './detector.ts';
import { asksIn } from './detectors/browser-code.ts';
import { detectorOf } from './detectors/index.ts';
import { changesInCode, changesTables } from './detectors/sql-in-code.ts';
import { suppressionsIn } from './detectors/suppressions.ts';
import type { FactCache } from './infer.ts';

export interface CodeFacts extends FileFacts {
  module: ModuleSyntax;
}

export interface AskFacts extends FileFacts {
  claims: readonly AskClaim[];
}

/** At once where it is known: after a save thousands of files are asked for, and a promise for each would cost more than the answer. */
export type Soon<T> = T | Promise<T>;

/** Facts of files, each read at most once per reader. */
export interface FactReader {
  configuration(path: string): Soon<FileFacts>;
  /** Undefined where there is no such file. */
  code(path: string): Soon<CodeFacts | undefined>;
  asks(path: string): Soon<AskFacts>;
  /** How many files were not known by their content. */
  parsed(): number;
  /** A file could not be read now and may be later. */
  isWhole(): boolean;
}

interface Asked {
  cache?: FactCache;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Reads what the cache does not know. Throws only when aborted; a file that can't be read or understood has a problem among its facts. */
export function factReader(workspace: Workspace, entries: ReadonlyMap<string, FileEntry>, configuration: ReadonlySet<string>, { cache, onProgress, signal }: Asked): FactReader {
  let parsed = 0;
  let isWhole = true;
  let done = 0;
  let total = configuration.size;
  const codeKey = (path: string): string => (configuration.has(path) ? besideConfiguration(path) : path);
  const known = new Map<string, FileFacts>();

  const readOnce = <T extends FileFacts>(key: string, path: string, make: (text: string) => T, empty: (message: string) => T): Soon<T> => {
    const before = known.get(key);
    if (before) return before as T;
    signal?.throwIfAborted();
    const stamp = stampOf(entries.get(path));
    const same = cache?.byStamp(key, stamp);
    return same ? noted(key, same as T) : read(key, path, stamp, make, empty).then((it) => noted(key, it));
  };

  const noted = <T extends FileFacts>(key: string, facts: T): T => {
    known.set(key, facts);
    onProgress?.(++done, Math.max(total, done));
    return facts;
  };

  const read = async <T extends FileFacts>(key: string, path: string, stamp: string, make: (text: string) => T, empty: (message: string) => T): Promise<T> => {
    const file = await workspace.read(path);
    if ('problem' in file) {
      if (file.mayPass) isWhole = false;
      return empty(file.problem);
    }
    const same = cache?.byText(key, stamp, file.text);
    if (same) return same as T;
    parsed += 1;
    let made: T;
    try {
      made = make(file.text);
    } catch {
      made = empty('This file could not be understood.');
    }
    cache?.keep(key, stamp, file.text, made);
    return made;
  };

  return {
    configuration: (path) =>
      readOnce<FileFacts>(
        path,
        path,
        (text) => {
          const { claims, problems = [] } = detectorOf(path, text)?.detect(path, text) ?? { claims: [] };
          return { claims, problems, suppressions: suppressionsIn(path, text) };
        },
        (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }] }),
      ),
    code: (path) => {
      if (!entries.has(path)) return undefined;
      if (!known.has(codeKey(path))) total += 1;
      return readOnce<CodeFacts>(
        codeKey(path),
        path,
        (text) => codeFacts(path, text),
        (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }], module: { file: path, body: [], imports: [], brokenAt: null } }),
      );
    },
    asks: (path) =>
      readOnce<AskFacts>(
        askKey(path),
        path,
        (text) => ({ claims: asksIn(path, text), suppressions: [], problems: [] }),
        (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }] }),
      ),
    parsed: () => parsed,
    isWhole: () => isWhole,
  };
}

/** Names under which facts of a file may be kept. */
export const keysOf = (path: string): string[] => [path, besideConfiguration(path), askKey(path)];

/** What a front end asks for is kept beside what the same file says as a program, and that beside what it configures. */
const askKey = (path: string): string => `asks ${path}`;
const besideConfiguration = (path: string): string => `code ${path}`;

function codeFacts(path: string, text: string): CodeFacts {
  if (isData(path)) return { claims: [], problems: [], suppressions: [], module: readData(path, text) };
  const module = readModule(path, text);
  const problems = module.brokenAt === null ? [] : [{ file: path, line: module.brokenAt, message: 'This code has a syntax error here; what could be read around it was used.' }];
  const changes = changesTables(text) ? changesInCode(path, text) : [];
  return { claims: changes.length > 0 ? [{ kind: 'schemaChanges', changes, place: { file: path, line: 1 } }] : [], problems, suppressions: suppressionsIn(path, text), module };
}

const stampOf = (it: FileEntry | undefined): string => (it ? `${it.bytes} ${it.modifiedMs}` : '');
