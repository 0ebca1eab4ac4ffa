import type { Distribution, Group, Instruction, Network, Program, Source, Station } from '../../src/model/network.ts';
import { type Dice, time } from '../simulator/random-networks.ts';
import { deterministic, exponential, law, single, station } from './networks.ts';
import { closed } from './rows/closed.ts';
import { breaking } from './rows/faults.ts';
import { classes } from './rows/priorities.ts';

/** A random network near one of those that theory knows exactly: most are, and what is not must not be called so. Loads a ms. */
export function nearlyExact(dice: Dice): { kind: string; network: Network } {
  const [kind, make] = dice.of(KINDS);
  return { kind, network: make(dice) };
}

type Kind = readonly [string, (dice: Dice) => Network];

const load = (dice: Dice): number => dice.between(0.2, 0.8);
/** Any law with a mean of 1. */
const anyLaw = (dice: Dice): Distribution =>
  dice.of([exponential(), deterministic(), law('gamma', dice.between(0.1, 2)), law('lognormal', dice.between(0.1, 2)), law('hyperexponential', dice.between(1, 3))]);

const SINGLES: readonly Kind[] = [
  ['M/M/c', (dice) => of(dice, (rho, c) => single(rho * c, c))],
  ['M/G/1', (dice) => single(load(dice), 1, anyLaw(dice))],
  ['M/G/1-PS', (dice) => single(load(dice), 1, anyLaw(dice), { discipline: 'processorSharing' })],
  ['M/G/c/c', (dice) => of(dice, (rho, c) => single(1.5 * rho * c, c, anyLaw(dice), { room: 0 }))],
  ['M/M/c/K', (dice) => of(dice, (rho, c) => single(1.5 * rho * c, c, exponential(), { room: dice.whole(1, 8) }))],
  ['M/M/c with patience', (dice) => of(dice, (rho, c) => patient(single(1.5 * rho * c, c), dice.chance(0.5) ? exponential(dice.between(0.5, 5)) : dice.between(0.5, 5)))],
  [
    'GI/M/c',
    (dice) =>
      of(dice, (rho, c) => single(rho * c, c, exponential(), {}, undefined, { arrivals: dice.chance(0.5) ? 'deterministic' : { kind: 'renewal', cv2: dice.between(0.2, 3) } })),
  ],
  ['batches', (dice) => single(load(dice) * 0.8, 1, exponential(), {}, undefined, { arrivals: { kind: 'batch', meanSize: dice.between(1, 3) } })],
  ['priorities', (dice) => of(dice, (rho, c) => classes(c, [(rho * c) / 3, exponential()], [(rho * c) / 2, exponential()]))],
  ['breakdowns', (dice) => breaking(dice.between(0.2, 0.5), dice.between(0.02, 0.1), dice.between(0.2, 0.5))],
  ['a client that gives up', (dice) => of(dice, (rho, c) => single(rho * c, c, exponential(), {}, undefined, { patienceMs: dice.between(1, 10) }))],
];

const KINDS: readonly Kind[] = [...SINGLES, ...Array.from({ length: 9 }, (): Kind => ['open network', open]), ...Array.from({ length: 4 }, (): Kind => ['closed network', users])];

const of = (dice: Dice, make: (rho: number, servers: number) => Network): Network => make(load(dice), dice.whole(1, 8));

const patient = (net: Network, waitLimitMs: Distribution | number): Network => ({
  ...net,
  programs: net.programs.map((it) => ({ ...it, body: it.body.map((step) => (step.op === 'serve' ? { ...step, waitLimitMs } : step)) })),
});

/** Stations with the mean service of each; where order of arrival rules it is one exponential law for all. */
interface Place {
  station: Station;
  service: () => Distribution;
}

function places(dice: Dice, groups: readonly Group[]): Place[] {
  return Array.from({ length: dice.whole(1, 4) }, (_, at): Place => {
    const meanMs = dice.between(0.2, 5);
    const kind = dice.of(['fifo', 'fifo', 'fifo', 'sharing', 'endless'] as const);
    const group = groups.length > 0 && dice.chance(0.6) ? { group: (groups[0] as Group).id } : {};
    const it = station(`s${at}`, kind === 'endless' ? null : dice.whole(1, 6), { ...group, ...(kind === 'sharing' && { discipline: 'processorSharing' as const }) });
    return { station: it, service: () => (kind === 'fifo' ? exponential(meanMs) : time(dice)) };
  });
}

function body(dice: Dice, all: readonly Place[], depth: number, called: string | null): Instruction[] {
  return Array.from({ length: dice.whole(1, 3) }, (): Instruction => {
    const inner = (): Instruction[] => body(dice, all, depth - 1, called);
    const choice = dice.whole(0, 11);
    if (depth > 0 && choice === 0) return { op: 'branch', probability: dice.between(0.1, 0.9), taken: inner(), otherwise: dice.chance(0.5) ? [] : inner() };
    if (depth > 0 && choice === 1) return { op: 'loop', times: dice.chance(0.8) ? dice.whole(1, 3) : dice.between(1, 3), body: inner() };
    if (choice === 2) return { op: 'delay', duration: time(dice) };
    if (choice === 3 && called !== null) return { op: 'call', program: called, timeoutMs: null };
    if (choice === 4 && dice.chance(0.4)) return { op: 'respond' };
    const it = dice.of(all);
    return { op: 'serve', station: it.station.id, service: it.service() };
  });
}

function parts(dice: Dice): Pick<Network, 'version' | 'groups' | 'stations' | 'programs'> {
  const groups: Group[] = dice.chance(0.4) ? [{ id: 'g', instances: dice.whole(2, 3), balancer: dice.chance(0.8) ? 'random' : 'roundRobin' }] : [];
  const all = places(dice, groups);
  const callee = dice.chance(0.4) ? 'callee' : null;
  const place = groups.length > 0 ? { group: 'g' } : {};
  const program = (id: string, called: string | null): Program => ({ id, ...(dice.chance(0.9) && place), body: body(dice, all, 2, called) });
  return {
    version: 1,
    groups,
    stations: all.map((it) => it.station),
    programs: [program('main', callee), ...(callee === null ? [] : [program(callee, null)]), ...(dice.chance(0.3) ? [program('other', callee)] : [])],
  };
}

function open(dice: Dice): Network {
  const made = parts(dice);
  const sources = made.programs
    .filter((it) => it.id !== 'callee')
    .map((it): Source => ({ id: it.id, program: it.id, arrivals: 'poisson', share: dice.between(0.5, 1), patienceMs: null }));
  const total = sources.reduce((sum, it) => sum + it.share, 0);
  return { ...made, sources: sources.map((it) => ({ ...it, share: it.share / total })) };
}

function users(dice: Dice): Network {
  const made = parts(dice);
  const one = closed(dice.whole(1, 30), time(dice), made.stations, []);
  return { ...one, ...made };
}
