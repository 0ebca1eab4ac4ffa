/** Folder of a path; `.` for the root. */
export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Joins and normalises; the result never leaves the root by `..` (it then stays at the root). */
export function joinPath(...parts: readonly string[]): string {
  const out: string[] = [];
  for (const it of parts.join('/').split('/')) {
    if (it === '' || it === '.') continue;
    if (it === '..') out.pop();
    else out.push(it);
  }
  return out.join('/') || '.';
}

export const isInside = (path: string, folder: string): boolean => folder === '.' || path === folder || path.startsWith(`${folder}/`);
