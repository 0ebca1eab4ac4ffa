import type { Expression, Statement } from './syntax.ts';

/** The name that a statement of a file gives to something that is the same whenever it runs; undefined of a statement that does or asks anything. */
export function declaredBy(it: Statement): string | undefined {
  const name = it.k === 'function' ? it.n : it.k === 'variable' && it.p.k === 'bind' && (it.v === undefined || isFixed(it.v)) ? it.p.n : undefined;
  return name === undefined || GIVEN.has(name) ? undefined : name;
}

/** Written out to the end. A function is: what is in it runs when somebody calls it. */
function isFixed(it: Expression): boolean {
  switch (it.k) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'hidden':
    case 'function':
      return true;
    case 'template':
      return it.parts.every((part) => typeof part === 'string' || isFixed(part));
    case 'array':
      return it.es.every(isFixed);
    case 'object':
      return it.ps.every((part) => part.kind === undefined && part.computed === undefined && isFixed(part.v));
    default:
      return false;
  }
}

/** What every file has without declaring it. */
const GIVEN: ReadonlySet<string> = new Set(['exports', 'module', 'require', '__dirname', '__filename']);
const NAMING: ReadonlySet<unknown> = new Set(['name', 'bind', 'function', 'class']);

/** How often each name is declared, read, imported or exported anywhere in it: a name that is not among them is nobody's here. */
export function namesOf(body: readonly Statement[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (name: string): void => void found.set(name, (found.get(name) ?? 0) + 1);
  const walk = (it: unknown): void => {
    if (typeof it !== 'object' || it === null) return;
    const { k, n, names } = it as { k?: unknown; n?: unknown; names?: unknown };
    if (NAMING.has(k) && typeof n === 'string') add(n);
    if (Array.isArray(names)) for (const name of names.flat()) if (typeof name === 'string') add(name);
    for (const name in it) walk((it as Record<string, unknown>)[name]);
  };
  walk(body);
  return found;
}
