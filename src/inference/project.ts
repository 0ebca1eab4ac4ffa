import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { inputsOf, withInputs } from '../model/inputs.ts';
import type { Project } from '../model/project.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../model/scenario.ts';
import type { Problem, Topology } from '../model/topology.ts';

export const PROJECT_FILE = 'faultline.json';

/** faultline.json as it was written, with the line of each measurement and override. */
export interface ProjectReading {
  project: Project;
  problems: Problem[];
  lineOf(path: readonly (string | number)[]): number;
}

/** Reads the text of faultline.json (comments allowed). What has the wrong form is left out and named. */
export function readProject(text: string | undefined): ProjectReading {
  if (text === undefined) return { project: {}, problems: [], lineOf: () => 1 };
  const errors: ParseError[] = [];
  const tree: Node | undefined = parseTree(text, errors, { allowTrailingComma: true });
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const lineOf = (path: readonly (string | number)[]) => lineAt((tree && findNodeAtLocation(tree, [...path]))?.offset ?? 0);
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
    if (!check) problems.push({ file: PROJECT_FILE, line: lineOf([name]), message: `faultline.json has no field "${name}".` });
    else if (!check(it)) problems.push({ file: PROJECT_FILE, line: lineOf([name]), message: `"${name}" has the wrong form; see the schema.` });
    else project[name] = it;
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
const listOf =
  (check: Check): Check =>
  (it) =>
    Array.isArray(it) && it.every(check);

const isValue: Check = (it) => isObject(it) && isText(it.input) && positive(it.value);
const FIELDS: Record<string, Check> = {
  target: (it) => isObject(it) && positive(it.requestsPerSecond),
  profile: (it) => isObject(it) && (it.kind === 'steady' || (it.kind === 'spike' && [it.basePerSecond, it.peakPerSecond, it.seconds].every(positive))),
  objective: (it) => isObject(it) && [it.p95Ms, it.errorShare, it.messageAgeSeconds].every(optional(positive)),
  mix: (it) => isObject(it) && Object.values(it).every(positive),
  deployment: isText,
  clients: (it) => isObject(it) && [it.patienceMs, it.count].every(optional(positive)),
  measurements: listOf(isValue),
  overrides: listOf(isValue),
  suppressions: listOf((it) => isObject(it) && isText(it.rule) && isText(it.reason) && optional(isText)(it.file)),
};

/** Lays measurements, then overrides, over the topology. What names no input of it becomes a problem at its line. */
export function applyProject(topology: Topology, reading: ProjectReading): { topology: Topology; project: Project } {
  const { project, lineOf } = reading;
  const problems = [...reading.problems];
  const ids = new Set(inputsOf(topology).map((it) => it.id));
  let next = topology;
  const apply = (field: 'measurements' | 'overrides', basis: 'measured' | 'override') =>
    project[field]?.forEach((it, at) => {
      const id = inputFor(it.input, ids);
      if (!id) {
        problems.push({ file: PROJECT_FILE, line: lineOf([field, at]), message: `No number of this workspace is called "${it.input}".` });
        return;
      }
      const source = 'source' in it && typeof it.source === 'string' ? it.source : 'reason' in it && typeof it.reason === 'string' ? it.reason : undefined;
      next = withInputs(next, new Map([[id, inUnit(it.value, 'unit' in it ? it.unit : undefined)]]), basis, source);
    });
  apply('measurements', 'measured');
  apply('overrides', 'override');
  const suppressions = (project.suppressions ?? []).map((it, at) => ({
    rule: it.rule,
    reason: it.reason,
    file: it.file ?? '',
    place: { file: PROJECT_FILE, line: lineOf(['suppressions', at]) },
  }));
  return { topology: { ...next, problems: [...next.problems, ...problems], suppressions: [...next.suppressions, ...suppressions] }, project };
}

/** The full id, or the short form without its first word: `db SELECT orders` for `hold db SELECT orders`. */
function inputFor(written: string, ids: ReadonlySet<string>): string | undefined {
  if (ids.has(written)) return written;
  const short = ['hold', 'service', 'compute', 'timeout', 'hitRatio', 'replicas', 'pool'].map((it) => `${it} ${written}`);
  const found = [...short, `pool ${written} max`].filter((it) => ids.has(it));
  return found[0] ?? [...ids].find((it) => it.toLowerCase() === written.toLowerCase());
}

/** Seconds become milliseconds; everything else stays. */
const inUnit = (value: number, unit: unknown): number => (unit === 's' ? value * 1000 : unit === 'us' || unit === 'µs' ? value / 1000 : unit === '%' ? value / 100 : value);

/** The question that the project asks: its own words where it has any, else the defaults. */
export function scenarioOf(project: Project, topology: Topology): Scenario {
  const peak = project.profile?.kind === 'spike' ? project.profile.peakPerSecond : undefined;
  const target = project.target?.requestsPerSecond ?? peak;
  const mix = project.mix && mixOf(project.mix, topology);
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
