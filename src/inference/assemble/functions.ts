import { known, type Known, none, unknown } from '../../model/known.ts';
import type { Component, OnDemand, RateLimiter } from '../../model/topology.ts';
import { FUNCTION_DEFAULTS, MEMORY_PER_CORE_MB } from '../assumptions.ts';
import type { ExportedHandler } from '../code/exported-handlers.ts';
import type { FunctionClaim, Told } from '../detector.ts';
import { folderOf, joinPath } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { entryAt, type Start, startOf } from './entries.ts';
import { replicasOf, type Service } from './service.ts';
import { told } from './steps.ts';

const BYTES_PER_MB = 1024 * 1024;
const A_FUNCTION = unknown('a platform starts instances as calls come');

/** How a service's instances run, as far as its deployment says; a function has no replicas of its own. */
export function runsOf(it: Service): Partial<Pick<Component, 'replicas' | 'cores' | 'autoscaling' | 'onDemand'>> {
  if (!it.onDemand) {
    const replicas = replicasOf(it);
    return { ...(replicas && { replicas }), ...scalingOf(it), ...(it.cores && { cores: known(it.cores.value, 'cores', 'declared', { place: it.cores.place }) }) };
  }
  const onDemand = onDemandOf(it.onDemand);
  return { replicas: none(it.place, 'instances are started for calls'), cores: coresOf(onDemand.memory), onDemand };
}

function scalingOf({ autoscaling: it }: Service): Pick<Component, 'autoscaling'> {
  if (!it) return {};
  return {
    autoscaling: {
      least: known(it.least.value, 'replicas', 'declared', { place: it.least.place }),
      targetCores: known(it.targetCores.value, 'cores', 'derived', { place: it.targetCores.place, inputs: ['requested CPU', 'share of it that the autoscaler aims at'] }),
    },
  };
}

function onDemandOf(it: FunctionClaim): OnDemand {
  const { memoryMb, timeoutMs, source, most, coldStartMs, idleMs } = FUNCTION_DEFAULTS;
  return {
    ...(it.unit && { unit: it.unit }),
    most: it.limit ? told(it.limit, 'replicas') : most,
    coldStartMs,
    idleMs,
    memory: it.memoryMb
      ? told(inBytes(it.memoryMb), 'bytes')
      : known(memoryMb[it.platform] * BYTES_PER_MB, 'bytes', 'libraryDefault', { source: `${source[it.platform]}: ${memoryMb[it.platform]} MB` }),
    timeoutMs: it.timeoutMs
      ? told(it.timeoutMs, 'ms')
      : known(timeoutMs[it.platform], 'ms', 'libraryDefault', { source: `${source[it.platform]}: ${timeoutMs[it.platform] / 1000} s` }),
  };
}

const inBytes = (it: Told): Told => ('value' in it ? { ...it, value: it.value * BYTES_PER_MB } : it);

/** CPU follows memory. */
function coresOf(memory: Known): Known {
  if (memory.state !== 'known') return A_FUNCTION;
  const cores = memory.value / BYTES_PER_MB / MEMORY_PER_CORE_MB;
  return known(cores, 'cores', 'derived', { ...(memory.place && { place: memory.place }), inputs: ['memory of the function', `${MEMORY_PER_CORE_MB} MB per core`] });
}

/** What the platform's gateway lets through to functions that answer requests. */
export const platformLimits = ({ services }: { services: readonly Service[] }): RateLimiter[] =>
  services.flatMap((it): RateLimiter[] => {
    const limit = it.hasPorts ? it.onDemand?.requestLimit : undefined;
    if (!limit) return [];
    const { place } = limit.perSecond;
    return [
      {
        id: `${it.name} limit`,
        component: it.name,
        algorithm: 'tokenBucket',
        key: limit.perClient ? 'perClient' : 'global',
        limit: known(limit.perSecond.value, 'count', 'declared', { place }),
        windowMs: known(1000, 'ms', 'declared', { place }),
        ...(limit.burst && { burst: known(limit.burst.value, 'count', 'declared', { place: limit.burst.place }) }),
        shared: true,
        library: 'api-gateway',
        endpoints: [],
        place,
      },
    ];
  });

/** The code of a function: the file behind its handler and the folder of its package; undefined where it does not lie here or is no JavaScript. */
export function codeOf(it: FunctionClaim, configuration: Configuration): { root: string; start: Start } | undefined {
  if (it.app !== undefined) return { root: it.app, start: startOf(undefined, it.app, configuration) };
  if (!it.handler || (it.runtime !== undefined && !/^(nodejs|node|bun)/i.test(it.runtime))) return undefined;
  const [, path, name] = /^(.*)\.(\w+)$/.exec(it.handler) ?? [];
  if (!path || !name) return undefined;
  const files = configuration.known;
  const file = entryAt(path, '.', files);
  if (!file) return undefined;
  // What nothing is seen to call is called by its name: by another function, a state machine, a person.
  const invoked: ExportedHandler[] = it.events.length === 0 ? [{ file, export: name, method: 'POST', path: '/' }] : [];
  const handlers = it.events.map(
    (event): ExportedHandler => ({ file, export: name, ...(event.kind === 'http' ? { method: event.method, path: event.path, byEvent: true } : { event }) }),
  );
  return { root: packageAbove(folderOf(file), configuration), start: { entries: [file], processes: [], isFrontend: false, handlers: [...handlers, ...invoked] } };
}

function packageAbove(folder: string, configuration: Configuration): string {
  for (let at = folder; ; at = folderOf(at)) {
    if (configuration.packages.has(joinPath(at, 'package.json')) || at === '.') return at;
  }
}
