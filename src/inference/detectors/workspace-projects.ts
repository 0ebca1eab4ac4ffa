import { parse } from 'jsonc-parser';
import type { FileDetector, ProjectClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';

type Json = Record<string, unknown>;
const isObject = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it);
const text = (it: unknown): string | undefined => (typeof it === 'string' && it !== '' ? it : undefined);

/** nest-cli.json and Nx's project.json: applications of a workspace that have no package.json of their own. */
export default {
  id: 'workspace-projects',
  matches: (path) => /^(nest-cli|project)\.json$/.test(nameOf(path)),
  detect(path, source) {
    const it: unknown = parse(source);
    if (!isObject(it)) return { claims: [] };
    return { claims: nameOf(path) === 'project.json' ? ofNx(path, it) : ofNest(path, source, it) };
  },
} satisfies FileDetector;

/** The folder of `project.json` is the project; `main` of its build, seen from the workspace's root, is what starts. */
function ofNx(path: string, it: Json): ProjectClaim[] {
  const targets = isObject(it.targets) ? it.targets : isObject(it.architect) ? it.architect : undefined;
  if (!targets || it.projectType !== 'application') return [];
  const root = folderOf(path);
  const name = text(it.name) ?? nameOf(root);
  const build = isObject(targets.build) && isObject(targets.build.options) ? targets.build.options : {};
  const main = text(build.main) ?? text(build.entryFile);
  return [{ kind: 'project', name, root, ...(main && { entry: main.replace(/^\{(workspaceRoot|projectRoot)\}\//, '') }), place: { file: path, line: 1 } }];
}

/** Each of `projects`; `entryFile` lies in `sourceRoot`. */
function ofNest(path: string, source: string, it: Json): ProjectClaim[] {
  if (!isObject(it.projects)) return [];
  return Object.entries(it.projects).flatMap(([name, project]): ProjectClaim[] => {
    if (!isObject(project) || project.type !== 'application') return [];
    const root = joinPath(folderOf(path), text(project.root) ?? name);
    const sources = text(project.sourceRoot) ?? text(it.sourceRoot);
    const entry = text(project.entryFile) ?? text(it.entryFile) ?? 'main';
    const line = source.slice(0, Math.max(0, source.indexOf(`"${name}"`))).split('\n').length;
    return [
      { kind: 'project', name, root, ...(sources && { entry: joinPath(joinPath(folderOf(path), sources), `${entry}.ts`) }), sharesDependencies: true, place: { file: path, line } },
    ];
  });
}
