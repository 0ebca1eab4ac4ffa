import { alone, type Bed, SERVICE_PORT, service, SYSTEM_CORE, WORKER_PORT } from './bed.ts';
import { type Alone, queries } from './models.ts';
import { rowsOf } from './pool-rows.ts';
import type { Row } from './row.ts';
import { POSTGRES_PORT, postgres, ROLE } from './stores.ts';

const POOL = 40;
const CONNECTIONS = 20;
/** Of PostgreSQL's connections these are kept for superusers. */
const RESERVED = 3;
const SLEEP_MS = 50;
const PER_SECOND = 350;

/** A pool that may ask for more connections than its server gives. */
export async function* refusedRows(bed: Bed, programs: string, seconds: number): AsyncGenerator<Row> {
  const name = `pool of ${POOL} on ${CONNECTIONS + RESERVED} connections (${RESERVED} reserved), ${SLEEP_MS} ms, ${PER_SECOND}/s`;
  if (!name.includes(bed.only)) return;
  const path = `/query?ms=${SLEEP_MS}`;
  const db = await postgres(bed.processes, bed.folder, programs, SYSTEM_CORE, 100);
  const first = await service(bed, 'pg-service', SERVICE_PORT, POSTGRES_PORT, POOL, 0, ROLE);
  const ping = await alone(bed, '/ping', first);
  const query = await alone(bed, path, first, db);
  for (const it of [first, db]) await it.stop();
  const refusal = await refusedAlone(bed, programs);
  console.log(`# alone: ping ${JSON.stringify(ping)}, query ${JSON.stringify(query)}, refused connection ${JSON.stringify(refusal)}`);
  const small = await postgres(bed.processes, bed.folder, programs, SYSTEM_CORE, CONNECTIONS + RESERVED);
  const running = await service(bed, 'pg-service', SERVICE_PORT, POSTGRES_PORT, POOL, 0, ROLE);
  const setting = { pool: POOL, acquireTimeoutMs: null, server: { connections: CONNECTIONS, refusal } };
  const network = queries(ping, query, setting, 'fixed', 1, SLEEP_MS, PER_SECOND);
  // Who is refused costs CPU and makes others hold longer: it may take long to come back.
  yield* rowsOf(bed, { name, path, pool: POOL, acquireTimeoutMs: 0, perSecond: PER_SECOND, network, grows: true, connections: 2000 }, seconds);
  await running.stop();
  await small.stop();
}

/** What a connection costs that the server refuses: the server starts a process for it and asks who it is before it says no. */
async function refusedAlone(bed: Bed, programs: string): Promise<Alone> {
  const full = await postgres(bed.processes, bed.folder, programs, SYSTEM_CORE, 1 + RESERVED);
  const holder = await service(bed, 'pg-service', WORKER_PORT, POSTGRES_PORT, 1, 0, ROLE);
  void fetch(`http://127.0.0.1:${WORKER_PORT}/query?ms=60000`).catch(() => {});
  const own = await service(bed, 'pg-service', SERVICE_PORT, POSTGRES_PORT, POOL, 0, ROLE);
  const refusal = await alone(bed, '/query?ms=1', own, full);
  for (const it of [own, holder, full]) await it.stop();
  return refusal;
}
