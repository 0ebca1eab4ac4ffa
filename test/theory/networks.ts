import type { Distribution, Instruction, Network, Program, Source, Station } from '../../src/model/network.ts';

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
export const serve = (id: string, service: Distribution = exponential(), waitLimitMs?: number): Instruction => ({
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
  waitLimitMs?: number,
  source?: Partial<Source>,
): Network => network({ stations: [station('s', servers, more)], body: [serve('s', service, waitLimitMs)], rate, ...(source && { source }) });
