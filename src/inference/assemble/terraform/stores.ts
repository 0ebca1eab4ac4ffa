import type { ManagedStore, Said, ServiceClaim, Told } from '../../detector.ts';
import { engineOf, storeClaim } from '../../detectors/cloud-resources.ts';
import type { HclBlock } from '../../detectors/hcl.ts';
import { isResource, type TerraformResource } from './modules.ts';
import { calledName, sharedEngine, typeOf } from './names.ts';

/** Which server a resource is; undefined where it is none, or a part of another. */
export function engineOfResource(it: TerraformResource): string | undefined {
  const text = (name: string): string => String(it.module.evaluate(it.block.attributes[name]) ?? '').toLowerCase();
  switch (typeOf(it)) {
    case 'aws_db_instance':
      return it.block.attributes.replicate_source_db ? undefined : engineOf(text('engine'));
    case 'aws_rds_cluster':
      return engineOf(text('engine') || 'aurora');
    case 'aws_docdb_cluster':
      return 'mongodb';
    case 'aws_elasticache_cluster':
      return it.block.attributes.replication_group_id ? undefined : text('engine') === 'memcached' ? 'memcached' : 'redis';
    case 'aws_elasticache_replication_group':
    case 'aws_elasticache_serverless_cache':
    case 'aws_memorydb_cluster':
    case 'google_redis_instance':
    case 'azurerm_redis_cache':
      return text('engine') === 'memcached' ? 'memcached' : 'redis';
    case 'google_memcache_instance':
      return 'memcached';
    case 'aws_mq_broker':
      return text('engine_type') === 'rabbitmq' ? 'rabbitmq' : undefined;
    case 'aws_msk_cluster':
    case 'aws_msk_serverless_cluster':
      return 'kafka';
    case 'aws_opensearch_domain':
      return 'opensearch';
    case 'aws_elasticsearch_domain':
      return 'elasticsearch';
    case 'google_sql_database_instance':
      return it.block.attributes.master_instance_name ? undefined : engineOf(text('database_version') || text('source'));
    case 'azurerm_mssql_server':
      return 'mssql';
    case 'azurerm_cosmosdb_account':
      return text('kind') === 'mongodb' ? 'mongodb' : undefined;
    default:
      if (/^azurerm_postgresql_\w*server$/.test(it.type)) return 'postgres';
      return /^azurerm_mysql_\w*server$/.test(it.type) ? 'mysql' : undefined;
  }
}

/** The stores among resources: one of each shared kind, and every server of its own with its size and limit. */
export function storesAmong(resources: readonly TerraformResource[]): ServiceClaim[] {
  const found: ServiceClaim[] = [];
  for (const it of resources) {
    if (isSwitchedOff(it)) continue;
    const shared = sharedEngine(it);
    const before = found.findIndex((other) => other.name === shared);
    if (shared && before < 0) found.push(storeClaim(shared, { engine: shared, place: it.block.place }, [calledName(it)]));
    else if (shared) found[before] = { ...(found[before] as ServiceClaim), aliases: [...(found[before] as ServiceClaim).aliases, calledName(it)] };
    const engine = shared ? undefined : engineOfResource(it);
    if (engine) found.push(storeClaim(calledName(it, engine), managedOf(it, engine, resources)));
  }
  return found;
}

/** `count = 0`: somebody switched it off. */
export const isSwitchedOff = (it: TerraformResource): boolean => it.module.evaluate(it.block.attributes.count) === 0;

export function managedOf(it: TerraformResource, engine: string, resources: readonly TerraformResource[]): ManagedStore {
  const version = saidText(it, 'engine_version') ?? saidText(it, 'database_version') ?? saidText(it, 'version');
  const maxConnections = limitOf(it, resources);
  const instances = resources.filter((other) => typeOf(other) === 'aws_rds_cluster_instance' && leadsTo(other, 'cluster_identifier', it));
  const size = saidText(it, 'instance_class') ?? saidText(it, 'node_type') ?? instances.map((other) => saidText(other, 'instance_class')).find((said) => said !== undefined);
  return {
    engine,
    ...(version && { version: version.value.replace(/^[A-Za-z]+_/, '').replaceAll('_', '.') }),
    ...(size && { instanceClass: size }),
    ...(maxConnections && { maxConnections }),
    place: it.block.place,
  };
}

/** A parameter group, a flag or a configuration resource may set `max_connections`; a formula in it is not computed here. */
function limitOf(it: TerraformResource, resources: readonly TerraformResource[]): Told | undefined {
  const groups = resources.filter(
    (other) => /parameter_group$/.test(typeOf(other)) && ['parameter_group_name', 'db_cluster_parameter_group_name'].some((name) => leadsTo(it, name, other)),
  );
  const settings = it.block.blocks.filter((block) => block.type === 'settings');
  const parameters: [HclBlock, TerraformResource][] = [
    ...groups.flatMap((group) => group.block.blocks.filter((block) => block.type === 'parameter').map((block): [HclBlock, TerraformResource] => [block, group])),
    ...settings.flatMap((block) => block.blocks.filter((inner) => inner.type === 'database_flags').map((inner): [HclBlock, TerraformResource] => [inner, it])),
    ...resources.filter((other) => /_configuration$/.test(other.type) && leadsTo(other, 'server_id', it)).map((other): [HclBlock, TerraformResource] => [other.block, other]),
  ];
  for (const [block, owner] of parameters) {
    if (owner.module.evaluate(block.attributes.name) !== 'max_connections') continue;
    const value = Number(owner.module.evaluate(block.attributes.value) ?? Number.NaN);
    return Number.isInteger(value) && value > 0
      ? { value, place: block.attributes.value?.place ?? block.place }
      : { why: 'its parameters compute how many connections it accepts' };
  }
  // A group of another workspace may say anything.
  return it.block.attributes.parameter_group_name && groups.length === 0 ? { why: 'a parameter group that is not described here may limit its connections' } : undefined;
}

export function leadsTo(it: TerraformResource, attribute: string, other: TerraformResource): boolean {
  const value = it.module.evaluate(it.block.attributes[attribute]);
  return isResource(value) && value.resource === other;
}

/** A text attribute at its own place; a variable's default is said where it is used. */
export function saidText(it: TerraformResource, name: string): Said<string> | undefined {
  const expression = it.block.attributes[name];
  const value = it.module.evaluate(expression);
  return expression && (typeof value === 'string' || typeof value === 'number') && !String(value).includes('*') ? { value: String(value), place: expression.place } : undefined;
}

export function toldNumber(it: TerraformResource, block: HclBlock, name: string, factor = 1): Told | undefined {
  const expression = block.attributes[name];
  if (!expression) return undefined;
  const value = it.module.evaluate(expression);
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? { value: number * factor, place: expression.place } : { why: 'Terraform computes it' };
}
