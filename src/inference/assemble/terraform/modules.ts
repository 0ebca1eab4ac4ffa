import type { HclBlock, HclExpression } from '../../detectors/hcl.ts';
import { joinPath, folderOf } from '../../detectors/paths.ts';
import type { Configuration } from '../configuration.ts';
import { nameIn } from './names.ts';

/** A resource with the module instance that it stands in. */
export interface TerraformResource {
  type: string;
  label: string;
  block: HclBlock;
  module: TerraformModule;
}

/** What an expression comes to; `undefined` = not known. */
export type Figure = string | number | boolean | null | readonly Figure[] | { readonly [name: string]: Figure } | { resource: TerraformResource; attribute: string } | undefined;

export interface TerraformModule {
  folder: string;
  resources: readonly TerraformResource[];
  /** Calls of modules that do not lie here, by name. */
  outside: readonly TerraformResource[];
  children: ReadonlyMap<string, TerraformModule>;
  evaluate(it: HclExpression | undefined): Figure;
  output(name: string): Figure;
}

const DEEPEST = 12;

/** Folders that nobody calls as a module: what `terraform apply` is run in. */
export function rootModules(configuration: Configuration): string[] {
  const folders = new Set([...configuration.terraform.keys()].map(folderOf));
  const called = new Set<string>();
  for (const [file, { blocks }] of configuration.terraform)
    for (const it of blocks) {
      const source = it.type === 'module' ? localSource(it, folderOf(file)) : undefined;
      if (source) called.add(source);
    }
  return [...folders].filter((it) => !called.has(it)).sort();
}

function localSource(it: HclBlock, folder: string): string | undefined {
  const source = it.attributes.source;
  return source?.t === 'value' && typeof source.v === 'string' && /^\.{1,2}\//.test(source.v) ? joinPath(folder, source.v) : undefined;
}

/** A module with its variables as the caller sets them, and its own defaults for the rest. */
export function moduleOf(folder: string, configuration: Configuration, given: (name: string) => Figure = () => undefined, depth = 0): TerraformModule {
  const blocks = [...configuration.terraform].filter(([file]) => folderOf(file) === folder).flatMap(([, it]) => it.blocks);
  const variables = new Map(blocks.filter((it) => it.type === 'variable').map((it) => [it.labels[0] ?? '', it]));
  const locals = new Map(blocks.filter((it) => it.type === 'locals').flatMap((it) => Object.entries(it.attributes)));
  const outputs = new Map(blocks.filter((it) => it.type === 'output').map((it) => [it.labels[0] ?? '', it]));
  const children = new Map<string, TerraformModule>();
  const busy = new Set<string>();

  const reference = (path: readonly string[]): Figure => {
    const [head = '', name = '', ...rest] = path;
    const key = `${head}.${name}`;
    if (busy.has(key)) return undefined;
    busy.add(key);
    try {
      if (head === 'var') return partOf(given(name) ?? module.evaluate(variables.get(name)?.attributes.default), rest);
      if (head === 'local') return partOf(module.evaluate(locals.get(name)), rest);
      if (head === 'module') {
        const child = children.get(name);
        const outside = module.outside.find((it) => it.label === name);
        return child ? partOf(child.output(rest[0] ?? ''), rest.slice(1)) : outside && { resource: outside, attribute: rest[0] ?? '' };
      }
      const resource = module.resources.find((it) => it.type === head && it.label === name);
      return resource && { resource, attribute: rest[0] ?? '' };
    } finally {
      busy.delete(key);
    }
  };

  const evaluate = (it: HclExpression | undefined): Figure => {
    switch (it?.t) {
      case 'value':
        return it.v;
      case 'reference':
        return reference(it.path);
      case 'list':
        return it.items.map(evaluate);
      case 'map':
        return Object.fromEntries(it.entries.map(([name, value]) => [name, evaluate(value)]));
      case 'template': {
        const parts = it.parts.map(evaluate);
        const [only] = parts;
        return parts.length === 1
          ? only
          : parts.map((part) => (typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean' ? String(part) : nameOf(part))).join('');
      }
      case 'call':
        return calledWith(it.name, it.args.map(evaluate));
      default:
        return undefined;
    }
  };

  const resourceOf = (block: HclBlock, type: string, label: string): TerraformResource => ({ type, label, block, module });
  const module: TerraformModule & { resources: TerraformResource[]; outside: TerraformResource[] } = {
    folder,
    resources: [],
    outside: [],
    children,
    evaluate,
    output: (name) => evaluate(outputs.get(name)?.attributes.value),
  };
  for (const it of blocks) if (it.type === 'resource') module.resources.push(resourceOf(it, it.labels[0] ?? '', it.labels[1] ?? ''));
  for (const it of blocks) {
    if (it.type !== 'module') continue;
    const name = it.labels[0] ?? '';
    const source = localSource(it, folder);
    if (source === undefined) module.outside.push(resourceOf(it, 'module', name));
    else if (depth < DEEPEST)
      children.set(
        name,
        moduleOf(source, configuration, (variable) => evaluate(it.attributes[variable]), depth + 1),
      );
  }
  return module;
}

/** Every resource of a module and of those that it calls. */
export function resourcesOf(it: TerraformModule): TerraformResource[] {
  return [...it.resources, ...it.outside, ...[...it.children.values()].flatMap(resourcesOf)];
}

export const isResource = (it: Figure): it is { resource: TerraformResource; attribute: string } => typeof it === 'object' && it !== null && 'resource' in it;

const partOf = (it: Figure, path: readonly string[]): Figure => {
  const [name, ...rest] = path;
  if (name === undefined || it === undefined) return it;
  if (isResource(it)) return { ...it, attribute: name };
  return typeof it === 'object' && it !== null && !Array.isArray(it) ? partOf((it as Readonly<Record<string, Figure>>)[name], rest) : undefined;
};

/** A resource inside a text is called as the rest of the workspace calls it; what is not known is `*`. */
const nameOf = (it: Figure): string => (isResource(it) ? nameIn(it) : '*');

function calledWith(name: string, args: readonly Figure[]): Figure {
  const [first, second] = args;
  switch (name) {
    case 'jsonencode':
    case 'tostring':
    case 'tonumber':
    case 'tolist':
    case 'toset':
    case 'one':
    case 'nonsensitive':
    case 'sensitive':
    case 'flatten':
      return first;
    case 'concat':
      return args.flatMap((it): readonly Figure[] => (Array.isArray(it) ? it : [undefined]));
    case 'merge':
      return Object.assign({}, ...args.map((it) => (typeof it === 'object' && it !== null && !Array.isArray(it) && !isResource(it) ? it : {}))) as Figure;
    case 'coalesce':
    case 'try':
      return args.find((it) => it !== undefined && it !== null);
    case 'lookup':
      return typeof second === 'string' ? (partOf(first, [second]) ?? args[2]) : undefined;
    case 'lower':
      return typeof first === 'string' ? first.toLowerCase() : undefined;
    default:
      return undefined;
  }
}
