import { folderOf, joinPath } from '../detectors/paths.ts';
import type { ExportedHandler } from './exported-handlers.ts';
import type { Machine } from './machine.ts';
import { loadFile } from './modules.ts';
import { isCallable, propertyOf, textOf, type Value } from './values.ts';
import { callFunction } from './call.ts';

/**
 * The loaders and actions of the modules that React Router's `app/routes.ts` lists, with the layouts around each; none where files are found by their names.
 * https://reactrouter.com/start/framework/routing
 */
export function listedHandlers(m: Machine, list: string): ExportedHandler[] {
  const given = propertyOf(loadFile(m, list), 'default');
  const routes = isCallable(given) ? callFunction(m, given, [], undefined) : given;
  const folder = folderOf(list);
  const root = moduleAt(m, joinPath(folder, 'root'));
  return below(m, routes, folder, '', root ? [root] : []);
}

/** Deeper nesting is no list of routes but a list that holds itself. */
const DEEPEST = 20;

function below(m: Machine, routes: Value | undefined, folder: string, path: string, around: readonly string[], depth = 0): ExportedHandler[] {
  if (routes?.t !== 'list' || depth > DEEPEST) return [];
  return routes.items.flatMap((it): ExportedHandler[] => {
    if (it.t === 'list') return below(m, it, folder, path, around, depth + 1);
    const file = moduleAt(m, joinPath(folder, textOf(propertyOf(it, 'file')) ?? ''));
    const own = segments(textOf(propertyOf(it, 'path')) ?? '');
    const whole = [path, ...own].filter(Boolean).join('/');
    const isRoute = own.length > 0 || propertyOf(it, 'index') !== undefined;
    const inner = below(m, propertyOf(it, 'children'), folder, whole, file ? [...around, file] : around, depth + 1);
    if (!file || !isRoute) return inner;
    const handlers: ExportedHandler[] = [
      { file, export: 'loader', method: 'GET', path: `/${whole}`, beside: around, renders: true },
      { file, export: 'action', method: 'POST', path: `/${whole}` },
    ];
    return [...handlers, ...inner];
  });
}

/** The file that was read for a path with or without its extension. */
function moduleAt(m: Machine, path: string): string | undefined {
  const found = m.program.resolve('', `./${path}`);
  return found && 'file' in found && m.program.modules.has(found.file) ? found.file : undefined;
}

/** A segment that may be missing is taken as there. */
const segments = (path: string): string[] =>
  path
    .split('/')
    .filter(Boolean)
    .map((it) => it.replace(/\?$/, ''));
