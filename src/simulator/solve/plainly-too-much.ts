import type { Instruction, Network } from '../../model/network.ts';
import { meanMsOf } from '../laws.ts';

/** What would unfold without end (programs that call each other several times) is left at this many steps, and what calls itself at this depth: so much less is counted. */
const MOST_STEPS = 20_000;
const DEEPEST_CALL = 24;

/**
 * Whether a load brings some station more work than it can do, though nobody waited or gave up: then it fails, and the network need not be laid out and solved to know it.
 * False where that much is not plain: what is counted is at least brought. `lost`: the share that may get lost on the way without that being a failure itself.
 */
export function isPlainlyTooMuch(network: Network, perSecond: number, lost: number): boolean {
  const { stations, groups, sources } = network;
  // Who is turned away spares the stations behind.
  if (network.limiters || network.caches || stations.some((it) => it.room !== null)) return false;
  const indexOf = new Map(stations.map((it, index) => [it.id, index]));
  const programs = new Map(network.programs.map((it) => [it.id, it.body]));
  const busyMs = new Float64Array(stations.length);
  let left = MOST_STEPS;
  let mayEnd = false;
  const serve = (station: string, ms: number): void => {
    const s = indexOf.get(station) as number;
    busyMs[s] = (busyMs[s] as number) + ms;
  };
  /** Adds the work of a body that is run so often; what it takes at least, ms. */
  const add = (body: readonly Instruction[], often: number, depth: number): number => {
    let ms = 0;
    for (const step of body) {
      if (mayEnd || --left < 0) return ms;
      ms += addStep(step, often, depth);
    }
    return ms;
  };
  const addStep = (step: Instruction, often: number, depth: number): number => {
    switch (step.op) {
      case 'serve': {
        const ms = meanMsOf(step.service);
        serve(step.station, often * ms);
        return ms;
      }
      case 'hold': {
        const ms = add(step.body, often, depth);
        serve(step.station, often * ms);
        return ms;
      }
      case 'delay':
        return meanMsOf(step.duration);
      case 'loop':
        return step.times * add(step.body, often * step.times, depth);
      case 'branch':
        return step.probability * add(step.taken, often * step.probability, depth) + (1 - step.probability) * add(step.otherwise, often * (1 - step.probability), depth);
      case 'parallel':
        return step.branches.reduce((longest, it) => Math.max(longest, add(it, often, depth)), 0);
      case 'call': {
        const ms = depth < DEEPEST_CALL ? add(programs.get(step.program) ?? [], often, depth + 1) : 0;
        if (step.timeoutMs == null) return ms;
        // What a call that ran out of time would have been followed by is not done.
        mayEnd = true;
        return 0;
      }
      case 'spawn': {
        if (depth < DEEPEST_CALL) add(programs.get(step.program) ?? [], often, depth + 1);
        mayEnd = false;
        return 0;
      }
      case 'respond':
        return 0;
      default:
        mayEnd = true;
        return 0;
    }
  };
  for (const { program, share, phases } of sources) {
    mayEnd = false;
    add(programs.get(program) ?? [], (share > 0 ? perSecond * share : (phases?.[0]?.perSecond ?? 0)) / 1000, 0);
  }
  const instances = new Map(groups.map((it) => [it.id, it.instances]));
  return stations.some(({ servers, group }, s) => servers !== null && (busyMs[s] as number) * (1 - lost) > servers * (group === undefined ? 1 : (instances.get(group) ?? 1)));
}
