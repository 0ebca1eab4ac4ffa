import { alone, type Bed, load, mean, predict, SERVICE_PORT, service, SYSTEM_CORE, WORKER_PORT } from './bed.ts';
import { jobs, type JobsAlone, publishing, waiting } from './models.ts';
import type { Running } from './processes.ts';
import { usual } from './generator.ts';
import { P95_BAR, type Row, THROUGHPUT_BAR } from './row.ts';
import { REDIS_PORT, redis } from './stores.ts';

const JOB_MS = 20;
const CONCURRENCY = 5;
const MAIL_MS = 200;
/** Jobs that have run before a worker's costs are measured, because its compilers do their work at first; those that are measured; and some more, so that the places stay full. */
const WARM = 400;
const INSIDE = 800;
const SLACK = 200;
/** Fewer places than the rows have, and all full: a job alone wakes every process by itself. */
const SEVERAL = 4;
const SOLO_SECONDS = 5;
const BACKLOG = 1200;
const BESIDE = 100;
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
  await flush(bed);
  await fill(WARM + INSIDE + SLACK);
  const some = await worker(SEVERAL);
  await get(WORKER_PORT, '/start');
  const warming = await endedAtLeast(WARM);
  const before = [some.cpuMs(), store.cpuMs()] as const;
  const inRow = await endedAtLeast(INSIDE);
  const after = [some.cpuMs(), store.cpuMs()] as const;
  await endedAtLeast(WARM + INSIDE + SLACK - warming.length - inRow.length);
  // One at a time, but not so seldom that everything has rested.
  await load(bed, '/enqueue', 0, SOLO_SECONDS, { method: 'POST', thinkMs: 2 * JOB_MS });
  await pause(2 * JOB_MS);
  const solo = (await ended()).map(([, age]) => age);
  await some.stop();
  const costs: JobsAlone = {
    publish,
    cycleMs: (SEVERAL * ((inRow.at(-1)?.[0] ?? 0) - (inRow[0]?.[0] ?? 0))) / (inRow.length - 1),
    soloMs: usual(solo.sort((a, b) => a - b)),
    workerCpuMs: (after[0] - before[0]) / inRow.length,
    storeCpuMs: (after[1] - before[1]) / inRow.length,
  };
  console.log(`# alone: ping ${JSON.stringify(ping)}, inline ${JSON.stringify(inline)}, jobs ${JSON.stringify(costs)}`);

  const several = await worker(CONCURRENCY);
  await fill(WARM);
  await get(WORKER_PORT, '/start');
  await endedAtLeast(WARM);
  for (const perSecond of [100, 160]) {
    const system = `BullMQ worker, concurrency ${CONCURRENCY}, ${JOB_MS} ms, ${perSecond} jobs/s`;
    if (!system.includes(bed.only)) continue;
    const runs = await predict(bed, `jobs ${perSecond}`, jobs(ping, costs, CONCURRENCY, JOB_MS, perSecond, 0), seconds, 'steady');
    await ended();
    const startMs = Date.now();
    const { machine } = await load(bed, '/enqueue', perSecond, seconds, { method: 'POST' });
    const endMs = Date.now();
    const done = await ended();
    const measured = done.filter(([at]) => at >= startMs + (endMs - startMs) / 10).map(([, age]) => age);
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
  const backlog = `BullMQ worker, backlog of ${BACKLOG} beside ${BESIDE} jobs/s`;
  if (backlog.includes(bed.only)) yield* drain(bed, backlog, ping, costs, seconds, worker);
  yield* signUp(bed, ping, inline, costs, seconds);
  await api.stop();
  await store.stop();
}

/** A backlog beside arrivals: how fast jobs end while it lasts, and when it is gone. */
async function* drain(
  bed: Bed,
  system: string,
  ping: JobsAlone['publish'],
  costs: JobsAlone,
  seconds: number,
  worker: (concurrency: number) => Promise<Running>,
): AsyncGenerator<Row> {
  const network = jobs(ping, costs, CONCURRENCY, JOB_MS, BESIDE, BACKLOG);
  const runs = await predict(bed, 'drain', network, seconds, 'draining');
  await fill(BACKLOG);
  const running = await worker(CONCURRENCY);
  await ended();
  await get(WORKER_PORT, '/start');
  const startMs = Date.now();
  const { machine } = await load(bed, '/enqueue', BESIDE, seconds, { method: 'POST' });
  const done = await ended();
  await running.stop();
  const gone = done.find(([, age]) => age < FRESH_MS)?.[0] ?? Number.NaN;
  const workers = network.stations.findIndex((it) => it.id === 'workers');
  const at = runs.map((it) => (it.series.find((point) => point.atMs > 500 && (point.queues[workers] ?? 0) <= FEW)?.atMs ?? Number.NaN) / 1000);
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
    const system = `sign-up, mail of ${MAIL_MS} ms ${path === 'inline' ? 'inline' : 'enqueued'}, ${perSecond}/s`;
    if (!system.includes(bed.only)) continue;
    const runs = await predict(bed, `sign-up ${path}`, network, seconds, 'steady');
    const met = await load(bed, `/${path}`, perSecond, seconds, { method: 'POST' });
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
