import type { Distribution, Network } from '../../../src/model/network.ts';
import { type Measure, source, Wq } from '../measures.ts';
import { exponential, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { beside } from './companions.ts';
import { relaxed, row } from './make-row.ts';

/** One station with a source per class, the first class served first. */
export const classes = (servers: number, ...each: readonly (readonly [rate: number, service: Distribution])[]): Network => ({
  version: 1,
  groups: [],
  stations: [station('s', servers, { discipline: 'priority' })],
  programs: each.map(([, service], index) => ({ id: `p${index}`, body: [{ op: 'serve', station: 's', service, priority: index }] })),
  sources: each.map(([rate], index) => ({
    id: `p${index}`,
    program: `p${index}`,
    arrivals: 'poisson' as const,
    share: 1,
    phases: [{ fromMs: 0, perSecond: rate * 1000 }],
    patienceMs: null,
  })),
});

/** Mean wait of a class: its response less its mean service. */
export const waitOf =
  (index: number, service = 1): Measure =>
  (run) =>
    (source(run, `p${index}`).latencyMs?.mean ?? Number.NaN) - service;

const twoClasses = (): Network => classes(1, [0.3, exponential()], [0.5, exponential()]);
/** The same customers in the order in which they come, M/M/1: how much work waits does not depend on the order. */
const inOrder = (): Network => ({ ...twoClasses(), stations: [station('s', 1)] });

export const PRIORITIES: readonly Row[] = [
  row('prio-2class', twoClasses, { Wq_high: waitOf(0), Wq_low: waitOf(1) }, 150_000, relaxed(0.8, 1), {
    rate: 0.8,
    companion: beside(inOrder, Wq, 4, { Wq_high: 0.0774, Wq_low: 1.56 }),
  }),
];
