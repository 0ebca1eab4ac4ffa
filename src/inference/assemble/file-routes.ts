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
  return found;
}

/** `api/posts/[id]/index` is `/api/posts/:id`; groups in round brackets and parallel slots are no part of a path. */
function pathOf(file: string): string {
  const parts = file.split('/').filter((it) => it !== '' && it !== 'index' && !/^\(.*\)$/.test(it) && !it.startsWith('@'));
  return `/${parts.map((it) => (/^\[\[?\.\.\..*\]$/.test(it) ? '*' : it.replace(/^\[(.+)\]$/, ':$1'))).join('/')}`;
}
