import type { Change } from '../model/change.ts';
import { inputId } from '../model/inputs.ts';
import { type Known, type Place, valueIn } from '../model/known.ts';
import { computes, type Computing, offLoopCalls } from '../model/off-loop.ts';
import type { StationOutcome } from '../model/outcome.ts';
import { type Component, type ComponentId, type Endpoint, type Step, type Topology, walkSharedSteps } from '../model/topology.ts';
import { instancesOf, runsPerSecond, type Tally, tallyOf } from '../model/uses.ts';
import { fails, givesWay } from './binding.ts';
import { busyLoop, runsOf } from './busy-loop.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { routeOf } from './route-of.ts';

/** From here on everybody beside it notices: at a hundred requests a second it is a whole turn of each. */
const BLOCKS_MS = 10;
/** Below this nothing is said, however often it is done: its time is mostly that of being called. */
const SMALL_MS = 1;
/** Share of what an event loop does from which on this is why it gives way. */
const DOMINATES = 0.2;
/** bcryptjs lets others in after so long. */
const PIECE_MS = 100;

/** One call in the code that computes on a process's event loop, with all programs that come by it. */
interface Block {
  step: Computing;
  host: Component;
  endpoints: Endpoint[];
  /** Milliseconds of one event loop a second. */
  work: number;
  /** Somebody's request waits for it; else jobs and timers alone. */
  isAsked: boolean;
  /** Its result is kept: done once, or once for each thing. */
  isKept: boolean;
}

const hostOf = (topology: Topology, id: ComponentId): Component | undefined => {
  const own = topology.components.find((it) => it.id === id);
  return topology.components.find((it) => it.id === own?.runsIn) ?? own;
};
const placed = ({ file, line }: Place): string => `${file}:${line}`;

/** All calls that compute, by process and place. */
function blocksIn({ topology, outcome }: Evidence): Block[] {
  const found = new Map<string, Block>();
  const steps = new Map<string, Computing>();
  const seen = new Set<Step>();
  for (const it of topology.endpoints) walkSharedSteps(it.steps, (step) => void (computes(step) && steps.set(placed(step.place), step)), seen);
  if (steps.size === 0) return [];
  const runs = runsPerSecond(topology, outcome);
  const known = new Map<Step, Tally>();
  const hosts = new Map(topology.components.map((it) => [it.id, hostOf(topology, it.id)]));
  const answering = new Set(topology.endpoints.flatMap((it) => (it.trigger.kind === 'http' && it.role !== 'excluded' ? [hosts.get(it.component)] : [])));
  for (const endpoint of topology.endpoints) {
    const host = hosts.get(endpoint.component);
    if (host?.scope !== 'runtime' || endpoint.role === 'excluded') continue;
    const isAsked = endpoint.trigger.kind !== 'schedule' && answering.has(host);
    for (const [place, times] of tallyOf(endpoint.steps, (step) => (computes(step) ? [placed(step.place)] : []), known, runsOf)) {
      const step = steps.get(place) as Computing;
      const before = found.get(`${host.id} ${place}`) ?? { step, host, endpoints: [], work: 0, isAsked: false, isKept: true };
      found.set(`${host.id} ${place}`, {
        ...before,
        endpoints: [...before.endpoints, endpoint],
        work: before.work + ((runs.get(endpoint.id) ?? 0) * times * (valueIn(step.ms) ?? 0)) / instancesOf(host),
        isAsked: before.isAsked || isAsked,
        isKept: before.isKept && times === 0,
      });
    }
  }
  return [...found.values()];
}

/** What a call takes at the least, and at the most; a range only where it is assumed. */
function boundsOf(ms: Known): { least: number; most: number } {
  const value = valueIn(ms) ?? 0;
  const [least, most] = (ms.state === 'known' && ms.basis === 'assumed' && ms.range) || [value, value];
  return { least, most };
}

/** Cores that one process has for its event loop: no more than one. */
const speedOf = (host: Component): number => Math.min(1, (valueIn(host.cores) ?? 1) / Math.max(1, valueIn(host.processes) ?? 1));

function judge(evidence: Evidence, block: Block, all: readonly Block[]): Weakness {
  const { topology, outcome } = evidence;
  const { step, host, endpoints } = block;
  const loop = outcome.stations.find((it) => it.kind === 'eventLoop' && it.component === host.id);
  const silent: Weakness = { rule: 'event-loop-blocking', place: step.place, component: host.id, certain: false, state: 'sound', facts: {}, related: [], remedies: [] };
  if (step.where === 'threadPool' || block.isKept) return silent;
  if (!block.isAsked) return { ...silent, state: 'unknown' };
  const { least, most } = boundsOf(step.ms);
  // One package does it at all of its places: what it takes of the loop is what they take together.
  const together = step.call.library === 'bcryptjs' ? all.filter((it) => it.host === host && it.step.call.library === 'bcryptjs') : [block];
  const share = shareOf(host, loop, together);
  const dominates = share >= DOMINATES && least >= SMALL_MS;
  if (least < BLOCKS_MS && !dominates) return { ...silent, state: most < BLOCKS_MS ? 'sound' : 'unknown' };
  const speed = speedOf(host);
  const ms = (valueIn(step.ms) ?? 0) / speed;
  const routes = [...new Set(endpoints.map(routeOf))];
  return {
    ...silent,
    ...(dominates && loop && { station: loop.id }),
    state: 'weak',
    facts: {
      call: `${step.call.library}.${step.call.name}`,
      process: host.name,
      ms,
      cores: speed,
      // Where something before it turns work away, the loop does less than it is asked for, and that is no share of it.
      share: dominates && (!fails(evidence.scenario, outcome) || givesWay(outcome, loop?.id)) ? share : 0,
      pieces: step.call.library === 'bcryptjs' && !step.call.name.endsWith('Sync') && ms > PIECE_MS ? PIECE_MS : 0,
      route: routes.length > 1 ? `${routes[0]} (and ${routes.length - 1} more)` : (routes[0] ?? ''),
    },
    related: endpoints.slice(0, 4).map((it) => ({ place: it.place, says: `${routeOf(it)} comes by` })),
    remedies: [...remediesOf(topology, block, all), ...(dominates ? limitOf(host) : [])],
  };
}

function shareOf(host: Component, loop: StationOutcome | undefined, together: readonly Block[]): number {
  const busy = loop ? loop.utilisation * 1000 * speedOf(host) : 0;
  return busy > 0 ? Math.min(1, together.reduce((sum, it) => sum + it.work, 0) / busy) : 0;
}

const THREADS = 'libuv’s threads do it, four of them unless UV_THREADPOOL_SIZE says more';

function remediesOf({ endpoints }: Topology, block: Block, all: readonly Block[]): RemedyIdea[] {
  const { step, host } = block;
  const { library, name } = step.call;
  const off = (places: readonly Place[]): Pick<RemedyIdea, 'change' | 'edit'> => {
    const change: Change = { id: `off the event loop ${host.id} ${places.map(placed).join(' ')}`, operations: [{ kind: 'offLoop', places }] };
    const calls = offLoopCalls(endpoints, { places });
    const [first, ...also] = typeof calls === 'string' ? [] : calls;
    return { change, edit: first ? { ...first, ...(also.length > 0 && { also }) } : null };
  };
  if (library === 'bcryptjs') {
    // The package goes from all that is made of the same code.
    const same = all.filter((it) => it.step.call.library === 'bcryptjs' && (it.host === host || (it.host.root !== undefined && it.host.root === host.root)));
    return [
      {
        id: 'native-hash',
        effort: 2,
        does: 'Hash with bcrypt in place of bcryptjs',
        ...off([...new Map(same.map((it) => [placed(it.step.place), it.step.place] as const)).values()]),
        price: `a package with native code; ${THREADS}`,
        guidance: "import bcrypt from 'bcrypt' has the same functions and reads the same hashes; each of them is awaited",
      },
    ];
  }
  if (library === 'jimp')
    return [
      {
        id: 'native-images',
        effort: 4,
        does: 'Scale images with sharp, or in worker threads',
        ...off([step.place]),
        price: 'a package with native code',
        guidance: 'sharp(buffer).resize(width).toBuffer() decodes outside the event loop; what must stay with Jimp runs in a worker: new Piscina({ filename }).run({ file })',
      },
    ];
  const other = name.replace(/Sync$/, '');
  const isProgram = library === 'child_process';
  return [
    {
      id: 'await-async',
      effort: 2,
      does: `Await ${other} in place of ${name}`,
      ...off([step.place]),
      price: `other requests run between its start and its end; ${isProgram ? 'the program still takes its time' : THREADS}`,
      guidance: isProgram ? 'const { stdout } = await promisify(exec)(command)' : `await ${other}(…), and callers of the function around it await that`,
    },
  ];
}

/** Where less than a core is given, all of it is the first thing to give. */
function limitOf(host: Component): RemedyIdea[] {
  const cores = valueIn(host.cores);
  if (cores === undefined || cores >= 1 || host.cores.state !== 'known') return [];
  return [
    {
      id: 'raise-cpu-limit',
      effort: 1,
      does: `Raise the CPU limit of ${host.name} from ${cores} to 1 core`,
      change: { id: `raise-cpu-limit ${host.id}`, operations: [{ kind: 'setInput', input: inputId.component(host.id, 'cores'), value: 1 }] },
      edit: null,
      price: `${Math.round((1 - cores) * 100) / 100} cores more in each replica`,
      guidance: `resources.limits.cpu of ${host.name}: "1"; the same hash then takes ${cores} of the time`,
    },
  ];
}

export default {
  id: 'event-loop-blocking',
  number: 32,
  layer: 'infrastructure',
  title: 'A call keeps the event loop busy while others wait',
  find: (evidence) => {
    const all = blocksIn(evidence);
    const judged = [...all].sort((a, b) => b.work - a.work).map((it) => judge(evidence, it, all));
    // What is most of the work names its loop; where nothing is, the loop speaks for itself.
    const explained = new Set(judged.flatMap((it) => (it.station ? [it.component] : [])));
    return [...judged, ...busyLoop(evidence, explained)];
  },
} satisfies Rule;
