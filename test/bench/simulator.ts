import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import type { Network } from '../../src/model/network.ts';
import { analyse } from '../../src/pipeline.ts';
import { assess, simulate } from '../../src/simulator/index.ts';
import { topology8 } from '../theory/networks.ts';
import { bareNetwork } from './bare-network.ts';
import { median, type Row, timed } from './timing.ts';

const CUSTOMERS = 400_000;
const REQUESTS = 200_000;

const mm1: Network = {
  version: 1,
  groups: [],
  stations: [{ id: 's', component: 's', label: 's', servers: 1, room: null, discipline: 'fifo' }],
  programs: [{ id: 'p', body: [{ op: 'serve', station: 's', service: { kind: 'exponential', meanMs: 1 } }] }],
  sources: [{ id: 'in', program: 'p', arrivals: 'poisson', share: 1, patienceMs: null }],
};

/** The least that any simulation of M/M/1 does: Lindley's recursion over one generator, nothing recorded but a mean. */
function bareLoop(customers: number): number {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  const draws = new Float64Array(1024);
  let wait = 0;
  let sum = 0;
  for (let done = 0; done < customers; done++) {
    const at = (done & 511) * 2;
    if (at === 0) for (let i = 0; i < 1024; i++) draws[i] = -Math.log(uniform());
    wait = Math.max(0, wait + (draws[at] as number) - (draws[at + 1] as number) / 0.8);
    sum += wait;
  }
  return sum / customers;
}

/** Ratios of one run: what the engine costs beside the bare recursion, and what a frame of the slider costs. */
export async function benchSimulator(folder: string): Promise<Row[]> {
  const bare = median(5, () => timed(() => bareLoop(CUSTOMERS)));
  const events = median(5, () => timed(() => simulate(mm1, { seconds: CUSTOMERS / 800, perSecond: 800, warmupSeconds: 0 })));
  const bareEight = median(3, () => timed(() => bareNetwork(REQUESTS)));
  const eight = topology8();
  const eightEvents = median(3, () => timed(() => simulate(eight, { seconds: REQUESTS / 900, perSecond: 900, warmupSeconds: 0 })));
  const { topology, scenario } = await analyse(nodeWorkspace(folder));
  const frame = median(5, () => timed(() => assess(topology, scenario, { ranges: false, ladder: false, breakEven: false, spike: false }), 20));
  const whole = median(3, () => timed(() => assess(topology, scenario)));
  return [
    { what: 'M/M/1, bare recursion', value: CUSTOMERS / bare / 1000, unit: 'M customers/s' },
    { what: 'M/M/1, event engine with all metrics', value: CUSTOMERS / events / 1000, unit: 'M customers/s', ratio: `${(events / bare).toFixed(1)} × the bare recursion` },
    { what: 'network of 8, bare loop', value: REQUESTS / bareEight / 1000, unit: 'M requests/s' },
    {
      what: 'network of 8, event engine with all metrics',
      value: REQUESTS / eightEvents / 1000,
      unit: 'M requests/s',
      ratio: `${(eightEvents / bareEight).toFixed(1)} × the bare loop`,
    },
    { what: `slider frame, ${topology.components.length} components`, value: frame, unit: 'ms', ratio: `${((100 * frame) / 16.7).toFixed(0)}% of a frame at 60/s` },
    { what: 'full answer with range, ladder, spike', value: whole, unit: 'ms', ratio: `${(whole / frame).toFixed(0)} × a frame` },
  ];
}
