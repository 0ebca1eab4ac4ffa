import { alone, type Bed, load, mean, predict, type Seen, SERVICE_PORT, service, warm } from './bed.ts';
import { type Alone, computing } from './models.ts';
import { P95_BAR, type Row, THROUGHPUT_BAR } from './row.ts';

const ROUNDS = 900;
/** Enough for a backlog: an overloaded loop accepts new connections late. */
const CONNECTIONS = 3000;
const FRESH_SHARE = 0.5;

/** A handler that computes: one process, and a cluster of two on the same core; the cluster is judged by its ratio to one process. */
export async function* cpuRows(bed: Bed, seconds: number): AsyncGenerator<Row> {
  const one = await service(bed, 'cpu-service', SERVICE_PORT, 1, ROUNDS);
  // Connections that stand open cost memory, and memory costs time: as many as later.
  const open = { connections: CONNECTIONS };
  const ping = await alone(bed, '/ping', one, undefined, 'GET', open);
  const work = await alone(bed, '/work', one, undefined, 'GET', open);
  const most = 1000 / work.serviceCpuMs;
  console.log(`# alone: ping ${JSON.stringify(ping)}, work ${JSON.stringify(work)}`);
  const loads = [
    ['at 70%', 0.7 * most],
    ['at 130%', 1.3 * most],
  ] as const;
  const single: { predicted: Said; met: Seen }[] = [];
  for (const [name, perSecond] of loads) {
    const predicted = await said(bed, `one process ${name}`, computing(ping, work, 1, perSecond, CONNECTIONS), seconds);
    const met = await load(bed, '/work', perSecond, seconds, { connections: CONNECTIONS });
    single.push({ predicted, met });
    const system = `computing handler, one process, ${perSecond.toFixed(0)}/s (${name})`;
    yield { system, what: 'answered', unit: '/s', predicted: predicted.good, measured: met.goodPerSecond, bar: THROUGHPUT_BAR, machine: met.machine };
    yield { system, what: 'p95', unit: 'ms', predicted: predicted.p95, measured: met.p95Ms, bar: P95_BAR, machine: met.machine };
  }
  const fresh = await alone(bed, '/work', one, undefined, 'GET', { ...open, freshShare: 1 });
  console.log(`# over a new connection: ${JSON.stringify(fresh)}`);
  yield* newConnections(bed, ping, work, fresh, seconds);
  await one.stop();
  const two = await service(bed, 'cpu-service', SERVICE_PORT, 2, ROUNDS);
  // A connection each, dealt in turn.
  await warm(bed, '/work', 'GET', { atOnce: 4 });
  for (const [at, [name, perSecond]] of loads.entries()) {
    const predicted = await said(bed, `cluster ${name}`, computing(ping, work, 2, perSecond, CONNECTIONS), seconds);
    const met = await load(bed, '/work', perSecond, seconds, { connections: CONNECTIONS });
    const before = single[at] as (typeof single)[number];
    const system = `cluster of 2 on the same core, ${perSecond.toFixed(0)}/s (${name})`;
    yield {
      system,
      what: 'answered, ratio to one process',
      unit: '×',
      predicted: predicted.good / before.predicted.good,
      measured: met.goodPerSecond / before.met.goodPerSecond,
      bar: THROUGHPUT_BAR,
      machine: met.machine,
    };
    yield {
      system,
      what: 'p95, ratio to one process',
      unit: '×',
      predicted: predicted.p95 / before.predicted.p95,
      measured: met.p95Ms / before.met.p95Ms,
      bar: P95_BAR,
      machine: met.machine,
    };
  }
  await two.stop();
}

/** An overloaded loop takes in one new connection a turn: those who have one are served, the others starve. */
async function* newConnections(bed: Bed, ping: Alone, work: Alone, fresh: Alone, seconds: number): AsyncGenerator<Row> {
  const perSecond = 1200 / work.serviceCpuMs;
  const network = computing(ping, work, 1, perSecond, CONNECTIONS, { whole: fresh, share: FRESH_SHARE });
  const predicted = await said(bed, 'new connections', network, seconds);
  const met = await load(bed, '/work', perSecond, seconds, { connections: CONNECTIONS, freshShare: FRESH_SHARE });
  const system = `one process, ${perSecond.toFixed(0)}/s (at 120%), half over new connections`;
  const { machine } = met;
  yield { system, what: 'answered', unit: '/s', predicted: predicted.good, measured: met.goodPerSecond, bar: THROUGHPUT_BAR, machine };
  yield { system, what: 'p50', unit: 'ms', predicted: predicted.p50, measured: met.p50Ms, bar: P95_BAR, machine };
  yield { system, what: 'p95', unit: 'ms', predicted: predicted.p95, measured: met.p95Ms, bar: P95_BAR, machine };
}

interface Said {
  p50: number;
  good: number;
  p95: number;
}

async function said(bed: Bed, name: string, network: Parameters<typeof predict>[2], seconds: number): Promise<Said> {
  const runs = await predict(bed, name, network, seconds, name.endsWith('70%') ? 'steady' : 'growing');
  return {
    p50: mean(runs.map((it) => it.sources[0]?.latencyMs?.p50 ?? Number.NaN)),
    good: mean(runs.map((it) => it.sources[0]?.goodputPerSecond ?? 0)),
    p95: mean(runs.map((it) => it.sources[0]?.latencyMs?.p95 ?? Number.NaN)),
  };
}
