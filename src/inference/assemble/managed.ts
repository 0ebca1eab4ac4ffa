import { known, type Known, none, unknown } from '../../model/known.ts';
import { DATABASE_PARALLELISM, INSTANCE_SIZES, MANAGED_MAX_CONNECTIONS, MAX_CONNECTIONS, REDIS_PARALLELISM } from '../assumptions.ts';
import type { ManagedStore } from '../detector.ts';
import { told } from './steps.ts';

/** Cores and memory of an instance class by its size (`db.r6g.2xlarge`, `cache.t3.micro`); undefined for one that is not known here. */
function sizeOf(instanceClass: string): { cores: number; memoryGb: number } | undefined {
  const [, family, size] = /^(?:db|cache|db\.cache)?\.?([a-z]\d\w*)\.(\w+)$/.exec(instanceClass) ?? [];
  const cores = size && INSTANCE_SIZES.cores[size];
  const perCore = family && INSTANCE_SIZES.memoryGbPerCore[family.charAt(0)];
  if (!family || !size || !cores || !perCore) return undefined;
  return { cores, memoryGb: (family.startsWith('t') ? INSTANCE_SIZES.burstableGb[size] : undefined) ?? cores * perCore };
}

/** Connections that a provider's server accepts: as written, or by the provider's formula over the memory of its class. Whatever else decides (a parameter group, say) leaves it open. */
export function connectionsOfManaged(it: ManagedStore): Known {
  if (it.maxConnections) return told(it.maxConnections, 'connections');
  const size = it.instanceClass && sizeOf(it.instanceClass.value);
  const formula = MANAGED_MAX_CONNECTIONS[it.engine];
  if (size && formula && it.instanceClass) {
    const most = Math.min(formula.most, Math.floor((size.memoryGb * 1024 ** 3) / formula.bytesPerConnection));
    // The database gets less than all of the machine's memory, and nobody documents how much.
    return known(Math.floor(most * 0.85), 'connections', 'assumed', {
      place: it.instanceClass.place,
      range: [Math.floor(most * 0.7), most],
      source: `${formula.source} of ${it.instanceClass.value}`,
    });
  }
  if (it.engine === 'redis') return MAX_CONNECTIONS.redis ?? unknown('not known here');
  return unknown(`the provider decides how many connections this ${it.engine} accepts`);
}

export function parallelismOfManaged(it: ManagedStore): Known {
  if (it.engine === 'redis') return REDIS_PARALLELISM;
  const size = it.instanceClass && sizeOf(it.instanceClass.value);
  if (size && it.instanceClass) return known(size.cores, 'cores', 'derived', { place: it.instanceClass.place, inputs: [`instance class ${it.instanceClass.value}`] });
  return scalesAlone(it.engine) ? none(it.place, SCALED) : DATABASE_PARALLELISM;
}

export const SCALED = 'the provider scales it with its load';
/** What a provider sells by the call has no cores to count. */
export const scalesAlone = (engine: string): boolean => SCALES_ALONE.has(engine);

const SCALES_ALONE = new Set(['dynamodb', 'sqs', 'sns', 's3', 'kinesis', 'eventbridge', 'servicebus', 'pubsub', 'qstash']);
