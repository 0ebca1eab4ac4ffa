import type { Machine } from './machine.ts';
import { oncePer } from './once-per.ts';
import type { Expression, Statement } from './syntax.ts';

/** Code for an error that waits for something may take back whatever was done before it, inside its `try` or in front of it. */
export function noteHandler(m: Machine, handler: readonly Statement[]): void {
  if (m.tracing === 0 || !mayUndo(handler)) return;
  for (const it of m.asked) if (it.kind === 'query' || it.kind === 'request') it.mayBeUndone = true;
}

/** `.catch(async () => { await undo(); })`, before the call in front of it has run. */
export function noteCatch(m: Machine, e: Expression): void {
  if (e.k === 'await') noteCatch(m, e.e);
  else if (e.k === 'call' && e.f.k === 'member' && e.f.p === 'catch' && e.a[0]?.k === 'function') noteHandler(m, e.a[0].f.body);
}

const mayUndo: (handler: readonly Statement[]) => boolean = oncePer(waitsInside);

function waitsInside(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(waitsInside);
  return (node as { k?: string }).k === 'await' || Object.values(node).some(waitsInside);
}
