import type { Mounted } from '../detectors/libraries/express.ts';
import type { Machine } from './machine.ts';
import { loadFile } from './modules.ts';
import type { FunctionEvent } from '../detector.ts';
import { isCallable, propertyOf, type Resource, type Value } from './values.ts';

/** A function that a framework or a platform finds by its file and its name, without any call that says so. */
export type ExportedHandler = {
  file: string;
  /** `default`, or the method that the export is called after. */
  export: string;
} & (
  | {
      /** Null: whatever methods its code asks for. */
      method: string | null;
      path: string;
    }
  | { event: Exclude<FunctionEvent, { kind: 'http' }> }
);

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Mounts the handlers that a framework finds by file and name on an app of their own. A file that lacks the export has no such route. */
export function mountExported(m: Machine, handlers: readonly ExportedHandler[]): void {
  const mounted: Mounted[] = [];
  for (const it of handlers) {
    const handler = unwrapped(propertyOf(loadFile(m, it.file, true), it.export));
    if (handler?.t === 'resource' && handler.type === 'App') {
      if (!m.claims.some((claim) => claim.kind === 'route' && claim.app === handler))
        m.claims.push({ kind: 'route', app: handler, method: '', path: '', handlers: [], place: handler.place }, { kind: 'listens', place: handler.place });
      continue;
    }
    if (!handler || !isCallable(handler)) continue;
    if ('event' in it) {
      claimEvent(m, it.event, handler);
      continue;
    }
    const place = { file: it.file, line: handler.t === 'function' ? handler.f.at[0] : 1 };
    for (const method of it.method === null ? methodsIn(m.program.modules.get(it.file)?.body) : [it.method])
      mounted.push({ path: it.path, method: method.toLowerCase(), handlers: [handler], place });
  }
  const [first] = mounted;
  if (!first) return;
  const app: Resource = { t: 'resource', library: 'express', type: 'App', id: 0, data: { mounted }, place: first.place };
  m.claims.push({ kind: 'route', app, method: '', path: '', handlers: [], place: first.place }, { kind: 'listens', place: first.place });
}

/** What adapters and middleware engines are given: an app, or the handler inside. */
function unwrapped(it: Value | undefined): Value | undefined {
  for (let at = it, depth = 0; depth < 6; depth++) {
    if (at?.t !== 'resource' || at.type !== 'Wrapped') return at;
    at = at.data.inner as Value | undefined;
  }
  return undefined;
}

/** A platform that hands messages over is the client of their broker. */
function claimEvent(m: Machine, event: Exclude<FunctionEvent, { kind: 'http' }>, handler: Value): void {
  const { place } = event;
  if (event.kind === 'schedule') {
    m.claims.push({ kind: 'timer', handler, ...(event.everyMs && { everyMs: event.everyMs }), place });
    return;
  }
  const { engine, channel, channelKind, concurrency } = event;
  // Of one engine there is one client: ids of the program's own begin at 1.
  const id = -1 - BROKERS.indexOf(engine);
  const client: Resource = { t: 'resource', library: 'lambda', type: 'EventSource', id, data: { engine, library: 'lambda', multiplexed: true }, place };
  m.claims.push({ kind: 'consumer', client, library: 'lambda', channel, channelKind, handler, ...(concurrency && { concurrency }), place });
}

const BROKERS = ['sqs', 'sns', 'kinesis', 'dynamodb', 'kafka'];

/** Methods that the code of a file names; a handler that names none is asked by GET. */
function methodsIn(body: unknown): string[] {
  const named = new Set<string>();
  const visit = (it: unknown): void => {
    if (Array.isArray(it)) for (const part of it) visit(part);
    else if (typeof it === 'object' && it !== null) {
      const { k, v } = it as { k?: unknown; v?: unknown };
      if (k === 'string' && METHODS.includes(v as string)) named.add(v as string);
      else for (const part of Object.values(it)) visit(part);
    }
  };
  visit(body);
  return named.size > 0 ? METHODS.filter((it) => named.has(it)) : ['GET'];
}
