import type { Mounted } from '../detectors/libraries/express.ts';
import type { Machine } from './machine.ts';
import { loadFile } from './modules.ts';
import { isCallable, propertyOf, type Resource } from './values.ts';

/** A function that a framework finds by its file and its name, without any call that says so. */
export interface ExportedHandler {
  file: string;
  /** `default`, or the method that the export is called after. */
  export: string;
  /** Null: whatever methods its code asks for. */
  method: string | null;
  path: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Mounts the handlers that a framework finds by file and name on an app of their own. A file that lacks the export has no such route. */
export function mountExported(m: Machine, handlers: readonly ExportedHandler[]): void {
  const mounted: Mounted[] = [];
  for (const it of handlers) {
    const handler = propertyOf(loadFile(m, it.file, true), it.export);
    if (!handler || !isCallable(handler)) continue;
    const place = { file: it.file, line: handler.t === 'function' ? handler.f.at[0] : 1 };
    for (const method of it.method === null ? methodsIn(m.program.modules.get(it.file)?.body) : [it.method])
      mounted.push({ path: it.path, method: method.toLowerCase(), handlers: [handler], place });
  }
  const [first] = mounted;
  if (!first) return;
  const app: Resource = { t: 'resource', library: 'express', type: 'App', id: 0, data: { mounted }, place: first.place };
  m.claims.push({ kind: 'route', app, method: '', path: '', handlers: [], place: first.place }, { kind: 'listens', place: first.place });
}

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
