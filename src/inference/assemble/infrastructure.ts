import type { Problem, Suppression } from '../../model/topology.ts';
import { interpret, type Reading } from '../code/interpret.ts';
import type { ModuleSyntax } from '../code/syntax.ts';
import type { Value } from '../code/values.ts';
import type { CodeClaim, InfrastructureClaim, InfrastructureGround, StackClaim } from '../detector.ts';
import { LIBRARIES } from '../detectors/libraries/index.ts';
import { SST_GLOBALS } from '../detectors/libraries/sst.ts';
import { unreadConstructs } from '../detectors/libraries/cdk/unread-constructs.ts';
import { folderOf, isInside } from '../detectors/paths.ts';
import type { CodeFacts, FactReader } from '../fact-reader.ts';
import { isSame } from '../moved-places.ts';
import type { Configuration } from './configuration.ts';
import { entryAt, startedBy } from './entries.ts';
import { filesByPath } from './files-by-path.ts';
import type { moduleResolver } from './modules.ts';
import { environmentOf } from './read-unit.ts';
import { PRODUCTION } from './stages.ts';

/** What programs that describe a deployment say, and the files that they were read from. */
export interface Infrastructure {
  stacks: ReadonlyMap<string, StackClaim>;
  problems: readonly Problem[];
  suppressions: readonly Suppression[];
  code: ReadonlyMap<string, CodeFacts>;
}

/** Reads every program of infrastructure (AWS CDK, SST), from the file that its configuration starts. */
export async function readInfrastructure(configuration: Configuration, resolve: ReturnType<typeof moduleResolver>, reader: FactReader): Promise<Infrastructure> {
  const stacks = new Map<string, StackClaim>();
  const problems: Problem[] = [];
  const code = new Map<string, CodeFacts>();
  for (const [file, claim] of configuration.infrastructure) {
    const entry = entryOf(claim, configuration);
    if (entry === undefined) continue;
    const modules = await modulesFrom([entry, file], configuration, folderOf(file), resolve, reader, code);
    const read = readOne(claim, entry, modules, configuration, resolve);
    if (read.stack) stacks.set(file, read.stack);
    problems.push(...read.problems);
  }
  const files = [...code.values()];
  return { stacks, problems: [...problems, ...files.flatMap((it) => it.problems)], suppressions: files.flatMap((it) => it.suppressions), code };
}

/** Whether none of its files has changed. */
export async function isAsRead(it: Infrastructure, reader: FactReader): Promise<boolean> {
  for (const [file, facts] of it.code) {
    const now = await reader.code(file);
    if (now !== facts && !isSame(now, facts)) return false;
  }
  return true;
}

/** A configuration with what programs say beside what files do. */
export const withInfrastructure = (configuration: Configuration, { stacks, problems, suppressions }: Infrastructure): Configuration =>
  stacks.size + problems.length + suppressions.length === 0
    ? configuration
    : {
        ...configuration,
        stacks: new Map([...configuration.stacks, ...stacks]),
        problems: [...configuration.problems, ...problems],
        suppressions: [...configuration.suppressions, ...suppressions],
      };

const entryOf = ({ command, place }: InfrastructureClaim, configuration: Configuration): string | undefined =>
  command === undefined ? place.file : startedBy(command, folderOf(place.file), configuration);

async function modulesFrom(
  entries: readonly string[],
  configuration: Configuration,
  root: string,
  resolve: ReturnType<typeof moduleResolver>,
  reader: FactReader,
  code: Map<string, CodeFacts>,
): Promise<Map<string, ModuleSyntax>> {
  const modules = new Map<string, ModuleSyntax>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (modules.has(file)) continue;
    const facts = code.get(file) ?? (await reader.code(file));
    if (!facts) continue;
    code.set(file, facts);
    modules.set(file, facts.module);
    for (const specifier of facts.module.imports) {
      const target = resolve(file, specifier);
      if (target && 'file' in target) waiting.push(target.file);
    }
    waiting.push(...filesByPath(facts.module, configuration, root));
  }
  return modules;
}

function readOne(
  { by, place }: InfrastructureClaim,
  entry: string,
  modules: ReadonlyMap<string, ModuleSyntax>,
  configuration: Configuration,
  resolve: ReturnType<typeof moduleResolver>,
): { stack?: StackClaim; problems: readonly Problem[] } {
  const folder = folderOf(place.file);
  const env = environmentOf(undefined, folder, configuration);
  let claims: Reading['claims'] = [];
  try {
    const globals: Readonly<Record<string, Value>> = by === 'sst' ? SST_GLOBALS : {};
    const program = {
      modules,
      resolve,
      env: (name: string) => env[name],
      root: folder,
      major: () => undefined,
      isInfrastructure: true as const,
      globals,
      libraries: [...LIBRARIES, unreadConstructs(modules, resolve)],
    };
    claims = interpret(program, [entry]).claims;
  } catch {
    return { problems: [{ file: entry, line: 1, message: 'The program of infrastructure that starts here could not be followed.' }] };
  }
  const ground = groundOf(folder, configuration);
  const services = inOneStage(claims.flatMap((it) => (it.kind === 'deploys' ? [it] : []))).flatMap((it) => it.services(ground));
  const problems = claims.flatMap((it): Problem[] =>
    it.kind === 'unclear'
      ? [{ file: it.place.file, line: it.place.line, message: it.message }]
      : it.kind === 'unread'
        ? [{ file: it.place.file, line: it.place.line, message: `What ${it.package} deploys is not read here.` }]
        : [],
  );
  return { ...(services.length > 0 && { stack: { kind: 'stack', by, services, place: { file: entry, line: 1 } } }), problems: distinct(problems) };
}

type Deploys = Extract<CodeClaim, { kind: 'deploys' }>;

/** Of stacks that are made once for each stage the one that is meant for users. */
function inOneStage(all: readonly Deploys[]): Deploys[] {
  const stages = new Map<string, Set<string>>();
  for (const { stage } of all) if (stage) stages.set(stage.unit, (stages.get(stage.unit) ?? new Set()).add(stage.name));
  const chosen = new Map([...stages].map(([unit, names]) => [unit, [...names].find((name) => PRODUCTION.test(name)) ?? [...names][0]] as const));
  return all.filter(({ stage }) => !stage || chosen.get(stage.unit) === stage.name);
}

/** A class that is used several times says the same each time. */
const distinct = (all: readonly Problem[]): Problem[] =>
  all.filter((it, at) => all.findIndex((other) => other.file === it.file && other.line === it.line && other.message === it.message) === at);

const groundOf = (folder: string, configuration: Configuration): InfrastructureGround => ({
  folder,
  handler: (candidates) => candidates.find((it) => entryAt(it.replace(/\.\w+$/, ''), '.', configuration.known) !== undefined),
  directory: (candidates) => candidates.find((it) => it === '.' || configuration.files.some((file) => isInside(file, it))),
});
