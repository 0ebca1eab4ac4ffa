import { alone, type Bed, load, mean, predict, SERVICE_PORT, service, SYSTEM_CORE, WORKER_PORT } from './bed.ts';
import { jobs, type JobsAlone, publishing, waiting } from './models.ts';
import type { Running } from './processes.ts';
import { P95_BAR, type Row, THROUGHPUT_BAR } from './row.ts';
import { REDIS_PORT, redis } from './stores.ts';

const JOB_MS = 20;
const CONCURRENCY = 5;
const MAIL_MS = 200;
const SOME = 60;
const BACKLOG = 1200;
/** Younger than this at its end: the backlog is gone. */
const FRESH_MS = 150;
const FEW = 5;

/** Moment of each job's end and its age then, ms. */
type Ended = readonly (readonly [atMs: number, ageMs: number])[];

const get = async (port: number, path: string, method = 'GET'): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}${path}`, { method })).json();
const ended = (): Promise<Ended> => get(WORKER_PORT, '/jobs') as Promise<Ended>;
const fill = (count: number): Promise<unknown> => get(SERVICE_PORT, `/fill?jobs=${count}`, 'POST');
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function endedAtLeast(count: number): Promise<Ended> {
  let all: Ended = [];
  while (all.length < count) {
    await pause(100);
    all = [...all, ...(await ended())];
  }
  return all;
}

/** Express, a BullMQ queue and its worker on Redis. */
export async function* queueRows(bed: Bed, seconds: number): AsyncGenerator<Row> {
  const store = await redis(bed.processes, bed.folder, SYSTEM_CORE);
  const api = await service(bed, 'queue-service', 'api', SERVICE_PORT, REDIS_PORT, MAIL_MS, 0);
  const worker = (concurrency: number): Promise<Running> => service(bed, 'queue-service', 'worker', WORKER_PORT, REDIS_PORT, JOB_MS, concurrency);
  const ping = await alone(bed, '/ping', api);
  const inline = await alone(bed, '/inline', api, undefined, 'POST');
  const publish = await alone(bed, '/enqueue', api, store, 'POST');
  await fetch(`http://127.0.0.1:${SERVICE_PORT}/ping`);
  const one = await worker(1);
  await get(WORKER_PORT, '/start');
  // What publishing left behind is the backlog from which the time of one job after the other is read.
  await endedAtLeast(SOME);
  const before = [one.cpuMs(), store.cpuMs()] as const;
  const inRow = await endedAtLeast(SOME);
  const after = [one.cpuMs(), store.cpuMs()] as const;
  const cycleMs = ((inRow.at(-1)?.[0] ?? 0) - (inRow[0]?.[0] ?? 0)) / (inRow.length - 1);
  await one.stop();
  await flush(bed);
  const idle = await worker(1);
  await get(WORKER_PORT, '/start');
  const solo: number[] = [];
  for (let at = 0; at < SOME; at++) {
    await get(SERVICE_PORT, '/enqueue', 'POST');
    const [job] = await endedAtLeast(1);
    if (job && at > SOME / 4) solo.push(job[1]);
  }
  await idle.stop();
  const costs: JobsAlone = {
    publish,
    cycleMs,
    soloMs: mean(solo),
    workerCpuMs: (after[0] - before[0]) / inRow.length,
    storeCpuMs: (after[1] - before[1]) / inRow.length,
  };
  console.log(`# alone: ping ${JSON.stringify(ping)}, inline ${JSON.stringify(inline)}, jobs ${JSON.stringify(costs)}`);

  const several = await worker(CONCURRENCY);
  await get(WORKER_PORT, '/start');
  for (const perSecond of [100, 160]) {
    const runs = await predict(bed, `jobs ${perSecond}`, jobs(ping, costs, CONCURRENCY, JOB_MS, perSecond, 0), seconds, 'steady');
    await ended();
    const startMs = Date.now();
    const { machine } = await load(bed, '/enqueue', perSecond, seconds, { method: 'POST' });
    const endMs = Date.now();
    const done = await ended();
    const measured = done.filter(([at]) => at >= startMs + (endMs - startMs) / 10).map(([, age]) => age);
    const system = `BullMQ worker, concurrency ${CONCURRENCY}, ${JOB_MS} ms, ${perSecond} jobs/s`;
    yield {
      system,
      what: 'jobs done',
      unit: '/s',
      predicted: mean(runs.map((it) => (it.programs[0]?.finished ?? 0) / it.seconds)),
      measured: measured.length / ((endMs - startMs) * 0.0009),
      bar: THROUGHPUT_BAR,
      machine,
    };
    yield {
      system,
      what: 'p95 from publishing to the end',
      unit: 'ms',
      predicted: mean(runs.map((it) => it.programs[0]?.sojournMs?.p95 ?? Number.NaN)),
      measured: quantile(measured, 0.95),
      bar: P95_BAR,
      machine,
    };
    await pause(1000);
  }
  await several.stop();
  yield* drain(bed, ping, costs, seconds, worker);
  yield* signUp(bed, ping, inline, costs, seconds);
  await api.stop();
  await store.stop();
}

/** A backlog beside arrivals: how fast jobs end while it lasts, and when it is gone. */
async function* drain(bed: Bed, ping: JobsAlone['publish'], costs: JobsAlone, seconds: number, worker: (concurrency: number) => Promise<Running>): AsyncGenerator<Row> {
  const perSecond = 100;
  const network = jobs(ping, costs, CONCURRENCY, JOB_MS, perSecond, BACKLOG);
  const runs = await predict(bed, 'drain', network, seconds, 'draining');
  await fill(BACKLOG);
  const running = await worker(CONCURRENCY);
  await ended();
  await get(WORKER_PORT, '/start');
  const startMs = Date.now();
  const { machine } = await load(bed, '/enqueue', perSecond, seconds, { method: 'POST' });
  const done = await ended();
  await running.stop();
  const gone = done.find(([, age]) => age < FRESH_MS)?.[0] ?? Number.NaN;
  const workers = network.stations.findIndex((it) => it.id === 'workers');
  const at = runs.map((it) => (it.series.find((point) => point.atMs > 500 && (point.queues[workers] ?? 0) <= FEW)?.atMs ?? Number.NaN) / 1000);
  const system = `BullMQ worker, backlog of ${BACKLOG} beside ${perSecond} jobs/s`;
  const early = done.filter(([end]) => end <= startMs + 4000 && end > startMs + 1000).length / 3;
  yield { system, what: 'jobs done while it lasts', unit: '/s', predicted: (1000 * CONCURRENCY) / costs.cycleMs, measured: early, bar: THROUGHPUT_BAR, machine };
  yield { system, what: 'drained after', unit: 's', predicted: mean(at), measured: (gone - startMs) / 1000, bar: P95_BAR, machine };
}

/** A mail that is sent while the client waits, or by a job. */
async function* signUp(bed: Bed, ping: JobsAlone['publish'], inline: JobsAlone['publish'], costs: JobsAlone, seconds: number): AsyncGenerator<Row> {
  const perSecond = 60;
  for (const [path, network] of [
    ['inline', waiting(ping, inline, perSecond)],
    ['enqueue', publishing(ping, costs, perSecond)],
  ] as const) {
    const runs = await predict(bed, `sign-up ${path}`, network, seconds, 'steady');
    const met = await load(bed, `/${path}`, perSecond, seconds, { method: 'POST' });
    const system = `sign-up, mail of ${MAIL_MS} ms ${path === 'inline' ? 'inline' : 'enqueued'}, ${perSecond}/s`;
    yield {
      system,
      what: 'answered',
      unit: '/s',
      predicted: mean(runs.map((it) => it.sources[0]?.goodputPerSecond ?? 0)),
      measured: met.goodPerSecond,
      bar: THROUGHPUT_BAR,
      machine: met.machine,
    };
    yield {
      system,
      what: 'p95',
      unit: 'ms',
      predicted: mean(runs.map((it) => it.sources[0]?.latencyMs?.p95 ?? Number.NaN)),
      measured: met.p95Ms,
      bar: P95_BAR,
      machine: met.machine,
    };
  }
}

async function flush(bed: Bed): Promise<void> {
  await bed.processes.run(['redis-cli', '-p', String(REDIS_PORT), 'flushall'], SYSTEM_CORE, bed.folder);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
