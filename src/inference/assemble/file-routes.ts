import type { ExportedHandler } from '../code/exported-handlers.ts';
import { isInside, joinPath } from '../detectors/paths.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const CODE = /\.[cm]?[jt]sx?$/;

/** API routes of a Next.js application: `pages/api` with a default export for all methods, `app` with an export per method. Pages are not read. */
export function nextRoutes(root: string, files: readonly string[]): ExportedHandler[] {
  const found: ExportedHandler[] = [];
  for (const base of [joinPath(root, 'src'), root]) {
    const [pages, app] = [joinPath(base, 'pages/api'), joinPath(base, 'app')];
    for (const file of files) {
      if (!CODE.test(file) || /\.(test|spec|d)\.[cm]?[jt]sx?$/.test(file)) continue;
      if (isInside(file, pages)) found.push({ file, export: 'default', method: null, path: pathOf(`api/${file.slice(pages.length + 1)}`.replace(CODE, '')) });
      else if (isInside(file, app) && /(^|\/)route\.[cm]?[jt]sx?$/.test(file.slice(app.length)))
        for (const method of METHODS) found.push({ file, export: method, method, path: pathOf(file.slice(app.length + 1).replace(/\/?route\.[cm]?[jt]sx?$/, '')) });
    }
  }
  // Pages say little about what is a server: they are read where something else is one.
  return found.length > 0 ? [...found, ...pagesOf(root, files)] : [];
}

/** Pages that are made for every request: `getServerSideProps`, and pages of `app` that say so. */
function pagesOf(root: string, files: readonly string[]): ExportedHandler[] {
  return [joinPath(root, 'src'), root].flatMap((base): ExportedHandler[] => {
    const [pages, app] = [joinPath(base, 'pages'), joinPath(base, 'app')];
    return files.flatMap((file): ExportedHandler[] => {
      if (!/\.[jt]sx$/.test(file) || /\.(test|spec|stories)\./.test(file)) return [];
      if (isInside(file, pages) && !isInside(file, joinPath(pages, 'api')) && !/(^|\/)_(app|document|error)\.[jt]sx$/.test(file))
        return [{ file, export: 'getServerSideProps', method: 'GET', path: pathOf(file.slice(pages.length + 1).replace(CODE, '')), renders: true }];
      if (!isInside(file, app) || !/(^|\/)page\.[jt]sx$/.test(file.slice(app.length))) return [];
      return [{ file, export: 'default', method: 'GET', path: pathOf(file.slice(app.length + 1).replace(/\/?page\.[jt]sx$/, '')), renders: true, only: 'dynamic' }];
    });
  });
}

/** Routes of Remix 2 and of React Router, by its list of routes (`app/routes.ts`) or its file convention: `app/routes/users.$id.tsx`, or `route.tsx` in a folder of that name. A loader answers GET, an action POST. */
export function remixRoutes(root: string, files: readonly string[]): ExportedHandler[] {
  const base = joinPath(root, 'app/routes');
  const top = files.filter((it) => /^root\.[jt]sx?$/.test(it.slice(joinPath(root, 'app').length + 1)) && isInside(it, joinPath(root, 'app')));
  const routes = new Map<string, string>();
  for (const file of files) {
    if (!isInside(file, base) || !CODE.test(file) || /\.(test|spec|d)\.[cm]?[jt]sx?$/.test(file)) continue;
    const [first = '', second, ...deeper] = file.slice(base.length + 1).split('/');
    const name = second === undefined ? first.replace(CODE, '') : /^(route|index)\.[jt]sx?$/.test(second) && deeper.length === 0 ? first : undefined;
    if (name !== undefined && !/\.(server|client)$/.test(name)) routes.set(name, file);
  }
  const list = ['ts', 'js', 'mts', 'mjs'].map((it) => joinPath(root, `app/routes.${it}`)).find((it) => files.includes(it));
  const byName = [...routes].flatMap(([name, file]): ExportedHandler[] => {
    const segments = segmentsOf(name);
    // `users_.edit` stands in no layout of `users`.
    const around = segments.slice(0, -1).flatMap((_, at) => routes.get(segments.slice(0, at + 1).join('.')) ?? []);
    const path = `/${segments.flatMap(partOf).join('/')}`;
    return [
      { file, export: 'loader', method: 'GET', path, beside: [...top, ...around], renders: true, byName: true },
      { file, export: 'action', method: 'POST', path, byName: true },
    ];
  });
  return list ? [...byName, { file: list, export: 'default', lists: 'routes' }] : byName;
}

/** Dots part the segments, but not in square brackets, which escape. */
const segmentsOf = (name: string): string[] => name.split(/\.(?![^[]*\])/);

function partOf(segment: string): string[] {
  if (segment.startsWith('_')) return [];
  const plain = segment
    .replace(/^\((.*)\)$/, '$1')
    .replace(/_$/, '')
    .replace(/[[\]]/g, '');
  return [plain === '$' ? '*' : plain.replace(/^\$/, ':')];
}

/** `api/posts/[id]/index` is `/api/posts/:id`; groups in round brackets and parallel slots are no part of a path. */
function pathOf(file: string): string {
  const parts = file.split('/').filter((it) => it !== '' && it !== 'index' && !/^\(.*\)$/.test(it) && !it.startsWith('@'));
  return `/${parts.map((it) => (/^\[\[?\.\.\..*\]$/.test(it) ? '*' : it.replace(/^\[(.+)\]$/, ':$1'))).join('/')}`;
}
