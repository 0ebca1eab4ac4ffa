import type { Place } from '../../model/known.ts';
import { setField } from './heap.ts';
import type { Machine } from './machine.ts';
import type { Resource, Scope, Value } from './values.ts';

/** Servers whose connections cost something to set up, and are meant to be kept. */
const POOLED: ReadonlySet<string> = new Set(['postgres', 'mysql', 'mariadb', 'mongodb', 'mssql', 'cockroachdb', 'oracle', 'redis', 'memcached']);
/** Drivers over HTTP or for functions at the edge: there a client belongs to its request. */
const PER_REQUEST_BY_DESIGN: ReadonlySet<string> = new Set([
  '@neondatabase/serverless',
  '@planetscale/database',
  '@libsql/client',
  '@upstash/redis',
  '@vercel/kv',
  '@prisma/adapter-d1',
]);
/** Both give back the connection that is there already. */
const CONNECTS_ONCE = /^(mongoose (default )?connect|typeorm (createConnection|getConnection|createConnections))$/;

const DEEPEST = 3;

/** Notes the clients that a call made while a handler is read: unless somebody keeps them, they live for one request. */
export function noteClients(m: Machine, from: number, by: { name: string; path: readonly string[] }, args: readonly Value[], place: Place): void {
  for (const claim of m.claims.slice(from)) {
    if (claim.kind !== 'client' || claim.client.place !== place) continue;
    const { data } = claim.client;
    // One library may make it through another.
    if (data.made) continue;
    if (data.engine !== undefined && !POOLED.has(String(data.engine))) continue;
    if (data.local || data.lent || PER_REQUEST_BY_DESIGN.has(by.name) || CONNECTS_ONCE.test(`${by.name} ${by.path.join(' ')}`)) continue;
    data.made = 'inProgram';
    // A file that a handler imports late is read once all the same; what a wrapper that is not known makes, it may keep.
    data.kept = m.loading.size > 0 || m.frames.slice(1).some((it) => m.wrapped.has(it.f as object));
    // Whose server the request chooses has no pool that all could share.
    data.unsure = args.some((it) => it.t === 'unknown' || comesWithRequest(it));
    m.sink.push({ kind: 'opens', client: claim.client, place: m.sites.get(place) ?? place });
  }
}

function comesWithRequest(it: Value, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  if (it.t === 'data') return true;
  if (it.t === 'text') return it.parts.some((part) => typeof part !== 'string' && comesWithRequest(part, depth + 1));
  if (it.t === 'object') return [...it.props.values()].some((value) => comesWithRequest(value, depth + 1));
  return it.t === 'list' && it.items.some((value) => comesWithRequest(value, depth + 1));
}

/** Somebody who outlives the request has these: they may be used again. */
export function keepClients(m: Machine, it: Value, depth = 0): void {
  if (depth > DEEPEST) return;
  if (it.t === 'resource') {
    for (const one of [it, it.data.client, it.data.pool] as (Resource | undefined)[]) if (one?.data.made && one.data.kept !== true) setField(m, one, one.data, 'kept', true);
  } else if (it.t === 'object' || it.t === 'instance') for (const value of it.props.values()) keepClients(m, value, depth + 1);
  else if (it.t === 'list') for (const value of it.items) keepClients(m, value, depth + 1);
}

/** A name that is set while a handler is read: one of the handler's own, or of a function that it calls, dies with it. */
export function keepInName(m: Machine, at: Scope, value: Value): void {
  if (m.tracing === 0 || !isCarrier(value)) return;
  for (let scope: Scope | null = at; scope; scope = scope.parent) if (m.frames.some((it) => it.scope === scope)) return;
  keepClients(m, value);
}

/** A property that is set: that of the request, or of an object that was made for it, dies with it. */
export function keepInMember(m: Machine, of: Value, value: Value): void {
  if (m.tracing === 0 || !isCarrier(value)) return;
  if ((of.t === 'data' && of.request) || (of.t === 'resource' && of.type === 'Response') || m.fresh.has(of)) return;
  keepClients(m, value);
}

const isCarrier = (it: Value): boolean => it.t === 'resource' || it.t === 'object' || it.t === 'instance' || it.t === 'list';
