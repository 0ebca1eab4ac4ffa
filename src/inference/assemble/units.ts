import type { Deployment } from '../../model/topology.ts';
import type { PackageClaim } from '../detector.ts';
import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import { imageOf, stageOf } from './images.ts';
import type { Configuration } from './configuration.ts';
import { isOurs } from './builds.ts';
import { frontEnds } from './front-ends.ts';
import { codeOf } from './functions.ts';
import type { Service } from './service.ts';
import { codeFolder, type Start, startOf } from './entries.ts';
import { type ProcessStart, processesIn } from './processes.ts';
import type { Started } from './programs.ts';
import type { ReadUnit } from './read-unit.ts';
import { hasServer } from './servers.ts';
import { engineOfService } from './stores.ts';

/** Every process whose code lies here, read from its entry with its own environment. */
export async function unitsOf(
  configuration: Configuration,
  services: readonly Service[],
  deployments: readonly Deployment[],
  readUnit: ReadUnit,
): Promise<{ units: Started[]; deployments: readonly Deployment[] }> {
  const units: Started[] = [];
  for (const service of services) {
    const code = service.onDemand && codeOf(service.onDemand, configuration);
    if (code) units.push(await readUnit(service.name, service, code.root, code.start));
    if (service.onDemand) continue;
    const root = rootOf(service, configuration);
    if (root === undefined) {
      const pages = pagesOf(service, configuration);
      if (pages !== undefined) units.push(await readUnit(service.name, service, pages, { entries: [], processes: [], isFrontend: true, handlers: [] }));
      continue;
    }
    const image = imageOf(service.build, configuration);
    const starts = processesIn(service.command ?? stageOf(service.build, image)?.command ?? image?.command, root, configuration)
      .map((it) => ({ ...it, start: startOf(it.command, it.root, configuration, it.workingDirectory ?? service.workingDirectory ?? image?.workingDirectory) }))
      .filter(({ start }) => start.entries.length > 0 || start.handlers.length > 0 || start.isFrontend)
      // Programs of others stand for what the package itself starts, all of them for the same.
      .filter((it, at, all) => all.findIndex((other) => other.root === it.root && JSON.stringify(other.start) === JSON.stringify(it.start)) === at);
    for (const it of starts) {
      const id = starts.length === 1 ? service.name : freeName(it, services, units, configuration);
      const unit = await readUnit(id, service, it.root, it.start);
      const behind = startsNothing(unit) ? startBehindLauncher(it.root, it.start, configuration) : undefined;
      units.push(behind ? await readUnit(id, service, it.root, behind) : unit);
    }
  }
  const withFrontEnds = async (all: Started[]): Promise<Started[]> => {
    // Where one is deployed, others are tools or another edition.
    if (all.some((it) => it.isFrontend) || services.some((it) => it.build && all.every((unit) => unit.service?.name !== it.name) && isFrontEndName(it.name))) return all;
    const names = new Set([...services.flatMap((it) => [it.name, ...it.aliases]), ...all.map((it) => it.id)]);
    const free = frontEnds(configuration)
      .map((it, _, all) => ({ ...it, name: names.has(it.name) || all.some((other) => other !== it && other.name === it.name) ? nameOf(it.root) : it.name }))
      .filter((it) => !names.has(it.name) && it.name !== '.' && !all.some((unit) => unit.root === it.root));
    const made: Started[] = [];
    for (const it of free.length > MOST_FRONT_ENDS ? [] : free) {
      const unit = await readUnit(it.name, undefined, it.root, { entries: [], processes: [], isFrontend: true, handlers: [] });
      made.push({ ...unit, place: { file: it.file, line: 1 } });
    }
    return [...all, ...made];
  };
  if (units.some((it) => !it.isFrontend)) return { units: await withFrontEnds(units), deployments };
  const taken = new Set(services.map((it) => it.name));
  const bare = barePackages(configuration);
  for (const { root, pkg } of bare)
    for (const { name: wanted, command, isScript } of startsOf(root, pkg, configuration)) {
      const start = startOf(command, root, configuration);
      const before = units.filter((it) => it.root === root);
      if ((start.entries.length === 0 && start.handlers.length === 0) || (isScript && start.entries.every((it) => before.some((other) => other.entries.includes(it))))) continue;
      const id = !taken.has(wanted) ? wanted : isScript ? `${ownName(root, pkg)}-${wanted}` : `${wanted}-app`;
      if (isScript && taken.has(id)) continue;
      const unit = await readUnit(id, undefined, root, start);
      if ((bare.length > 1 || !hasServer(pkg) || isScript) && !serves(unit)) continue;
      if (isScript && isAnotherWayToStart(unit, before)) continue;
      taken.add(id);
      units.push(unit);
    }
  const places = units.filter((it) => !it.service).map((it) => ({ file: it.place.file, line: 1 }));
  const all = await withFrontEnds(units);
  if (deployments.length > 0 || places.length === 0) return { units: all, deployments };
  return { units: all, deployments: [{ id: 'bare', name: 'package.json', source: 'bare', stage: 'unmarked', active: true, places }] };
}

const MOST_FRONT_ENDS = 3;
const isFrontEndName = (name: string): boolean => /front|client|web|ui|dashboard|portal|site/i.test(name);

/** One of several processes of an image is known by its own name. */
function freeName(it: ProcessStart, services: readonly Service[], units: readonly Started[], configuration: Configuration): string {
  const pkg = configuration.packages.get(joinPath(it.root, 'package.json'));
  const wanted = it.name || (pkg ? ownName(it.root, pkg) : nameOf(it.root));
  const taken = new Set([...services.map((other) => other.name), ...units.map((unit) => unit.id)]);
  let id = wanted;
  for (let at = 2; taken.has(id); at++) id = `${wanted}-${at}`;
  return id;
}

/** The front end that an image is built from and that a web server hands out. */
function pagesOf(service: Service, configuration: Configuration): string | undefined {
  if (service.scope !== 'runtime' || !service.build || engineOfService(service, { configuration })?.kind !== 'gateway') return undefined;
  const root = codeFolder(service.build, configuration);
  return root !== '.' && frontEnds(configuration).some((it) => it.root === root) ? root : undefined;
}

/** Folder of a service's Node code, or undefined where it has none here. */
export function rootOf(service: Service, configuration: Configuration): string | undefined {
  if (service.scope === 'dev' || engineOfService(service, { configuration })) return undefined;
  const root = service.build
    ? codeFolder(service.build, configuration)
    : service.claims.some((it) => it.mountsSource) && /^node\b|\/node\b|^node:/.test(service.image ?? '')
      ? folderOf(service.place.file)
      : folderOfImage(service, configuration);
  const part = root === undefined || isWholeWorkspace(root, configuration) ? partCalled(service, configuration) : undefined;
  return part ?? ownRoot(service, root, configuration);
}

function ownRoot(service: Service, root: string | undefined, configuration: Configuration): string | undefined {
  if (root === undefined) return undefined;
  const image = imageOf(service.build, configuration);
  const isNode = image
    ? image.bases.some((it) => /(^|\/)(node|bun|nodejs)\b|node/.test(it)) ||
      !image.bases.some((it) => /python|golang|^go\b|openjdk|maven|gradle|php|ruby|rust|dotnet|elixir/.test(it))
    : true;
  return isNode && configuration.packages.has(joinPath(root, 'package.json')) ? root : undefined;
}

/** An image that was built elsewhere from code that lies here: it is called like a package, or it is started as the only one is. */
function folderOfImage(service: Service, configuration: Configuration): string | undefined {
  if (!service.image) return undefined;
  const all = barePackages(configuration).filter(({ pkg }) => hasServer(pkg));
  const called = /([\w.-]+?)(?:[:@].*)?$/.exec(service.image)?.[1];
  const plain = (it: string | undefined): string | undefined => it?.toLowerCase().replace(/[^a-z0-9]/g, '');
  // `shop-orders` may be the package `@shop/orders`.
  const same = all.filter(
    ({ root, pkg }) => [ownName(root, pkg), pkg.name].some((name) => plain(name) === plain(called)) || (root !== '.' && plain(nameOf(root)) === plain(called)),
  );
  if (same.length === 1) return same[0]?.root;
  return all.length === 1 && /^(npm|yarn|pnpm|node|pm2|pm2-runtime|tsx)\s/.test(service.command ?? '') ? all[0]?.root : undefined;
}

/** The root of a workspace of several packages that serves nothing itself. */
function isWholeWorkspace(root: string, configuration: Configuration): boolean {
  const pkg = configuration.packages.get(joinPath(root, 'package.json'));
  return pkg?.isWorkspaceRoot === true && !hasServer(pkg);
}

/** One image of the whole product, started as one of its parts: the service is called like the only package here of that name that can be started. */
function partCalled(service: Service, configuration: Configuration): string | undefined {
  if (!isWholeWorkspace('.', configuration) || !(service.build || isOurs(service.image, configuration))) return undefined;
  const parts = [...configuration.packages].filter(([file, pkg]) => {
    const root = folderOf(file);
    return root !== '.' && [service.name, ...service.aliases].some((name) => name === nameOf(root) || name === ownName(root, pkg)) && pkg.scripts.start !== undefined;
  });
  return parts.length === 1 && parts[0] ? folderOf(parts[0][0]) : undefined;
}

/** Packages that serve, where no deployment file starts any. */
export function barePackages(configuration: Configuration): { root: string; pkg: PackageClaim }[] {
  const all = [...configuration.packages].map(([file, pkg]) => ({ root: folderOf(file), pkg }));
  const own = all.filter(({ root }) => !/(^|\/)(test|tests|__tests__|examples?|fixtures|e2e|templates?)(\/|$)/.test(root));
  const withServer = own.filter(({ pkg }) => hasServer(pkg));
  // A plain Node server has no telling dependency: then a start script has to do.
  const serving = withServer.length > 0 ? withServer : own.filter(({ pkg }) => pkg.scripts.start !== undefined);
  return serving.filter(({ root, pkg }) => !pkg.isWorkspaceRoot || !serving.some((other) => other.root !== root && isInside(other.root, root)));
}

const ownName = (root: string, pkg: PackageClaim): string => pkg.name.replace(/^@[^/]+\//, '') || nameOf(root).replace(/^\.$/, 'app');

/** Scripts that end by themselves, or that only people run. */
const NOT_DEPLOYED =
  /(^|[:\-_.])(pre|post)?(test|tests|lint|build|compile|migrate|migrations?|seed|seeds|dev|develop|watch|debug|local|mock|mocks|fake|stub|example|examples|demo|bench|benchmark|load|stress|e2e|docs|generate|codegen|gen|deploy|release|publish|clean|format|setup|init|install|prepare|db|sync|import|export|backup|cli|repl|console|inspect|profile|scripts?)([:\-_.]|$)/i;
const RUNS_A_FILE = /(^|&&|;)\s*(\w+=\S+\s+)*(cross-env\s+(\w+=\S+\s+)*)?(npx\s+)?(node|nodejs|tsx|ts-node|bun|pm2 start|pm2-runtime( start)?)\s/;

/** `worker: node dist/worker.js`: a process of its own, known by the script's name without what says how it is started. */
function scriptsOf(pkg: PackageClaim): { name: string; command: string; isScript: true }[] {
  return Object.entries(pkg.scripts)
    .filter(([name, command]) => !/^start(:prod(uction)?)?$/.test(name) && !NOT_DEPLOYED.test(name) && RUNS_A_FILE.test(command) && !/\s--?(watch|inspect)\b/.test(command))
    .map(([name, command]) => ({
      name:
        name
          .replace(/(^|:)(start|run|serve|prod|production)(?=:|$)/g, '')
          .replace(/^:+|:+$/g, '')
          .replaceAll(':', '-') || name,
      command,
      isScript: true,
    }));
}

/** The same server behind another script (`start:cluster`) takes the place of the first, it does not run beside it. */
function isAnotherWayToStart(unit: Started, before: readonly Started[]): boolean {
  const opens = (it: Started): string[] =>
    it.reading.claims.flatMap((claim) => (claim.kind === 'listens' || claim.kind === 'consumer' || claim.kind === 'timer' ? [`${claim.place.file}:${claim.place.line}`] : []));
  const known = new Set(before.flatMap(opens));
  return opens(unit).every((it) => known.has(it)) || before.some((it) => it.entries.some((entry) => unit.reading.files.includes(entry)));
}

/** A Procfile names processes; else the package is one, and so is what its other scripts start. A process that a Procfile calls `web` is known by the package's name. */
function startsOf(root: string, pkg: PackageClaim, configuration: Configuration): { name: string; command?: string; isScript?: true }[] {
  const name = ownName(root, pkg);
  const processes = (configuration.starts.get(joinPath(root, 'Procfile')) ?? []).filter((it) => it.name !== 'release');
  return processes.length === 0 ? [{ name }, ...scriptsOf(pkg)] : processes.map((it) => ({ name: it.name === 'web' ? name : it.name, command: it.command }));
}

/** Libraries of a workspace have entries too: only what listens, consumes or ticks is a process. */
const serves = (it: Started): boolean => it.reading.claims.some((claim) => ['route', 'listens', 'consumer', 'timer'].includes(claim.kind));

const startsNothing = (it: Started): boolean => !it.isFrontend && it.reading.claims.every((claim) => claim.kind === 'fact') && it.entries.length > 0;

/** A script that only starts other programs, as images of several do: what the package itself starts, or shows in a browser, is behind it. */
function startBehindLauncher(root: string, launcher: Start, configuration: Configuration): Start | undefined {
  if (frontEnds(configuration).some((it) => it.root === root)) return { entries: [], processes: [], isFrontend: true, handlers: [] };
  const own = startOf(undefined, root, configuration);
  return own.entries.length > 0 && own.entries.every((it) => !launcher.entries.includes(it)) ? own : undefined;
}
