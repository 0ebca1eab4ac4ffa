import type { Project } from '../model/project.ts';
import type { Problem, Topology } from '../model/topology.ts';
import type { FileEntry, Workspace } from '../workspace.ts';
import { assemble } from './assemble.ts';
import { configurationOf } from './assemble/configuration.ts';
import { servicesOf } from './assemble/deployments.ts';
import { unitsOf } from './assemble/units.ts';
import { readModule } from './code/read-module.ts';
import type { ModuleSyntax } from './code/syntax.ts';
import type { AskClaim, FileFacts } from './detector.ts';
import { asksIn } from './detectors/browser-code.ts';
import { detectorOf, isConfiguration } from './detectors/index.ts';
import { suppressionsIn } from './detectors/suppressions.ts';
import { applyProject, PROJECT_FILE, readProject } from './project.ts';

/** What was read from a file before, by content. `stamp` (size and time) spares even the read. */
export interface FactCache {
  byStamp(path: string, stamp: string): unknown;
  byText(path: string, stamp: string, text: string): unknown;
  keep(path: string, stamp: string, text: string, facts: unknown): void;
  /** Drops what no longer exists and writes what changed. */
  settle(paths: ReadonlySet<string>): void;
  /** What came out when exactly this was read before; `inputs` names every file with its stamp and everything else that decides. */
  answer(inputs: string): unknown;
  keepAnswer(inputs: string, answer: unknown): void;
}

export interface InferOptions {
  cache?: FactCache;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** File of the deployment to judge; else the one that design says. */
  deployment?: string;
}

interface Answer {
  topology: Topology;
  project: Project;
}

/** Reads a workspace into a topology, with the project's overrides and measurements applied. Throws only when aborted. */
export async function infer(
  workspace: Workspace,
  options: InferOptions = {},
): Promise<{ topology: Topology; project: Project; read: { files: number; parsed: number; ms: number } }> {
  const started = Date.now();
  const listed = await workspace.list();
  const inputs = JSON.stringify([options.deployment, listed.files, listed.problems]);
  const before = options.cache?.answer(inputs) as Answer | undefined;
  if (before) return { ...before, read: { files: listed.files.length, parsed: 0, ms: Date.now() - started } };
  const entries = new Map(listed.files.map((it) => [it.path, it]));
  const facts = new Map<string, FileFacts>();
  let parsed = 0;
  let isWhole = true;
  let done = 0;

  const readFacts = async <T extends FileFacts>(path: string, make: (text: string) => T, empty: (message: string) => T, key = path): Promise<T> => {
    options.signal?.throwIfAborted();
    const stamp = stampOf(entries.get(path));
    const before = options.cache?.byStamp(key, stamp);
    if (before) return before as T;
    const read = await workspace.read(path);
    if ('problem' in read) {
      if (read.mayPass) isWhole = false;
      return empty(read.problem);
    }
    const same = options.cache?.byText(key, stamp, read.text);
    if (same) return same as T;
    parsed += 1;
    let made: T;
    try {
      made = make(read.text);
    } catch {
      made = empty('This file could not be understood.');
    }
    options.cache?.keep(key, stamp, read.text, made);
    return made;
  };

  const configurationFiles = listed.files.filter((it) => isConfiguration(it.path));
  let total = configurationFiles.length;
  const progress = () => options.onProgress?.(++done, Math.max(total, done));
  for (const { path } of configurationFiles) {
    const read = await readFacts<FileFacts>(
      path,
      (text) => {
        const { claims, problems = [] } = detectorOf(path, text)?.detect(path, text) ?? { claims: [] };
        return { claims, problems, suppressions: suppressionsIn(path, text) };
      },
      (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }] }),
    );
    facts.set(path, read);
    progress();
  }

  const projectFile = entries.has(PROJECT_FILE) ? await workspace.read(PROJECT_FILE) : undefined;
  const project = readProject(projectFile && 'text' in projectFile ? projectFile.text : undefined);
  const tooEarly = projectFile && 'problem' in projectFile ? [{ file: PROJECT_FILE, line: 1, message: projectFile.problem }] : [];

  const configuration = configurationOf(
    listed.files.map((it) => it.path),
    facts,
  );
  const { services, deployments, problems: deploymentProblems } = servicesOf(configuration, options.deployment ?? project.project.deployment);

  const code = new Map<string, CodeFacts>();
  const moduleOf = async (path: string): Promise<ModuleSyntax | undefined> => {
    const known = code.get(path);
    if (known) return known.module;
    if (!entries.has(path)) return undefined;
    total += 1;
    const read = await readFacts<CodeFacts>(
      path,
      (text) => codeFacts(path, text),
      (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }], module: { file: path, body: [], imports: [], brokenAt: null } }),
    );
    code.set(path, read);
    progress();
    return read.module;
  };
  const asks = async (path: string): Promise<readonly AskClaim[]> => {
    const read = await readFacts<FileFacts>(
      path,
      (text) => ({ claims: asksIn(path, text), suppressions: [], problems: [] }),
      (message) => ({ claims: [], suppressions: [], problems: [{ file: path, line: 1, message }] }),
      askKey(path),
    );
    return read.claims.filter((it) => it.kind === 'ask');
  };
  const readCode = Object.assign(moduleOf, { asks });
  const lateProblems: Problem[] = [];
  const { units, deployments: all } = await unitsOf(configuration, services, deployments, readCode, lateProblems);

  const codeProblems = [...code.values()].flatMap((it) => it.problems);
  const topology = assemble({
    configuration: { ...configuration, suppressions: [...configuration.suppressions, ...[...code.values()].flatMap((it) => it.suppressions)] },
    services,
    deployments: all,
    units,
    problems: [
      ...configuration.problems,
      ...deploymentProblems,
      ...codeProblems,
      ...tooEarly,
      ...listed.problems.map((it) => ({ file: it.file, line: 1, message: it.message })),
      ...nothingToRead(listed.files, units.length + services.length),
    ],
  });
  options.cache?.settle(new Set([...entries.keys()].flatMap((it) => [it, askKey(it)])));
  const answer: Answer = applyProject({ ...topology, problems: [...topology.problems, ...lateProblems] }, project);
  if (isWhole) options.cache?.keepAnswer(inputs, answer);
  return { ...answer, read: { files: listed.files.length, parsed, ms: Date.now() - started } };
}

/** What a front end asks for is kept beside what the same file says as a program. */
const askKey = (path: string): string => `asks ${path}`;

interface CodeFacts extends FileFacts {
  module: ModuleSyntax;
}

function codeFacts(path: string, text: string): CodeFacts {
  const module = readModule(path, text);
  const problems = module.brokenAt === null ? [] : [{ file: path, line: module.brokenAt, message: 'This code has a syntax error here; what could be read around it was used.' }];
  return { claims: [], problems, suppressions: suppressionsIn(path, text), module };
}

const stampOf = (it: FileEntry | undefined): string => (it ? `${it.bytes} ${it.modifiedMs}` : '');

function nothingToRead(files: readonly FileEntry[], found: number): { file: string; line: number; message: string }[] {
  if (found > 0) return [];
  if (files.length === 0) return [{ file: '.', line: 1, message: 'This folder is empty: there is nothing to read.' }];
  return [{ file: '.', line: 1, message: 'No Node.js service was found here: no package.json that starts one, and no compose file.' }];
}
