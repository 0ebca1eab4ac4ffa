import type { Distribution, Instruction, Network, Program, Source, Station, WaitLimit } from '../../src/model/network.ts';

/** One unit of time of a case is one millisecond here, so rates per unit are thousands a second. */
export const exponential = (meanMs = 1): Distribution => ({ kind: 'exponential', meanMs });
export const deterministic = (meanMs = 1): Distribution => ({ kind: 'deterministic', meanMs });
export const law = (kind: 'lognormal' | 'gamma' | 'hyperexponential', cv2: number, meanMs = 1): Distribution => ({ kind, meanMs, cv2 });

export const station = (id: string, servers: number | null, more: Partial<Station> = {}): Station => ({
  id,
  component: id,
  label: id,
  servers,
  room: null,
  discipline: 'fifo',
  ...more,
});
export const serve = (id: string, service: Distribution = exponential(), waitLimitMs?: WaitLimit): Instruction => ({
  op: 'serve',
  station: id,
  service,
  ...(waitLimitMs !== undefined && { waitLimitMs }),
});
export const hold = (id: string, ...body: readonly Instruction[]): Instruction => ({ op: 'hold', station: id, body });
export const delay = (duration: Distribution): Instruction => ({ op: 'delay', duration });

export interface Parts {
  stations: readonly Station[];
  body: readonly Instruction[];
  programs?: readonly Program[];
  groups?: Network['groups'];
  group?: string;
  /** Arrivals per unit of time. */
  rate?: number;
  source?: Partial<Source>;
}

/** A network with one source and one main program. */
export const network = (parts: Parts): Network => ({
  version: 1,
  groups: parts.groups ?? [],
  stations: parts.stations,
  programs: [{ id: 'main', body: parts.body, ...(parts.group !== undefined && { group: parts.group }) }, ...(parts.programs ?? [])],
  sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond: (parts.rate ?? 0) * 1000 }], patienceMs: null, ...parts.source }],
});

/** One station and nothing else. */
export const single = (
  rate: number,
  servers: number,
  service: Distribution = exponential(),
  more: Partial<Station> = {},
  waitLimitMs?: WaitLimit,
  source?: Partial<Source>,
): Network => network({ stations: [station('s', servers, more)], body: [serve('s', service, waitLimitMs)], rate, ...(source && { source }) });

/** A backend of eight stations, 0.9 requests per ms; a job is left behind for two more stations. */
export function topology8(): Network {
  const ids: readonly [string, number][] = [
    ['api', 50],
    ['auth', 16],
    ['cache', 64],
    ['pool', 20],
    ['db', 8],
    ['broker', 4],
    ['workers', 4],
    ['notify', 10],
  ];
  return network({
    stations: ids.map(([id, servers]) => station(id, servers)),
    body: [
      hold(
        'api',
        delay(exponential(2)),
        serve('auth', exponential(14)),
        serve('cache', exponential(0.5)),
        { op: 'branch', probability: 0.2, taken: [hold('pool', serve('db', exponential(35)))], otherwise: [] },
        serve('broker', exponential(0.1)),
        { op: 'spawn', program: 'job' },
      ),
    ],
    programs: [{ id: 'job', body: [serve('workers', exponential(4)), serve('notify', exponential(8))] }],
    rate: 0.9,
  });
}
