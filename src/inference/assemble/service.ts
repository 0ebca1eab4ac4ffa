import { known, type Place } from '../../model/known.ts';
import type { Scope } from '../../model/topology.ts';
import type { FunctionClaim, ManagedStore, Said, ServiceClaim } from '../detector.ts';

/** A service of the deployment that is judged, put together from all files that describe it. */
export interface Service {
  name: string;
  claims: readonly ServiceClaim[];
  scope: Scope;
  image?: string;
  build?: ServiceClaim['build'];
  command?: string;
  workingDirectory?: string;
  environment: Readonly<Record<string, Said<string>>>;
  dependsOn: readonly string[];
  aliases: readonly string[];
  hasPorts: boolean;
  hostPorts: readonly number[];
  replicas?: Said<number>;
  autoscaling?: NonNullable<ServiceClaim['autoscaling']>;
  cores?: Said<number>;
  hasHealthcheck: boolean;
  managed?: ManagedStore;
  /** What an image is whose name does not tell it. */
  engine?: string;
  onDemand?: FunctionClaim;
  place: Place;
}

const ONE_SHOT = /(^|[\s/_-])(flyway|liquibase|migrate|migrations?|migrator|mongo-seed|db-seed|seeder|init-db|createbuckets|kafka-setup|topics-init)(\b|[_:-])/i;

const TOOL =
  /adminer|pgadmin|phpmyadmin|mongo-express|redis-?commander|kafka-ui|kafdrop|portainer|mailhog|mailpit|maildev|cypress|playwright\/|selenium|newman|wiremock|mockserver|mountebank|cucumber|toxiproxy|grafana\/k6|locust/i;

/** `kafka-init`, `setup-minio`: an image of somebody else that is given a command of its own, to prepare another. */
const PREPARES = /(^|[-_])(init|setup|bootstrap|provision|create-?(topics|buckets))$|^(init|setup)[-_]/i;

/** Migrations, seeds and set-up jobs end before load comes. */
export const isOneShot = (it: Pick<Service, 'image' | 'name' | 'build' | 'command'>): boolean =>
  ONE_SHOT.test(`${it.image ?? ''} ${it.name}`) ||
  (!it.build && (ONE_SHOT.test(it.command ?? '') || (it.command !== undefined && it.image !== undefined && PREPARES.test(it.name))));

/** Admin tools serve people, not load. */
export const isForDevelopers = (it: Service): boolean => isOneShot(it) || TOOL.test(`${it.image ?? ''} ${it.name}`);

export const fromClaim = (it: ServiceClaim, scope: Scope): Service => ({
  name: it.name,
  claims: [it],
  scope,
  ...(it.image && { image: it.image }),
  ...(it.build && { build: it.build }),
  ...(it.command && { command: it.command }),
  ...(it.workingDirectory && { workingDirectory: it.workingDirectory }),
  environment: it.environment,
  dependsOn: it.dependsOn,
  aliases: it.aliases,
  hasPorts: it.hasPorts,
  hostPorts: it.hostPorts ?? [],
  ...(it.replicas && { replicas: it.replicas }),
  ...(it.autoscaling && { autoscaling: it.autoscaling }),
  ...(it.cores && { cores: it.cores }),
  hasHealthcheck: it.hasHealthcheck,
  ...(it.managed && { managed: it.managed }),
  ...(it.onDemand && { onDemand: it.onDemand }),
  place: it.place,
});

/** What the later file says wins; environments are merged. */
export function overlay(before: Service, it: ServiceClaim): Service {
  const next = fromClaim(it, before.scope);
  return {
    ...before,
    ...next,
    claims: [...before.claims, it],
    environment: { ...before.environment, ...it.environment },
    dependsOn: [...new Set([...before.dependsOn, ...it.dependsOn])],
    aliases: [...new Set([...before.aliases, ...it.aliases])],
    hasPorts: before.hasPorts || it.hasPorts,
    hostPorts: [...before.hostPorts, ...(it.hostPorts ?? [])],
    hasHealthcheck: before.hasHealthcheck || it.hasHealthcheck,
    place: before.place,
  };
}

export const replicasOf = (it: Service) => (it.replicas ? known(it.replicas.value, 'replicas', 'declared', { place: it.replicas.place }) : undefined);
