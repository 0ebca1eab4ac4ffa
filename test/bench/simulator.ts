import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import type { Network } from '../../src/model/network.ts';
import { analyse } from '../../src/pipeline.ts';
import { calendarFor, nextTime, schedule, take } from '../../src/simulator/engine/calendar.ts';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { assess, simulate, solve } from '../../src/simulator/index.ts';
import { exponential, network, serve, single, station, topology8 } from '../theory/networks.ts';
import { bareCalendar } from './bare-calendar.ts';
import { bareNetwork } from './bare-network.ts';
import { bareQueue } from './bare-queue.ts';
import { peers } from './peers.ts';
import { mixedThirty } from './mixed-network.ts';
import { median, type Row, takingTurns, timed } from './timing.ts';

const CUSTOMERS = 300_000;
const REQUESTS = 200_000;
const REMEMBERED = 60_000;
const ROUNDS = 15;
const TURNS = 100_000;
/** Events of a request in the network of eight, in the mean. */
const EVENTS = 7.2;
/**
 * Goals as shares of a bare loop's speed, or multiples of its time, because absolute ones are those of one machine: there bare loops played 13 M customers
 * and 2.15 M requests a second, and the goals were 9 M, 1.3 M, 1.0 M and 80 ns an event.
 */
const GOALS = { mm1: 9 / 13, eight: 1.3 / 2.15, retries: 1 / 2.15, event: 80e-9 * 2.15e6 * EVENTS };

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

/** The network of eight behind a client that gives up after 400 ms (less, and retries feed on themselves: another system) and tries twice more. */
function withRetries(): Network {
  const eight = topology8();
  const [main, ...others] = eight.programs;
  if (!main) throw new Error('the network of eight has a program');
  const client: Network['programs'][number] = {
    id: 'client',
    body: [{ op: 'call', program: 'main', timeoutMs: 400, retry: { times: 2, backoff: { kind: 'deterministic', meanMs: 20 } } }],
  };
  return { ...eight, programs: [client, main, ...others], sources: eight.sources.map((it) => ({ ...it, program: 'client', patienceMs: 1000 })) };
}

/** Exponential times for calendars. */
const gaps = Float64Array.from({ length: 1 << 14 }, (_, at) => -Math.log((((at * 7919) & 16383) + 0.5) / 16384));

/** A calendar that always has so many events: one is taken, and comes again after an exponential time. */
function hold(pending: number): () => void {
  const calendar = calendarFor(pending);
  for (let slot = 0; slot < pending; slot++) schedule(calendar, slot, gaps[slot & 16383] as number);
  let drawn = 0;
  return () => {
    for (let turn = 0; turn < TURNS; turn++) {
      const now = nextTime(calendar);
      schedule(calendar, take(calendar), now + (gaps[drawn++ & 16383] as number));
    }
  };
}

/** An engine with as many requests in service as a calendar has events: half of its own events are arrivals, half are ends. */
function crowd(pending: number): () => void {
  const model = single(pending / 1000, 2 * pending, exponential(1000));
  const engine = new Engine(model, 1, (source) => model.sources[source]?.phases ?? []);
  let untilMs = 4000;
  engine.run(untilMs);
  engine.beginMeasuring();
  return () => engine.run((untilMs += (1000 * TURNS) / (2 * pending)));
}

const tandem = (stations: number): Network =>
  network({
    stations: Array.from({ length: stations }, (_, s) => station(`s${s}`, 2)),
    body: Array.from({ length: stations }, (_, s) => serve(`s${s}`, exponential(1))),
    rate: 1.6,
  });

const playing = (model: Network, seconds: number) => () => simulate(model, { seconds, warmupSeconds: 0 });

/** Megabytes that are there after a run of so many requests and were not before; where the collector can be called (`--expose-gc`) without what it would take away. */
function memoryOf(requests: number): number {
  const used = (): number => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const run = playing(topology8(), requests / 900)();
  const after = used();
  return run.events > 0 ? (after - before) / 1e6 : Number.NaN;
}

/** The table of what the simulator costs; every figure beside a bare loop of the same run, for ratios are what lasts. */
export async function benchSimulator(folder: string): Promise<Row[]> {
  const thirty = tandem(30);
  const mixed = mixedThirty();
  const bareHold = bareCalendar(100_000, gaps);
  const times = takingTurns(ROUNDS, {
    recursion: () => bareLoop(CUSTOMERS),
    bareQueue: () => bareQueue(CUSTOMERS),
    mm1: playing(single(0.8, 1), CUSTOMERS / 800),
    bare: () => bareNetwork(REQUESTS),
    eight: playing(topology8(), REQUESTS / 900),
    retries: playing(withRetries(), REQUESTS / 900),
    minute: playing(single(10, 20, exponential(1)), 60),
    hundred: hold(100),
    tenThousand: hold(10_000),
    hundredThousand: hold(100_000),
    crowd: crowd(100_000),
    solving: () => solve(thirty),
    solvingMixed: () => solve(mixed, 300),
    bareHundredThousand: () => bareHold(TURNS),
  });
  const shortMb = memoryOf(REMEMBERED);
  const longMb = memoryOf(10 * REMEMBERED);
  const { solving, solvingMixed } = times;
  const eightSpeed = REQUESTS / times.eight;
  const mm1Speed = CUSTOMERS / times.mm1;
  const share = (speed: number, bare: number, goal: number): string => `${((100 * speed) / bare).toFixed(0)}% of the bare loop (goal ${(100 * goal).toFixed(0)}%)`;
  const perEvent = (what: string, ms: number): Row => ({
    what: `an event at ${what} pending`,
    value: (ms * 1e6) / TURNS,
    unit: 'ns',
    ratio: `${(ms / TURNS / (times.bare / REQUESTS / EVENTS)).toFixed(1)} × an event of the bare loop of 8 (goal ${GOALS.event.toFixed(1)})`,
  });
  const { topology, scenario } = await analyse(nodeWorkspace(folder));
  const frame = median(5, () => timed(() => assess(topology, scenario, { ranges: false, ladder: false, breakEven: false, spike: false }), 20));
  const whole = median(3, () => timed(() => assess(topology, scenario)));
  return [
    { what: 'M/M/1, bare recursion', value: CUSTOMERS / times.recursion / 1000, unit: 'M customers/s' },
    { what: 'M/M/1, bare loop', value: CUSTOMERS / times.bareQueue / 1000, unit: 'M customers/s' },
    { what: 'M/M/1, all metrics', value: mm1Speed / 1000, unit: 'M customers/s', ratio: share(mm1Speed, CUSTOMERS / times.bareQueue, GOALS.mm1) },
    { what: 'network of 8, bare loop', value: REQUESTS / times.bare / 1000, unit: 'M requests/s' },
    { what: 'network of 8, all metrics', value: eightSpeed / 1000, unit: 'M requests/s', ratio: share(eightSpeed, REQUESTS / times.bare, GOALS.eight) },
    {
      what: 'network of 8, timeouts and retries',
      value: REQUESTS / times.retries / 1000,
      unit: 'M requests/s',
      ratio: share(REQUESTS / times.retries, REQUESTS / times.bare, GOALS.retries),
    },
    ...peers().flatMap(({ name, missing, speed }): Row[] =>
      speed
        ? [
            { what: `M/M/1, ${name}`, value: speed.mm1 / 1000, unit: 'M customers/s', ratio: `ours is ${(mm1Speed / speed.mm1).toFixed(0)} × as fast` },
            { what: `network of 8, ${name}`, value: speed.eight / 1000, unit: 'M requests/s', ratio: `ours is ${(eightSpeed / speed.eight).toFixed(0)} × as fast` },
          ]
        : [{ what: name, value: 0, unit: '', ratio: missing ?? '' }],
    ),
    perEvent('100', times.hundred),
    perEvent('10,000', times.tenThousand),
    perEvent('100,000', times.hundredThousand),
    { ...perEvent('100,000', times.crowd), what: 'an event of the engine at 100,000 pending' },
    // So many do not stay near the processor, and whoever else uses its memory slows both alike.
    {
      what: 'the same, bare calendar',
      value: (times.bareHundredThousand * 1e6) / TURNS,
      unit: 'ns',
      ratio: `ours is ${(times.hundredThousand / times.bareHundredThousand).toFixed(1)} × a bare one`,
    },
    {
      what: 'a minute at 10,000 requests/s',
      value: times.minute / 1000,
      unit: 's',
      ratio: `${(times.minute / 600_000 / (times.bare / REQUESTS)).toFixed(1)} × the bare loop's time a request`,
    },
    { what: `memory after ${REMEMBERED / 1000}k requests`, value: shortMb, unit: 'MB' },
    { what: `memory after ${REMEMBERED / 100}k requests`, value: longMb, unit: 'MB', ratio: `${(longMb - shortMb).toFixed(1)} MB more for ten times as many` },
    { what: 'solve(), 30 stations in a row', value: solving * 1000, unit: 'µs' },
    { what: 'solve(), 30 stations of services', value: solvingMixed * 1000, unit: 'µs', ratio: `${(solvingMixed / solving).toFixed(1)} × in a row (goal 200 µs)` },
    { what: `slider frame, ${topology.components.length} components`, value: frame, unit: 'ms', ratio: `${((100 * frame) / 16.7).toFixed(0)}% of a frame at 60/s` },
    { what: 'full answer with range, ladder, spike', value: whole, unit: 'ms', ratio: `${(whole / frame).toFixed(0)} × a frame` },
  ];
}
