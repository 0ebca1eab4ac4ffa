import type { Network, Source } from '../../../src/model/network.ts';
import type { Run } from '../../../src/simulator/index.ts';
import { caseOf } from '../cases.ts';
import type { Measure } from '../measures.ts';
import { network, serve, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';

/**
 * Many empty systems side by side: a Poisson stream dealt at random is as many independent Poisson streams, so one run is `copies` replications.
 */
const copiesOf = (copies: number, servers: number, phases: NonNullable<Source['phases']>): Network =>
  network({
    groups: [{ id: 'g', instances: copies, balancer: 'random' }],
    stations: [station('s', servers, { group: 'g' })],
    group: 'g',
    body: [serve('s')],
    source: { phases: phases.map((it) => ({ ...it, perSecond: it.perSecond * copies })) },
  });

const pointAt = (run: Run, time: number): Run['series'][number] | undefined => run.series.find((it) => it.atMs === time);

/** Mean number in a system (`L`) or in its queue (`Lq`) at the times that the case names. */
const numbersAt = (id: string): Record<string, Measure> =>
  Object.fromEntries(
    Object.keys(caseOf(id).expected).map((name) => {
      const [, what, time] = /^(Lq?)\((\d+)\)$/.exec(name) as RegExpExecArray;
      return [
        name,
        (run, net) => {
          const point = pointAt(run, Number(time));
          return ((what === 'Lq' ? point?.queues[0] : point?.inFlight) ?? Number.NaN) / (net.groups[0]?.instances ?? 0);
        },
      ];
    }),
  );

const MM1_COPIES = 10_000;
const SPIKE_COPIES = 12_000;

export const TRANSIENTS: readonly Row[] = [
  row('transient-mm1', (scale) => copiesOf(Math.round(MM1_COPIES * scale), 1, [{ fromMs: 0, perSecond: 800 }]), numbersAt('transient-mm1'), 80 * MM1_COPIES, 0, {
    lasts: 100,
    quick: 20_000,
    options: { seriesMs: 1 },
    note: '100,000 replications in all',
  }),
  row(
    'spike-mmc',
    (scale) =>
      copiesOf(Math.round(SPIKE_COPIES * scale), 10, [
        { fromMs: 0, perSecond: 7000 },
        { fromMs: 50, perSecond: 15_000 },
        { fromMs: 60, perSecond: 7000 },
      ]),
    numbersAt('spike-mmc'),
    780 * SPIKE_COPIES,
    0,
    { lasts: 100, quick: 80_000, options: { seriesMs: 1 }, note: '120,000 replications in all: 20,000 leave the number in an almost empty queue 2% uncertain' },
  ),
];
