import type { PackageClaim, ProjectClaim } from '../detector.ts';
import { folderOf, isInside, joinPath } from '../detectors/paths.ts';

/** pnpm and Lerna say in a file of their own that a package is the root of a workspace. */
export function withWorkspaces(packages: ReadonlyMap<string, PackageClaim>, files: ReadonlySet<string>): ReadonlyMap<string, PackageClaim> {
  return new Map([...packages].map(([file, it]) => [file, SAYS_SO.some((name) => files.has(joinPath(folderOf(file), name))) ? { ...it, isWorkspaceRoot: true } : it]));
}

const SAYS_SO = ['pnpm-workspace.yaml', 'lerna.json'];

/**
 * Packages, with one for each application of a workspace that has no package.json of its own (Nx, Nest's monorepo): it uses what the package around it declares.
 * That package is then the workspace's root and starts nothing itself.
 */
export function withProjects(packages: ReadonlyMap<string, PackageClaim>, projects: readonly ProjectClaim[], files: readonly string[]): ReadonlyMap<string, PackageClaim> {
  const found = new Map(packages);
  const known = new Set(files);
  for (const it of projects) {
    const file = joinPath(it.root, 'package.json');
    const around = nearestPackage(folderOf(it.root), packages);
    const own = packages.get(file);
    if (it.root === '.' || !around || (own && !it.sharesDependencies)) continue;
    const entry = [it.entry, joinPath(it.root, it.entry ?? '')].find((at) => at !== undefined && known.has(at));
    found.set(file, {
      kind: 'package',
      name: own?.name || it.name,
      ...(entry && isInside(entry, it.root) && { main: entry.slice(it.root.length + 1) }),
      scripts: own?.scripts ?? {},
      bin: own?.bin ?? {},
      dependencies: { ...around.pkg.dependencies, ...own?.dependencies },
      devDependencies: { ...around.pkg.devDependencies, ...own?.devDependencies },
      isWorkspaceRoot: false,
      place: own?.place ?? it.place,
    });
    found.set(around.file, { ...around.pkg, isWorkspaceRoot: true });
  }
  return found;
}

function nearestPackage(folder: string, packages: ReadonlyMap<string, PackageClaim>): { file: string; pkg: PackageClaim } | undefined {
  for (let at = folder; ; at = folderOf(at)) {
    const file = joinPath(at, 'package.json');
    const pkg = packages.get(file);
    if (pkg) return { file, pkg };
    if (at === '.') return undefined;
  }
}
