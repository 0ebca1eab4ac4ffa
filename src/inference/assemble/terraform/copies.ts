import type { ServiceClaim } from '../../detector.ts';
import { storeClaim } from '../../detectors/cloud-resources.ts';
import type { TerraformResource } from './modules.ts';
import { calledName, readerName, typeOf } from './names.ts';
import { engineOfResource, isSwitchedOff, leadsTo, managedOf } from './stores.ts';

/** The stores, with those copies that answer reads and that something which runs is told of: an instance of its own, or the instances of a cluster behind its reader endpoint. */
export function withCopies(stores: readonly ServiceClaim[], runs: readonly ServiceClaim[], resources: readonly TerraformResource[]): ServiceClaim[] {
  const told = runs.flatMap((it) => Object.values(it.environment).map((said) => said.value));
  const isTold = (name: string): boolean => told.some((value) => value.split(/[^\w-]+/).includes(name));
  const copies = resources.filter((it) => !isSwitchedOff(it)).flatMap((it) => copyOf(it, resources) ?? []);
  const alone = resources.filter((it) => isCluster(it) && readersOf(it, resources) < 1);
  return [
    // With one instance the reader endpoint leads to it.
    ...stores.map((it) => {
      const cluster = alone.find((one) => calledName(one, engineOfResource(one)) === it.name);
      return cluster && isTold(readerName(cluster)) ? { ...it, aliases: [...it.aliases, readerName(cluster)] } : it;
    }),
    ...copies.filter((it) => isTold(it.name)),
  ];
}

const isCluster = (it: TerraformResource): boolean => it.type === 'aws_rds_cluster';

/** Instances beside the writer. Of as many as a variable decides there is at least one. */
function readersOf(it: TerraformResource, resources: readonly TerraformResource[]): number {
  const instances = resources.filter((other) => other.type === 'aws_rds_cluster_instance' && leadsTo(other, 'cluster_identifier', it));
  const numberOf = ({ block, module }: TerraformResource): number =>
    (block.attributes.count ?? block.attributes.for_each) ? Number(module.evaluate(block.attributes.count)) || 2 : 1;
  return instances.reduce((sum, other) => sum + numberOf(other), 0) - 1;
}

function copyOf(it: TerraformResource, resources: readonly TerraformResource[]): ServiceClaim | undefined {
  if (isCluster(it)) {
    const engine = engineOfResource(it);
    const readers = readersOf(it, resources);
    if (!engine || readers < 1) return undefined;
    return { ...storeClaim(readerName(it), { ...managedOf(it, engine, resources), replicaOf: calledName(it, engine) }), replicas: { value: readers, place: it.block.place } };
  }
  if (!['aws_db_instance', 'google_sql_database_instance'].includes(typeOf(it))) return undefined;
  const source = resources.find((other) => leadsTo(it, 'replicate_source_db', other) || leadsTo(it, 'master_instance_name', other));
  const engine = source && engineOfResource(source);
  return source && engine ? storeClaim(calledName(it), { ...managedOf(it, engine, resources), replicaOf: calledName(source, engine) }) : undefined;
}
