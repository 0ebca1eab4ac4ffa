import type { Instruction, Network } from '../../src/model/network.ts';
import { alone, type Bed, load, mean, predict, SERVICE_PORT, service, SYSTEM_CORE, warm } from './bed.ts';
import { compiledQuery } from './compiled.ts';
import { holdMs, nested, type PoolSetting, queries, REFUSAL, TIMEOUT } from './models.ts';
import { P95_BAR, type Row, THROUGHPUT_BAR } from './row.ts';
import { POSTGRES_PORT, postgres, ROLE } from './stores.ts';

const POOL = 10;
const SLEEP_MS = 20;
export interface Case {
  name: string;
  path: string;
  pool: number;
  acquireTimeoutMs: number;
  perSecond: number;
  network: Network;
  connections?: number;
  /** Longer than the others. */
  seconds?: number;
  /** The same, as \`compile\` makes it of a topology. */
  compiled?: Network;
  /** Without a steady state: what it shows depends on how long one looks, so both look equally long. */
  grows?: boolean;
  /** Clients hang up after this long. */
  patienceMs?: number;
  /** Ends in a standstill. */
  dies?: boolean;
}

/** Express and a pg pool in front of PostgreSQL, whose queries sleep. */
export async function* poolRows(bed: Bed, programs: string, seconds: number): AsyncGenerator<Row> {
  const db = await postgres(bed.processes, bed.folder, programs, SYSTEM_CORE, 100);
  const start = (pool: number, acquireTimeoutMs: number) => service(bed, 'pg-service', SERVICE_PORT, POSTGRES_PORT, pool, acquireTimeoutMs, ROLE);
  const first = await start(POOL, 0);
  const ping = await alone(bed, '/ping', first);
  const single = await alone(bed, `/query?ms=${SLEEP_MS}`, first, db);
  const half = await alone(bed, `/query?ms=${SLEEP_MS / 2}`, first, db);
  const transaction = await alone(bed, `/transaction?ms=${SLEEP_MS / 2}`, first, db);
  await first.stop();
  console.log(`# alone: ping ${JSON.stringify(ping)}, query ${JSON.stringify(single)}, half ${JSON.stringify(half)}, transaction ${JSON.stringify(transaction)}`);
  const heldMs = holdMs(ping, single);
  console.log(`# a ${SLEEP_MS} ms query holds its connection ${heldMs.toFixed(2)} ms: at most ${((1000 * POOL) / heldMs).toFixed(0)}/s`);

  const setting = (pool: number, acquireTimeoutMs: number): PoolSetting => ({ pool, acquireTimeoutMs: acquireTimeoutMs === 0 ? null : acquireTimeoutMs });
  const query = (name: string, path: 'query' | 'random', perSecond: number, acquireTimeoutMs: number): Case => ({
    name: `pool of ${POOL}, ${path === 'query' ? '' : 'random '}${SLEEP_MS} ms, ${name}`,
    path: `/${path}?ms=${SLEEP_MS}`,
    pool: POOL,
    acquireTimeoutMs,
    perSecond,
    network: queries(ping, single, setting(POOL, acquireTimeoutMs), path === 'query' ? 'fixed' : 'random', 1, SLEEP_MS, perSecond),
  });
  const cases: Case[] = [
    query('300/s', 'query', 300, 0),
    // Near saturation, where luck alone moves the p95 of 15 s by a tenth.
    { ...query('420/s', 'query', 420, 0), seconds: 2 * seconds },
    { ...query('350/s', 'random', 350, 0), compiled: compiledQuery(ping, single, POOL, SLEEP_MS, 350) },
    { ...query('600/s, no acquire timeout', 'query', 600, 0), connections: 2000, grows: true },
    impatient(query('600/s, clients give up after 1 s', 'query', 600, 0), 1000),
    { ...query('600/s, acquire timeout 300 ms', 'query', 600, 300), connections: 500 },
    {
      name: `transaction of 2 × ${SLEEP_MS / 2} ms, 300/s`,
      path: `/transaction?ms=${SLEEP_MS / 2}`,
      pool: POOL,
      acquireTimeoutMs: 0,
      perSecond: 300,
      network: queries(ping, transaction, setting(POOL, 0), 'fixed', 2, SLEEP_MS, 300),
    },
    ...[120, 280].map(
      (perSecond): Case => ({
        name: `nested checkout, ${SLEEP_MS / 2} + ${SLEEP_MS / 2} ms, ${perSecond}/s`,
        path: `/nested?ms=${SLEEP_MS / 2}`,
        pool: POOL,
        acquireTimeoutMs: 0,
        perSecond,
        network: nested(ping, half, setting(POOL, 0), SLEEP_MS / 2, perSecond),
        // However light its load is, it dies some day.
        grows: true,
        ...(perSecond > 200 && { dies: true, connections: 2000 }),
      }),
    ),
  ];
  for (const it of cases.filter(({ name }) => name.includes(bed.only))) {
    const running = await start(it.pool, it.acquireTimeoutMs);
    yield* rowsOf(bed, it, it.seconds ?? seconds);
    await running.stop();
  }
  for (const [name, retry, acquireTimeoutMs] of [
    ['no retries', undefined, 0],
    ['3 retries', RETRY, 0],
    ['3 retries, acquire timeout 500 ms', RETRY, 500],
  ] as const) {
    const system = `pool of ${POOL}, ${SLEEP_MS} ms, 200/s after a spike to 1000/s, ${name}`;
    if (!system.includes(bed.only)) continue;
    const running = await start(POOL, acquireTimeoutMs);
    yield await afterSpike(bed, system, queries(ping, single, setting(POOL, acquireTimeoutMs), 'fixed', 1, SLEEP_MS, 200), retry);
    await running.stop();
  }
  await db.stop();
}

/** What the clients of a system meet, beside what the model says. */
export async function* rowsOf(bed: Bed, it: Case, seconds: number): AsyncGenerator<Row> {
  const runs = await predict(bed, it.name, it.network, seconds, it.grows ? 'growing' : 'steady');
  // Connections to the database are made at first use, handlers compiled later; a service that has just started is not what the model describes.
  await warm(bed, it.path);
  const met = await load(bed, it.path, it.perSecond, seconds, { connections: it.connections ?? 200, patienceMs: it.patienceMs ?? null });
  const of = (value: (run: (typeof runs)[number]) => number | undefined): number => mean(runs.map((run) => value(run) ?? Number.NaN));
  const good = of((run) => run.sources[0]?.goodputPerSecond);
  if (it.dies) {
    yield {
      system: it.name,
      what: 'answered in the last quarter',
      unit: '/s',
      predicted: runs.every((run) => run.stuck) ? 0 : good,
      measured: met.goodLatePerSecond,
      bar: THROUGHPUT_BAR,
      machine: met.machine,
    };
    return;
  }
  yield {
    system: it.name,
    what: 'answered',
    unit: '/s',
    predicted: good,
    measured: met.goodPerSecond,
    bar: it.patienceMs === undefined ? THROUGHPUT_BAR : P95_BAR,
    machine: met.machine,
  };
  yield { system: it.name, what: 'p95', unit: 'ms', predicted: of((run) => run.sources[0]?.latencyMs?.p95), measured: met.p95Ms, bar: P95_BAR, machine: met.machine };
  if (it.compiled) {
    const [run] = await predict(bed, `${it.name} compiled`, it.compiled, seconds, 'steady');
    yield {
      system: it.name,
      what: 'p95, compiled from a topology',
      unit: 'ms',
      predicted: run?.sources[0]?.latencyMs?.p95 ?? Number.NaN,
      measured: met.p95Ms,
      bar: P95_BAR,
      machine: met.machine,
    };
  }
  const measured = new Map<string, number>();
  for (const [cause, perSecond] of Object.entries(met.errorsPerSecond)) measured.set(wordOf(cause), (measured.get(wordOf(cause)) ?? 0) + perSecond);
  for (const cause of Object.keys(met.errorsPerSecond)) console.log(`#   the service said: ${cause}`);
  for (const cause of new Set([...measured.keys(), ...runs.flatMap((run) => Object.keys(run.errorsByCause))]))
    yield {
      system: it.name,
      what: `"${cause}"`,
      unit: '/s',
      predicted: of((run) => (run.errorsByCause[cause] ?? 0) / run.seconds),
      measured: measured.get(cause) ?? 0,
      bar: P95_BAR,
      machine: met.machine,
    };
}

const RETRY = { times: 3, initialMs: 200 };
const STORY_SECONDS = 20;

/** 200/s, four seconds of 1,000/s, 200/s again; clients hang up after a second. Does it come back? */
async function afterSpike(bed: Bed, system: string, server: Network, retry: typeof RETRY | undefined): Promise<Row> {
  const phases = [
    { fromMs: 0, perSecond: 200 },
    { fromMs: 4000, perSecond: 1000 },
    { fromMs: 8000, perSecond: 200 },
  ];
  const call: Instruction = {
    op: 'call',
    program: 'request',
    timeoutMs: 1000,
    ...(retry && { retry: { times: retry.times, backoff: { kind: 'growing', initialMs: retry.initialMs, factor: 2, jitter: 'full' } } }),
  };
  const network: Network = {
    ...server,
    programs: [...server.programs, { id: 'client', body: [call] }],
    sources: [{ id: 'client', program: 'client', arrivals: 'poisson', share: 1, phases, patienceMs: null }],
  };
  const runs = await predict(bed, system, network, STORY_SECONDS, 'draining');
  const last = runs.flatMap((run) => run.series.filter((it) => it.atMs > STORY_SECONDS * 750).map((it) => it.goodputPerSecond));
  await warm(bed, `/query?ms=${SLEEP_MS}`);
  const spike = { fromSecond: 4, seconds: 4, perSecond: 1000 };
  const met = await load(bed, `/query?ms=${SLEEP_MS}`, 200, STORY_SECONDS, { connections: 2000, patienceMs: 1000, spike, ...(retry && { retry }) });
  return { system, what: 'answered in the last quarter', unit: '/s', predicted: mean(last), measured: met.goodLatePerSecond, bar: P95_BAR, machine: met.machine };
}

/** What is answered before the first gives up is a matter of luck; afterwards all work is for clients that have gone. */
const impatient = (it: Case, patienceMs: number): Case => ({
  ...it,
  patienceMs,
  grows: true,
  connections: 1000,
  network: { ...it.network, sources: it.network.sources.map((source) => ({ ...source, patienceMs })) },
});

/** The server refuses in two ways: all places taken, or all but those of superusers. */
const wordOf = (cause: string): string => (/too many clients|reserved for/.test(cause) ? REFUSAL : cause.includes(TIMEOUT) ? TIMEOUT : cause);
