import type { Deployment, Scope } from '../../model/topology.ts';
import type { ServiceClaim } from '../detector.ts';
import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { isOurs, withoutTag } from './builds.ts';
import { engineOf } from './engines.ts';
import { fromClaim, isForDevelopers, overlay, type Service } from './service.ts';
import { DEVELOPMENT, PRODUCTION } from './stages.ts';

const TOOLS = /(^|[.\-_/])(elk|monitoring|observability|logging|tools|metrics|tracing|otel)([.\-_/]|$)/i;
/** An example that people copy is what they then run. */
const BASE = /^(docker-)?compose([._-](example|sample|dist))?\.ya?ml$/i;

/** What a generator fills in for others is no deployment of this workspace. */
const isTemplate = (file: string): boolean => /\.(template|tmpl|tpl|sample)\./i.test(nameOf(file)) || /(^|\/)(templates?|generators?|scaffolds?|blueprints?)\//i.test(file);

/** Whether tests alone are its purpose. */
export const isForTests = (file: string): boolean =>
  /(^|[.\-_])(tests?|testing|ci|e2e|integration)[.\-_]/i.test(nameOf(file)) || /(^|[.\-_/])(tests?|testing|e2e)([.\-_/]|$)/i.test(folderOf(file));

/** `test_unit`, `api-e2e`: files of a part that is tested by itself often hold little else. */
const isOfTests = (claims: readonly ServiceClaim[]): boolean => {
  const own = claims.filter((it) => engineOf(it.image) === undefined);
  return own.length > 0 && 2 * own.filter((it) => /^(tests?|e2e)([-_]|$)|[-_](tests?|e2e)$/i.test(it.name)).length >= own.length;
};

export type ComposeRole = 'base' | 'production' | 'development' | 'tools' | 'addition';

function roleOf(file: string): ComposeRole {
  if (BASE.test(nameOf(file)) && !DEVELOPMENT.test(`/${folderOf(file)}/`)) return 'base';
  if (PRODUCTION.test(nameOf(file))) return 'production';
  if (DEVELOPMENT.test(file)) return 'development';
  return TOOLS.test(file) ? 'tools' : 'addition';
}

/**
 * The services that compose files describe. Base files come first, a production overlay is laid over them, additions bring services of their own;
 * development and test overlays add nothing that runs in production.
 */
export function composeServices(configuration: Configuration, chosen: string | undefined): { services: Service[]; deployments: Deployment[] } {
  const included = new Set([...configuration.includes.values()].flat());
  const all = new Set([...configuration.compose.keys(), ...configuration.includes.keys()]);
  const claimsIn = (file: string): readonly ServiceClaim[] => claimsOf(file, configuration, new Set());
  const deployed = [...all].filter((it) => !isTemplate(it));
  const roots = (deployed.length > 0 ? deployed : [...all]).filter((it) => !included.has(it));
  const files = (roots.length > 0 ? roots : [...all]).sort((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b));
  if (files.length === 0) return { services: [], deployments: [] };
  const tests = new Set(files.filter((file) => isForTests(file) || isOfTests(claimsIn(file))));
  const roles = new Map(files.map((file) => [file, tests.has(file) ? 'development' : roleOf(file)]));
  const depth = (file: string) => file.split('/').length;
  const candidates = files.filter((it) => roles.get(it) !== 'tools');
  const rank = (file: string) => ({ production: 0, base: 1, addition: 2, development: 3, tools: 4 })[roles.get(file) ?? 'addition'];
  // Laid over another file, of which none is beside it.
  const isAlone = (file: string) => isOverlay(claimsIn(file)) && !files.some((it) => folderOf(it) === folderOf(file) && !isOverlay(claimsIn(it)));
  // What runs nowhere but at a desk, or holds nothing but stores, is judged only where nothing else is there.
  const isSecond = (file: string) => {
    const claims = claimsIn(file);
    return Number(stageOf(claims, roles.get(file)) === 'development' || isAlone(file) || claims.every((it) => !it.build && engineOf(it.image) !== undefined));
  };
  const isForeign = (file: string) => Number(!isOverlay(claimsIn(file)) && claimsIn(file).every((it) => !it.build && !isOurs(it.image, configuration)));
  const active =
    candidates.find((it) => it === chosen) ??
    [...candidates].sort(
      (a, b) => Number(tests.has(a)) - Number(tests.has(b)) || isSecond(a) - isSecond(b) || isForeign(a) - isForeign(b) || depth(a) - depth(b) || rank(a) - rank(b),
    )[0] ??
    (files[0] as string);
  const isAtHome = (file: string) => file === active || folderOf(file) === folderOf(active);
  const order = (file: string) => (file === active ? 1 : roles.get(file) === 'base' && isAtHome(file) ? 0 : isOverlay(claimsIn(file)) ? 3 : 2);
  const profile = profileOf(claimsIn(active), configuration.variables.get(joinPath(folderOf(active), '.env'))?.COMPOSE_PROFILES?.value);
  // `docker-compose.mariadb.yml` beside a whole one: another whole that starts the same code with another store.
  const whole = new Set(claimsIn(active).flatMap((it) => (it.build || (it.image && engineOf(it.image) === undefined) ? [it.name] : [])));
  const isAlternative = (file: string) => file !== active && isAtHome(file) && roles.get(file) === 'addition' && claimsIn(file).some((it) => it.build && whole.has(it.name));
  // Elsewhere, with the same images of ours: another place where the whole runs.
  const images = new Set(claimsIn(active).flatMap((it) => (it.image && engineOf(it.image) === undefined ? [withoutTag(it.image)] : [])));
  const isElsewhere = (file: string) => file !== active && !isAtHome(file) && claimsIn(file).some((it) => images.has(withoutTag(it.image)));
  const merged = new Map<string, Service>();
  for (const file of [...files].sort((a, b) => order(a) - order(b))) {
    const role = roles.get(file) as ComposeRole;
    if ((file !== active && role === 'production') || isElsewhere(file)) continue;
    // One that was chosen stands for itself and for what lies below it.
    if (active === chosen && !isInside(file, folderOf(active))) continue;
    for (const claim of claimsIn(file)) {
      const before = merged.get(claim.name);
      // What an addition says of a service of another file goes with the services that it brings.
      const isPatch = before !== undefined && role === 'addition' && isAtHome(file) && !claim.build && claim.image === undefined && !claim.extends;
      // An image that is only named here is built by a file beside this one.
      if (before?.image && !before.build && claim.build && file !== active && isAtHome(file)) merged.set(claim.name, { ...before, build: claim.build });
      if (before && file !== active && !isPatch) continue;
      const isOff = isAlternative(file) || (claim.profiles && !(file === active && profile !== undefined && claim.profiles.includes(profile)));
      const scope: Scope = isOff ? 'optional' : file === active || role === 'base' || role === 'addition' ? 'runtime' : role === 'tools' ? 'optional' : 'dev';
      // What runs at desks only is no part of the system.
      if (!before && scope === 'dev') continue;
      if (!before && !isAtHome(file) && hasSameStore(claim, merged)) continue;
      merged.set(claim.name, before ? overlay(before, claim) : fromClaim(claim, scope));
    }
  }
  const isTwin = ({ name }: Service): boolean => merged.has(name.replace(/[-_](tests?|testing|e2e)$/, '')) && /[-_](tests?|testing|e2e)$/.test(name);
  return {
    services: [...merged.values()].map((it) => ({ ...it, scope: isForDevelopers(it) || isTwin(it) ? 'dev' : it.scope })),
    deployments: describe(claimsIn, candidates, active, roles).map((it) => (it.active && profile !== undefined ? { ...it, name: `${it.name}, profile ${profile}` } : it)),
  };
}

const NOT_DEPLOYED = /deprecated|legacy|old|dev|debug|test|ci|e2e|tool|seed|migrat/i;

/** Where every service waits for a profile: the one that is set, else the one that starts most of what is built here. */
function profileOf(claims: readonly ServiceClaim[], set: string | undefined): string | undefined {
  if (claims.length === 0 || claims.some((it) => !it.profiles)) return undefined;
  const count = new Map<string, number>();
  for (const it of claims) for (const name of it.profiles ?? []) count.set(name, (count.get(name) ?? 0) + (it.build ? 1000 : 1));
  const named = set?.split(',')[0]?.trim();
  if (named && count.has(named)) return named;
  return [...count].filter(([name]) => !NOT_DEPLOYED.test(name)).sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Services of a file and of those that it includes, each with the settings that it extends. */
function claimsOf(file: string, configuration: Configuration, seen: ReadonlySet<string>): readonly ServiceClaim[] {
  if (seen.has(file)) return [];
  const within = new Set([...seen, file]);
  const included = (configuration.includes.get(file) ?? []).flatMap((it) => claimsOf(it, configuration, within));
  return [...included, ...(writtenIn(file, configuration) ?? []).map((it) => extended(it, file, configuration, new Set()))];
}

const writtenIn = (file: string, configuration: Configuration): readonly ServiceClaim[] | undefined => configuration.compose.get(file) ?? configuration.fragments.get(file);

/** What a service says itself wins over what it extends; `depends_on` and ports of a base are its own, as compose has it. */
function extended(it: ServiceClaim, file: string, configuration: Configuration, seen: ReadonlySet<string>): ServiceClaim {
  const key = `${file} ${it.name}`;
  if (!it.extends || seen.has(key)) return it;
  const from = it.extends.file ?? file;
  const named = writtenIn(from, configuration)?.find((other) => other.name === it.extends?.service);
  if (!named || (named === it && from === file)) return it;
  const base = extended(named, from, configuration, new Set([...seen, key]));
  return {
    ...base,
    ...it,
    environment: { ...base.environment, ...it.environment },
    envFiles: [...base.envFiles, ...it.envFiles],
    dependsOn: it.dependsOn,
    aliases: it.aliases,
    hasPorts: base.hasPorts || it.hasPorts,
    mountsSource: base.mountsSource || it.mountsSource,
    hasHealthcheck: base.hasHealthcheck || it.hasHealthcheck,
    isRouted: base.isRouted || it.isRouted,
  };
}

/** Compose refuses to start a service of which it knows neither image nor build: such a file is laid over another one. */
const isOverlay = (claims: readonly ServiceClaim[]): boolean => claims.some((it) => !it.build && it.image === undefined && !it.extends);

/** A nested file often brings its own copy of a store that the whole already has. */
const hasSameStore = (claim: ServiceClaim, merged: ReadonlyMap<string, Service>): boolean => {
  const engine = engineOf(claim.image)?.engine;
  return engine !== undefined && engine !== 'nginx' && [...merged.values()].some((it) => engineOf(it.image)?.engine === engine);
};

function describe(claimsIn: (file: string) => readonly ServiceClaim[], files: readonly string[], active: string, roles: ReadonlyMap<string, ComposeRole>): Deployment[] {
  return files.map((file) => ({
    id: file,
    name: file,
    source: 'compose',
    stage: stageOf(claimsIn(file), roles.get(file)),
    active: file === active,
    places: [{ file, line: 1 }],
  }));
}

/** A file that mounts the source and watches it is for development, whatever its name says. */
function stageOf(services: readonly ServiceClaim[], role: ComposeRole | undefined): Deployment['stage'] {
  if (role === 'production') return 'production';
  if (role === 'development') return 'development';
  return services.some((it) => it.mountsSource && /nodemon|ts-node-dev|tsx watch|--watch|\bdev\b/.test(it.command ?? '')) ? 'development' : 'unmarked';
}
