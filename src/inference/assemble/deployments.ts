import { known, type Place } from '../../model/known.ts';
import type { Deployment, Problem, Scope } from '../../model/topology.ts';
import type { Said, ServiceClaim } from '../detector.ts';
import { folderOf, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { engineOf } from './engines.ts';
import { type Cluster, clustersOf } from './kubernetes.ts';

/** A service of the deployment that is judged, put together from all files that describe it. */
export interface Service {
  name: string;
  claims: readonly ServiceClaim[];
  scope: Scope;
  image?: string;
  build?: ServiceClaim['build'];
  command?: string;
  environment: Readonly<Record<string, Said<string>>>;
  dependsOn: readonly string[];
  aliases: readonly string[];
  hasPorts: boolean;
  replicas?: Said<number>;
  cores?: Said<number>;
  hasHealthcheck: boolean;
  place: Place;
}

const DEVELOPMENT = /(^|[.\-_/])(dev|devel|devcontainer|development|local|test|tests|testing|ci|e2e|load|debug|override|sandbox|bench|example)([.\-_/]|$)/i;
/** A file for `docker stack deploy` is meant for servers. */
const PRODUCTION = /(^|[.\-_/])(prod|production|live)([.\-_/]|$)|^docker-stack/i;
const TOOLS = /(^|[.\-_/])(elk|monitoring|observability|logging|tools|metrics|tracing|otel)([.\-_/]|$)/i;
const BASE = /^(docker-)?compose\.ya?ml$/i;

export type ComposeRole = 'base' | 'production' | 'development' | 'tools' | 'addition';

function roleOf(file: string): ComposeRole {
  if (BASE.test(nameOf(file)) && !DEVELOPMENT.test(`/${folderOf(file)}/`)) return 'base';
  if (PRODUCTION.test(nameOf(file))) return 'production';
  if (DEVELOPMENT.test(file)) return 'development';
  return TOOLS.test(file) ? 'tools' : 'addition';
}

/**
 * The services of the deployment that is judged: the chosen one, else a cluster, else compose files.
 * Of compose files base ones come first, a production overlay is laid over them, additions bring services of their own;
 * development and test overlays add nothing that runs in production.
 */
export function servicesOf(configuration: Configuration, chosen: string | undefined): { services: Service[]; deployments: Deployment[]; problems: readonly Problem[] } {
  const clusters = clustersOf(configuration);
  const inCompose = composeServices(configuration, chosen);
  const cluster = clusters.find((it) => it.id === chosen) ?? (inCompose.deployments.some((it) => it.id === chosen) ? undefined : foremost(clusters));
  const described = clusters.map((it) => describeCluster(it, it === cluster));
  if (!cluster) return { ...inCompose, deployments: [...described, ...inCompose.deployments], problems: [] };
  return {
    services: inCluster(cluster, inCompose.services),
    deployments: [...described, ...inCompose.deployments.map((it): Deployment => ({ ...it, active: false, stage: it.stage === 'unmarked' ? 'development' : it.stage }))],
    problems: cluster.problems,
  };
}

/** What is meant for users comes first, then what describes most. */
const foremost = (clusters: readonly Cluster[]): Cluster | undefined =>
  [...clusters].sort((a, b) => STAGES.indexOf(stageOfCluster(a)) - STAGES.indexOf(stageOfCluster(b)) || b.claims.length - a.claims.length || a.id.localeCompare(b.id))[0];

const STAGES: readonly Deployment['stage'][] = ['production', 'unmarked', 'development'];
const stageOfCluster = ({ id }: Cluster): Deployment['stage'] => (PRODUCTION.test(nameOf(id)) ? 'production' : DEVELOPMENT.test(id) ? 'development' : 'unmarked');

const describeCluster = (it: Cluster, active: boolean): Deployment => ({ id: it.id, name: it.id, source: 'kubernetes', stage: stageOfCluster(it), active, places: it.places });

/**
 * A cluster's workloads. Compose files beside it are for desks: they tell which folder an image is built from, what the code's variables look like,
 * and which stores there are that the cluster does not run itself.
 */
function inCluster(cluster: Cluster, beside: readonly Service[]): Service[] {
  const called = (it: Service): string[] => [it.name, ...it.aliases, imageName(it.image)];
  const services = cluster.claims.map((claim): Service => {
    const own = fromClaim(claim, 'runtime');
    const same = beside.find((it) => called(it).some((name) => name !== '' && called(own).includes(name)));
    if (!same) return own;
    return {
      ...own,
      ...(same.build && { build: same.build }),
      environment: { ...same.environment, ...own.environment },
      aliases: [...new Set([...own.aliases, same.name, ...same.aliases])].filter((it) => it !== own.name),
      dependsOn: same.dependsOn,
      hasHealthcheck: own.hasHealthcheck || same.hasHealthcheck,
      claims: [claim, ...same.claims],
    };
  });
  const names = new Set(services.flatMap((it) => [it.name, ...it.aliases]));
  const engines = new Set(services.flatMap((it) => engineOf(it.image)?.engine ?? []));
  for (const it of beside) {
    if (names.has(it.name)) continue;
    const engine = engineOf(it.image);
    const isStoreElsewhere = engine !== undefined && engine.kind !== 'gateway' && engine.kind !== 'observability' && !engines.has(engine.engine);
    services.push({ ...it, scope: isStoreElsewhere && it.scope === 'runtime' ? 'runtime' : 'dev' });
  }
  return services.map((it) => ({ ...it, scope: isForDevelopers(it) ? 'dev' : it.scope }));
}

const imageName = (image: string | undefined): string => /([\w.-]+?)(?:[:@].*)?$/.exec(image ?? '')?.[1] ?? '';

function composeServices(configuration: Configuration, chosen: string | undefined): { services: Service[]; deployments: Deployment[] } {
  const files = [...configuration.compose.keys()].sort((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b));
  if (files.length === 0) return { services: [], deployments: [] };
  const roles = new Map(files.map((file) => [file, roleOf(file)]));
  const depth = (file: string) => file.split('/').length;
  const candidates = files.filter((it) => roles.get(it) !== 'tools');
  const rank = (file: string) => ({ production: 0, base: 1, addition: 2, development: 3, tools: 4 })[roles.get(file) ?? 'addition'];
  // What runs nowhere but at a desk, or holds nothing but stores, is judged only where nothing else is there.
  const isSecond = (file: string) => {
    const claims = configuration.compose.get(file) ?? [];
    return Number(stageOf(claims, roles.get(file)) === 'development' || claims.every((it) => !it.build && engineOf(it.image) !== undefined));
  };
  const active =
    candidates.find((it) => it === chosen) ?? [...candidates].sort((a, b) => isSecond(a) - isSecond(b) || depth(a) - depth(b) || rank(a) - rank(b))[0] ?? (files[0] as string);
  const activeRole = roles.get(active);
  const isAtHome = (file: string) => file === active || folderOf(file) === folderOf(active);
  const order = (file: string) => (file === active ? 1 : roles.get(file) === 'base' && isAtHome(file) ? 0 : 2);
  const merged = new Map<string, Service>();
  for (const file of [...files].sort((a, b) => order(a) - order(b))) {
    const role = roles.get(file) as ComposeRole;
    if (file !== active && role === 'production') continue;
    for (const claim of configuration.compose.get(file) ?? []) {
      const before = merged.get(claim.name);
      if (before && file !== active) continue;
      const scope: Scope = file === active || role === 'base' || role === 'addition' ? 'runtime' : role === 'tools' ? 'optional' : 'dev';
      if (!before && role === 'development' && activeRole !== 'development' && /test|ci|e2e/i.test(nameOf(file))) continue;
      if (!before && !isAtHome(file) && hasSameStore(claim, merged)) continue;
      merged.set(claim.name, before ? overlay(before, claim) : fromClaim(claim, scope));
    }
  }
  return {
    services: [...merged.values()].map((it) => ({ ...it, scope: isForDevelopers(it) ? 'dev' : it.scope })),
    deployments: describe(configuration, candidates, active, roles),
  };
}

/** A nested file often brings its own copy of a store that the whole already has. */
const hasSameStore = (claim: ServiceClaim, merged: ReadonlyMap<string, Service>): boolean => {
  const engine = engineOf(claim.image)?.engine;
  return engine !== undefined && engine !== 'nginx' && [...merged.values()].some((it) => engineOf(it.image)?.engine === engine);
};

const ONE_SHOT = /(^|[\s/_-])(flyway|liquibase|migrate|migrations?|migrator|mongo-seed|db-seed|seeder|init-db|createbuckets|kafka-setup|topics-init)(\b|[_:-])/i;

const TOOL = /adminer|pgadmin|phpmyadmin|mongo-express|redis-?commander|kafka-ui|kafdrop|portainer|mailhog|mailpit|maildev/i;

/** Migrations, seeds and set-up jobs end before load comes. */
export const isOneShot = (it: Pick<Service, 'image' | 'name' | 'build' | 'command'>): boolean =>
  ONE_SHOT.test(`${it.image ?? ''} ${it.name}`) || (!it.build && ONE_SHOT.test(it.command ?? ''));

/** Admin tools serve people, not load. */
const isForDevelopers = (it: Service): boolean => isOneShot(it) || TOOL.test(`${it.image ?? ''} ${it.name}`);

const fromClaim = (it: ServiceClaim, scope: Scope): Service => ({
  name: it.name,
  claims: [it],
  scope,
  ...(it.image && { image: it.image }),
  ...(it.build && { build: it.build }),
  ...(it.command && { command: it.command }),
  environment: it.environment,
  dependsOn: it.dependsOn,
  aliases: it.aliases,
  hasPorts: it.hasPorts,
  ...(it.replicas && { replicas: it.replicas }),
  ...(it.cores && { cores: it.cores }),
  hasHealthcheck: it.hasHealthcheck,
  place: it.place,
});

/** What the later file says wins; environments are merged. */
function overlay(before: Service, it: ServiceClaim): Service {
  const next = fromClaim(it, before.scope);
  return {
    ...before,
    ...next,
    claims: [...before.claims, it],
    environment: { ...before.environment, ...it.environment },
    dependsOn: [...new Set([...before.dependsOn, ...it.dependsOn])],
    aliases: [...new Set([...before.aliases, ...it.aliases])],
    hasPorts: before.hasPorts || it.hasPorts,
    hasHealthcheck: before.hasHealthcheck || it.hasHealthcheck,
    place: before.place,
  };
}

function describe(configuration: Configuration, files: readonly string[], active: string, roles: ReadonlyMap<string, ComposeRole>): Deployment[] {
  return files.map((file) => ({
    id: file,
    name: file,
    source: 'compose',
    stage: stageOf(configuration.compose.get(file) ?? [], roles.get(file)),
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

export const replicasOf = (it: Service) => (it.replicas ? known(it.replicas.value, 'replicas', 'declared', { place: it.replicas.place }) : undefined);
