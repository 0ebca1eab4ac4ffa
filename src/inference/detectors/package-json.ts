import { findNodeAtLocation, getNodeValue, type Node, parseTree, type ParseError } from 'jsonc-parser';
import { keptCommand } from '../code/redact.ts';
import type { BuiltImageClaim, FileDetector } from '../detector.ts';
import { buildsIn } from './image-builds.ts';
import { folderOf, nameOf } from './paths.ts';

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
const texts = (it: unknown): Record<string, string> =>
  typeof it === 'object' && it !== null ? Object.fromEntries(Object.entries(it).filter((entry): entry is [string, string] => typeof entry[1] === 'string')) : {};

const mapped = (it: unknown, keep: (value: string) => string): Record<string, string> => Object.fromEntries(Object.entries(texts(it)).map(([name, value]) => [name, keep(value)]));
/** A range as registries know it; addresses (they may carry a token) are not kept. */
const version = (range: string): string => (/^(npm:[@\w/.-]+@)?[\w.^~<>=*|+\s-]{1,60}$/.test(range) ? range : '');

const withoutScope = (name: unknown): string => (typeof name === 'string' ? name.replace(/^@[^/]+\//, '') : '');

/** Where oclif looks for commands: https://oclif.io/docs/command_discovery_strategies. */
function commandsOf(oclif: unknown): { commands?: string } {
  const said = (oclif as { commands?: unknown } | undefined)?.commands;
  const folder = typeof said === 'object' && said !== null ? (said as { target?: unknown }).target : said;
  return typeof folder === 'string' ? { commands: folder } : {};
}

/** Conditions in the order in which code of a workspace is meant, sources before what is built: https://nodejs.org/api/packages.html#conditional-exports. */
const CONDITIONS = ['source', 'development', 'bun', 'node', 'import', 'module', 'default', 'require', 'types'];

function exportsOf(said: unknown): { exports?: Record<string, string> } {
  const all = typeof said === 'object' && said !== null && Object.keys(said).some((it) => it.startsWith('.')) ? said : said === undefined ? {} : { '.': said };
  const found = Object.entries(all).flatMap(([path, target]): [string, string][] => {
    const file = chosenFrom(target);
    return file === undefined ? [] : [[path, file]];
  });
  return found.length > 0 ? { exports: Object.fromEntries(found) } : {};
}

function chosenFrom(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  return CONDITIONS.map((it) => chosenFrom((target as Record<string, unknown>)[it])).find((it) => it !== undefined);
}

/** `run-script-os` runs the script of the same name for the system that it is on: containers are Linux. */
const byPlatform = (scripts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(scripts).map(([name, it]) => [
      name,
      /^(npx\s+)?run-(script-)?os$/.test(it.trim())
        ? (['linux', 'darwin:linux', 'nix', 'default'].map((one) => scripts[`${name}:${one}`]).find((one) => one !== undefined) ?? it)
        : it,
    ]),
  );

/** Images that scripts build, in the package's folder as every script runs. */
const imagesOf = (path: string, text: string, tree: Node): BuiltImageClaim[] =>
  Object.entries(texts((getNodeValue(tree) as Record<string, unknown>).scripts)).flatMap(([name, script]) =>
    buildsIn(script, folderOf(path)).map((it) => ({
      ...it,
      place: { file: path, line: lineAt(text, findNodeAtLocation(tree, ['scripts', name])?.offset ?? 0) },
    })),
  );

/** package.json: name, entry, scripts, the images that they build, and dependencies. */
export default {
  id: 'package-json',
  matches: (path) => nameOf(path) === 'package.json',
  detect(path, text) {
    const errors: ParseError[] = [];
    const tree: Node | undefined = parseTree(text, errors);
    const it = tree && (getNodeValue(tree) as Record<string, unknown>);
    const problems = errors.slice(0, 1).map((error) => ({ file: path, line: lineAt(text, error.offset), message: "This package.json can't be read here." }));
    if (!tree || typeof it !== 'object' || it === null || Array.isArray(it)) return { claims: [], problems };
    return {
      claims: [
        {
          kind: 'package',
          name: typeof it.name === 'string' ? it.name : '',
          ...(typeof it.main === 'string' && { main: it.main }),
          ...exportsOf(it.exports),
          scripts: byPlatform(mapped(it.scripts, keptCommand)),
          bin: typeof it.bin === 'string' ? { [withoutScope(it.name)]: it.bin } : texts(it.bin),
          ...commandsOf(it.oclif),
          dependencies: mapped({ ...texts(it.optionalDependencies), ...texts(it.peerDependencies), ...texts(it.dependencies) }, version),
          devDependencies: mapped(it.devDependencies, version),
          isWorkspaceRoot: it.workspaces !== undefined,
          place: { file: path, line: 1 },
        },
        ...imagesOf(path, text, tree),
      ],
      problems,
    };
  },
} satisfies FileDetector;
