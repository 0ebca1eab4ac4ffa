import type { Instruction, Network, Station } from '../../model/network.ts';
import { type Check, fields, flag, isFields, number, oneOf, optional, shown } from './checks.ts';
import { waitLimit } from './validate-arrivals.ts';

const anyNumber: Check = (value, at) => (typeof value === 'number' && Number.isFinite(value) ? null : `${at}: expected a number, found ${shown(value)}`);

/** How a station serves. */
export const STATION_FIELDS = {
  discipline: oneOf('fifo', 'processorSharing', 'priority', 'eventLoop'),
  scalability: optional(fields({ contention: number(0), coherency: number(0) })),
} as const;

/** How an instruction asks a station. */
export const VISIT_FIELDS = { waitLimitMs: optional(waitLimit), priority: optional(anyNumber), newConnection: optional(flag) } as const;

/** What is asked of a station that its discipline doesn't do. */
export function disciplinesHold(network: Network): string | null {
  for (const [index, it] of network.stations.entries()) {
    if (it.discipline === 'eventLoop' && it.servers !== 1) return `stations[${index}].servers: an event loop is one server, found ${shown(it.servers)}`;
    if (it.scalability && it.discipline !== 'processorSharing') return `stations[${index}].scalability: only a station with the discipline processorSharing slows down as it fills`;
  }
  const stations = new Map(network.stations.map((it) => [it.id, it]));
  return wrongVisit(network.programs, 'programs', stations);
}

function wrongVisit(value: unknown, at: string, stations: ReadonlyMap<string, Station>): string | null {
  const parts: [string, unknown][] = Array.isArray(value)
    ? value.map((it, index) => [`${at}[${index}]`, it])
    : isFields(value)
      ? Object.entries(value).map(([name, it]) => [`${at}.${name}`, it])
      : [];
  if (isFields(value) && (value.op === 'serve' || value.op === 'hold')) {
    const step = value as Extract<Instruction, { op: 'serve' | 'hold' }>;
    const discipline = stations.get(step.station)?.discipline;
    // Sharing a processor means serving: nobody can hold a share through other work.
    if (step.op === 'hold' && discipline === 'processorSharing') return `${at}.station: "${step.station}" shares its processor, so it can only serve`;
    if (step.priority !== undefined && discipline !== 'priority') return `${at}.priority: "${step.station}" has no priorities; its discipline is ${discipline}`;
    if (step.newConnection !== undefined && discipline !== 'eventLoop') return `${at}.newConnection: "${step.station}" takes in no connections; its discipline is ${discipline}`;
  }
  for (const [name, it] of parts) {
    const wrong = wrongVisit(it, name, stations);
    if (wrong !== null) return wrong;
  }
  return null;
}
