import type { Network } from '../../src/model/network.ts';
import type { Run } from '../../src/simulator/index.ts';

/** A number read from a run; NaN where the run has none, which no bar lets pass. */
export type Measure = (run: Run, net: Network) => number;
type OfRun = (run: Run) => number;

const nan = Number.NaN;
export const source = (run: Run, id?: string): Run['sources'][number] => (id === undefined ? run.sources[0] : run.sources.find((it) => it.id === id)) as Run['sources'][number];
export const at = (run: Run, id = 's'): Run['stations'][number] => run.stations.find((it) => it.id === id) as Run['stations'][number];

export const T: OfRun = (run) => source(run).latencyMs?.mean ?? nan;
export const T_p50: OfRun = (run) => source(run).latencyMs?.p50 ?? nan;
export const T_p95: OfRun = (run) => source(run).latencyMs?.p95 ?? nan;
export const T_p99: OfRun = (run) => source(run).latencyMs?.p99 ?? nan;
export const T_p999: OfRun = (run) => source(run).latencyMs?.p999 ?? nan;
export const L: OfRun = (run) => source(run).meanInFlight;
/** Requests answered in time per unit of time. */
export const goodput: OfRun = (run) => source(run).goodputPerSecond / 1000;
/** Customers that the station takes per unit of time: flows have no ends of a run to lose. */
export const throughput: OfRun = (run) => (at(run).arrivals - at(run).refused - at(run).expired) / (run.seconds * 1000);
export const lost: OfRun = (run) => 1 - source(run).goodputPerSecond / source(run).offeredPerSecond;

export const waitAt =
  (station: string): OfRun =>
  (run) =>
    at(run, station).wait?.mean ?? nan;
export const Wq: OfRun = waitAt('s');
export const Wq_p50: OfRun = (run) => at(run).wait?.p50 ?? nan;
export const Wq_p95: OfRun = (run) => at(run).wait?.p95 ?? nan;
export const Wq_p99: OfRun = (run) => at(run).wait?.p99 ?? nan;
export const Lq: OfRun = (run) => at(run).meanQueue;
export const utilisationAt =
  (station: string): OfRun =>
  (run) =>
    at(run, station).utilisation;
export const utilisation: OfRun = utilisationAt('s');
export const busy: OfRun = (run) => at(run).meanBusy;
export const reject: OfRun = (run) => at(run).refused / at(run).arrivals;
export const expired: OfRun = (run) => at(run).expired / at(run).arrivals;
/** Share of a station's customers that had to wait: by PASTA also the share of time in which nobody can start at once. */
export const waitedAt =
  (station: string): OfRun =>
  (run) =>
    at(run, station).waitedShare;
export const waited: OfRun = waitedAt('s');

export const varianceInFlight: OfRun = (run) => source(run).inFlightDeviation ** 2;

/** What callers of a program made of their calls. */
export const callsOf = (run: Run, program: string): NonNullable<Run['calls']>[number] => run.calls?.find((it) => it.program === program) as NonNullable<Run['calls']>[number];
