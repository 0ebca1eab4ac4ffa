import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { type Input, inputId, inputsOf, withInputs } from '../model/inputs.ts';
import type { ResolvedLoadTest } from '../model/load-test.ts';
import { inUnitOf, type Measurement } from '../model/measurement.ts';
import type { Project } from '../model/project.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../model/scenario.ts';
import type { Problem, Topology } from '../model/topology.ts';
import { isEntryList, troubleIn } from './project-entries.ts';

export const PROJECT_FILE = 'faultline.json';

/** faultline.json as it was written, with the line of each measurement, override and suppression. */
export interface ProjectReading {
  project: Project;
  problems: Problem[];
  lineOf(entry: object): number;
}

/** Reads the text of faultline.json (comments allowed). What has the wrong form is left out and named. */
export function readProject(text: string | undefined): ProjectReading {
  if (text === undefined) return { project: {}, problems: [], lineOf: () => 1 };
  const errors: ParseError[] = [];
  const tree: Node | undefined = parseTree(text, errors, { allowTrailingComma: true });
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const lineAtPath = (path: readonly (string | number)[]) => lineAt((tree && findNodeAtLocation(tree, [...path]))?.offset ?? 0);
  const lines = new Map<object, number>();
  const lineOf = (entry: object) => lines.get(entry) ?? 1;
  const problems: Problem[] = errors.slice(0, 1).map((it) => ({ file: PROJECT_FILE, line: lineAt(it.offset), message: "faultline.json can't be read here." }));
  const value: unknown = tree && getNodeValue(tree);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (problems.length === 0) problems.push({ file: PROJECT_FILE, line: 1, message: 'faultline.json must hold an object.' });
    return { project: {}, problems, lineOf };
  }
  const project: Record<string, unknown> = {};
  for (const [name, it] of Object.entries(value)) {
    const check = FIELDS[name];
    if (name === '$schema') continue;
    if (!check) problems.push({ file: PROJECT_FILE, line: lineAtPath([name]), message: `faultline.json has no field "${name}".` });
    else if (!check(it)) problems.push({ file: PROJECT_FILE, line: lineAtPath([name]), message: `"${name}" has the wrong form; see the schema.` });
    else if (!isEntryList(name)) project[name] = it;
    else
      project[name] = (it as unknown[]).filter((entry, at) => {
        const trouble = troubleIn(name, entry);
        if (trouble) problems.push({ file: PROJECT_FILE, line: lineAtPath([name, at, ...(trouble.field === undefined ? [] : [trouble.field])]), message: trouble.message });
        else lines.set(entry as object, lineAtPath([name, at]));
        return !trouble;
      });
  }
  return { project: project as Project, problems, lineOf };
}

type Check = (it: unknown) => boolean;
const isObject = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it);
const positive: Check = (it) => typeof it === 'number' && Number.isFinite(it) && it >= 0;
const isText: Check = (it) => typeof it === 'string';
const optional =
  (check: Check): Check =>
  (it) =>
    it === undefined || check(it);
const FIELDS: Record<string, Check> = {
  target: (it) => isObject(it) && positive(it.requestsPerSecond),
  profile: (it) => isObject(it) && (it.kind === 'steady' || (it.kind === 'spike' && [it.basePerSecond, it.peakPerSecond, it.seconds].every(positive))),
  objective: (it) => isObject(it) && [it.p95Ms, it.errorShare, it.messageAgeSeconds].every(optional(positive)),
  mix: (it) => isObject(it) && Object.values(it).every(positive),
  deployment: isText,
  clients: (it) => isObject(it) && [it.patienceMs, it.count].every(optional(positive)),
  measurements: Array.isArray,
  loadTests: Array.isArray,
  overrides: Array.isArray,
  suppressions: Array.isArray,
};

/** Lays measurements, then overrides, over the topology. What names no input of it, or says it in a unit that it can't have, becomes a problem at its line. */
export function applyProject(topology: Topology, reading: ProjectReading): { topology: Topology; project: Project } {
  const { project, lineOf } = reading;
  const problems = [...reading.problems];
  // Of a large topology they take longer than the answer after a save, and most projects say nothing of them.
  const says = (project.measurements ?? []).length + (project.overrides ?? []).length > 0;
  const inputs = new Map(says ? inputsOf(topology).map((it) => [it.id, it]) : []);
  let next = topology;
  const lay = (it: Measurement & { reason?: string }, basis: 'measured' | 'override') => {
    const place = { file: PROJECT_FILE, line: lineOf(it) };
    const input = inputFor(it.input, inputs);
    if (!input) {
      problems.push({ ...place, message: `No number of this workspace is called "${it.input}".` });
      return;
    }
    const value = inUnitOf(input.unit, it.value, it.unit);
    if (value === undefined || (input.unit === 'ratio' && value > 1)) {
      problems.push({ ...place, message: value === undefined ? `"${it.input}" is counted in ${input.unit}, not in ${it.unit}.` : `"${it.input}" is a share: at most 1, or 100%.` });
      return;
    }
    const source = it.source ?? it.reason;
    next = withInputs(next, new Map([[input.id, value]]), basis, {
      writtenAt: place,
      ...(source && { source }),
      ...(it.at && { at: it.at }),
      ...(it.perSecond !== undefined && { perSecond: it.perSecond }),
      ...(it.code && { code: it.code }),
    });
  };
  for (const it of project.measurements ?? []) lay(it, 'measured');
  for (const it of project.overrides ?? []) lay(it, 'override');
  for (const it of project.loadTests ?? [])
    for (const written of Object.keys(it.routes))
      if (routeFor(written, topology).length === 0) problems.push({ file: PROJECT_FILE, line: lineOf(it), message: `No one route of this workspace is called "${written}".` });
  const suppressions = (project.suppressions ?? []).map((it) => ({
    rule: it.rule,
    reason: it.reason,
    file: it.file ?? '',
    place: { file: PROJECT_FILE, line: lineOf(it) },
  }));
  return { topology: { ...next, problems: [...next.problems, ...problems], suppressions: [...next.suppressions, ...suppressions] }, project };
}

/** The project's load tests with their routes by endpoint id; a route that the workspace does not have (or has twice) is left out. */
export const loadTestsOf = (project: Project, topology: Topology): ResolvedLoadTest[] =>
  (project.loadTests ?? []).map((it) => ({
    ...it,
    routes: Object.fromEntries(Object.entries(it.routes).flatMap(([written, route]) => routeFor(written, topology).map((id) => [id, route]))),
  }));

function routeFor(written: string, topology: Topology): string[] {
  const ids = topology.endpoints.map((it) => it.id);
  if (ids.includes(written)) return [written];
  const ending = ids.filter((it) => it.endsWith(` ${written}`));
  return ending.length === 1 ? ending : [];
}

/** The full id, or the short form without its first word: `db SELECT orders` for `hold db SELECT orders`. */
function inputFor(written: string, inputs: ReadonlyMap<string, Input>): Input | undefined {
  const short = ['hold', 'service', 'compute', 'timeout', 'hitRatio', 'replicas', 'pool'].map((it) => `${it} ${written}`);
  const found = [written, ...short, `pool ${written} max`].find((it) => inputs.has(it));
  return found === undefined ? [...inputs.values()].find((it) => it.id.toLowerCase() === written.toLowerCase()) : inputs.get(found);
}

/** The question that the project asks: its own words where it has any, else the defaults. */
export function scenarioOf(project: Project, topology: Topology): Scenario {
  const peak = project.profile?.kind === 'spike' ? project.profile.peakPerSecond : undefined;
  const target = project.target?.requestsPerSecond ?? peak;
  const mix = project.mix ? mixOf(project.mix, topology) : measuredMix(project.measurements ?? [], topology);
  return {
    ...DEFAULT_SCENARIO,
    ...(target !== undefined && { targetPerSecond: target, targetSetByUser: true }),
    ...(project.profile && { profile: project.profile }),
    ...(mix && { mix }),
    objective: {
      p95Ms: project.objective?.p95Ms ?? null,
      errorShare: project.objective?.errorShare ?? null,
      messageAgeSeconds: project.objective?.messageAgeSeconds ?? null,
    },
    ...(project.clients?.patienceMs !== undefined && { clientPatienceMs: project.clients.patienceMs }),
    ...(project.clients?.count !== undefined && { clientCount: project.clients.count }),
  };
}

/** Weights by endpoint id; `GET /orders` alone means every endpoint that ends so. */
function mixOf(mix: Readonly<Record<string, number>>, topology: Topology): Record<string, number> | undefined {
  const found: Record<string, number> = {};
  for (const [written, weight] of Object.entries(mix)) for (const it of topology.endpoints) if (it.id === written || it.id.endsWith(` ${written}`)) found[it.id] = weight;
  return Object.keys(found).length > 0 ? found : undefined;
}

/** Measured shares that leave less than this to others are all of the traffic, and what nobody called there gets none; of less they are single inputs, and the others have the rest. */
const ALL = 0.98;

/** The mix where all of the traffic was measured. */
function measuredMix(measurements: readonly Measurement[], topology: Topology): Record<string, number> | undefined {
  const shares = new Map(measurements.map((it) => [it.input, inUnitOf('ratio', it.value, it.unit) ?? 0]));
  const found = topology.endpoints.flatMap((it) => {
    const share = shares.get(inputId.share(it.id));
    return share === undefined ? [] : [[it.id, share] as const];
  });
  return found.reduce((sum, [, share]) => sum + share, 0) >= ALL ? Object.fromEntries(found) : undefined;
}
