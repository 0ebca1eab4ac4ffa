import type { Project } from '../model/project.ts';
import type { Problem, Topology } from '../model/topology.ts';
import type { Workspace } from '../workspace.ts';
import { assemble } from './assemble.ts';
import { type Configuration, configurationOf } from './assemble/configuration.ts';
import { servicesOf } from './assemble/deployments.ts';
import { isAsRead, readInfrastructure, withInfrastructure } from './assemble/infrastructure.ts';
import { layouts } from './assemble/layouts.ts';
import { moduleResolver } from './assemble/modules.ts';
import { withPrograms } from './assemble/programs.ts';
import { unitReader } from './assemble/read-unit.ts';
import { tracingOf } from './assemble/tracing.ts';
import { unitsOf } from './assemble/units.ts';
import type { FileFacts } from './detector.ts';
import { isConfiguration } from './detectors/index.ts';
import { type FactReader, factReader, keysOf } from './fact-reader.ts';
import { isSame } from './moved-places.ts';
import { applyProject, PROJECT_FILE, readProject } from './project.ts';
import { type Ground, inPlace, isSameGround, ready, type Said, type Since, since, type Snapshot } from './snapshot.ts';

/** What was read from a file before, by content. `stamp` (size and time) spares even the read. */
export interface FactCache {
  byStamp(path: string, stamp: string): unknown;
  byText(path: string, stamp: string, text: string): unknown;
  keep(path: string, stamp: string, text: string, facts: unknown): void;
  /** Drops what no longer exists. */
  settle(paths: ReadonlySet<string>): void;
  /** What came out when exactly this was read before; `inputs` names every file with its stamp and everything else that decides. */
  answer(inputs: string): unknown;
  keepAnswer(inputs: string, answer: unknown): void;
  /** How the last answer was made; in memory only. */
  recall(): unknown;
  remember(snapshot: unknown): void;
  /** Writes to disk what was kept since; an answer need not wait for it. */
  write(): void;
}

export interface InferOptions {
  /** Asked for the same workspace only. Whoever wants to find it on disk next time lets it `write` after the answer. */
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

/**
 * Reads a workspace into a topology, with the project's overrides and measurements applied. Throws only when aborted.
 * With a cache that holds the last answer, only what hangs on changed files is made anew; the result is the same as without.
 */
export async function infer(
  workspace: Workspace,
  options: InferOptions = {},
): Promise<{ topology: Topology; project: Project; read: { files: number; parsed: number; ms: number } }> {
  const started = Date.now();
  const listed = await workspace.list();
  const inputs = JSON.stringify([options.deployment, listed.files, listed.problems]);
  const known = options.cache?.answer(inputs) as Answer | undefined;
  if (known) return { ...known, read: { files: listed.files.length, parsed: 0, ms: Date.now() - started } };
  const entries = new Map(listed.files.map((it) => [it.path, it]));
  const paths = listed.files.map((it) => it.path);
  const before = options.cache?.recall() as Snapshot | undefined;
  const isSameList = before !== undefined && isSame(before.ground.paths, paths);
  const configuration: ReadonlySet<string> = new Set(isSameList ? before.ground.facts.keys() : paths.filter(isConfiguration));
  const reader = factReader(workspace, entries, configuration, options);

  const facts = new Map<string, FileFacts>();
  for (const path of configuration) facts.set(path, await reader.configuration(path));
  const projectFile = entries.has(PROJECT_FILE) ? await workspace.read(PROJECT_FILE) : undefined;
  const project = readProject(projectFile && 'text' in projectFile ? projectFile.text : undefined);
  const said = {
    paths,
    facts,
    chosen: options.deployment ?? project.project.deployment,
    problems: [
      ...(projectFile && 'problem' in projectFile ? [{ file: PROJECT_FILE, line: 1, message: projectFile.problem }] : []),
      ...listed.problems.map((it) => ({ file: it.file, line: 1, message: it.message })),
    ],
  };
  const near = before && isSameGround(before.ground, said) && (await isAsRead(before.ground.infrastructure, reader)) ? before : undefined;
  const made = await answered(near?.ground ?? (await groundOf(said, reader)), reader, near, () => isForgotten(options.cache));
  if (!isSameList) options.cache?.settle(new Set([...entries.keys()].flatMap(keysOf)));
  const answer: Answer = applyProject(made.topology, project);
  if (reader.isWhole() && !(projectFile && 'problem' in projectFile && projectFile.mayPass)) {
    options.cache?.remember(made.snapshot);
    options.cache?.keepAnswer(inputs, answer);
  }
  return { ...answer, read: { files: listed.files.length, parsed: reader.parsed(), ms: Date.now() - started } };
}

/** Works out behind an answer what the first save would else wait for. */
export function readyForSaves(cache: FactCache): void {
  const snapshot = cache.recall() as Snapshot | undefined;
  if (snapshot) ready(snapshot);
}

/** Nobody else will find the snapshot that is about to be changed; a cache that is only looked into goes on holding it. */
function isForgotten(cache: FactCache | undefined): boolean {
  cache?.remember(undefined);
  return cache?.recall() === undefined;
}

async function groundOf(said: Said, reader: FactReader): Promise<Ground> {
  const files = configurationOf(said.paths, said.facts);
  const resolve = moduleResolver(files);
  const infrastructure = await readInfrastructure(files, resolve, reader);
  const configuration = withInfrastructure(files, infrastructure);
  const { services, deployments, problems } = servicesOf(configuration, said.chosen);
  return { ...said, configuration, services, deployments, deploymentProblems: problems, resolve, infrastructure };
}

/** `before` is an answer on the same ground: processes of which no file changed are taken from it, and all of it where none did. */
async function answered(
  ground: Ground,
  reader: FactReader,
  before: Snapshot | undefined,
  claim: () => boolean,
  changed: ReadonlySet<string> = new Set(),
): Promise<{ topology: Topology; snapshot: Snapshot }> {
  const read = since(before, reader, changed, claim);
  const snapshot = before && (await read.isUnchanged()) ? before : await madeAnew(ground, read, before);
  const topology = inPlace(snapshot, ground.configuration, read);
  // Something stands where no syntax does: then files that moved count as changed.
  return topology ? { topology, snapshot } : answered(ground, reader, before, claim, new Set([...changed, ...read.moves.keys()]));
}

async function madeAnew(ground: Ground, read: Since, before: Snapshot | undefined): Promise<Snapshot> {
  const { configuration, services } = ground;
  const { readUnit, all } = unitReader(configuration, ground.resolve, read.readCode, before?.units);
  const { units, deployments } = await unitsOf(configuration, services, ground.deployments, readUnit);
  const tracings = new Map([...all.values()].map((it) => [it.unit.reading, it.tracing]));
  const kept = before?.layouts ?? layouts();
  const claims = {
    configuration: withTablesOfCode(configuration, read),
    services,
    deployments,
    units: withPrograms(units.map((unit) => ({ unit, traced: (tracings.get(unit.reading)?.() ?? tracingOf(unit)).traced() }))),
    problems: [
      ...configuration.problems,
      ...ground.deploymentProblems,
      ...[...read.newest.values()].flatMap((it) => it.problems),
      ...ground.problems,
      ...nothingToRead(ground.paths, units.length + services.length),
    ],
  };
  const topology = assemble(claims, kept);
  const problems = [...topology.problems, ...lost([...all.values()].flatMap((it) => it.problems))];
  return { ground, code: read.code, asks: read.asks, units: all, layouts: kept, topology: { ...topology, problems } };
}

/** What code does to tables by SQL of its own stands beside what files of migrations do. */
const withTablesOfCode = (configuration: Configuration, { newest }: Since): Configuration => ({
  ...configuration,
  schemaChanges: new Map([
    ...[...newest].flatMap(([file, { claims }]) => claims.flatMap((it) => (it.kind === 'schemaChanges' ? [[file, it] as const] : []))),
    ...configuration.schemaChanges,
  ]),
});

/** Each entry once, however many processes it starts. */
const lost = (all: readonly Problem[]): Problem[] => all.filter((it, at) => all.findIndex((other) => other.file === it.file) === at);

function nothingToRead(files: readonly string[], found: number): { file: string; line: number; message: string }[] {
  if (found > 0) return [];
  if (files.length === 0) return [{ file: '.', line: 1, message: 'This folder is empty: there is nothing to read.' }];
  return [{ file: '.', line: 1, message: 'No Node.js service was found here: no package.json that starts one, and no compose file.' }];
}
