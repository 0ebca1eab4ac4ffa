import { ts } from 'ts-morph';
import type { FileEntry, Workspace } from '../workspace.ts';
import type { Manifest } from './manifest.ts';
import { bindingOf, type ModuleKind, resolveSpecifier, specifiersOf } from './modules.ts';
import type { WorkImport } from './queue-files.ts';
import { isBesideProgram, PLAIN_SOURCE, readSources } from './read-sources.ts';
import { cannot, textOf } from './recipe.ts';
import { isFunctionNode, nameOf } from './route-handler.ts';
import { findAll, parse, type Source } from './source.ts';

/** Clients that the program connects once, before it serves: a process of its own has to do the same. */
const CONNECTED_AT_START = ['mongoose', 'typeorm', '@mikro-orm/core', 'kafkajs'];
/** Its classes are made by a container, whatever a file imports. */
const CONTAINER = '@nestjs/core';

/** Refuses to run files in a process of their own that need something connected at start-up. */
export async function refuseStartUps(workspace: Workspace, manifest: Manifest, from: readonly string[]): Promise<void> {
  const [found] = await connectedIn(workspace, manifest, from);
  if (found !== undefined) cannot(`the worker would need a start-up of its own for ${found}`);
}

/**
 * What a process of its own has to call before it can use these files, by the import that the program itself has of it.
 * Null where nothing is to be connected; refuses where it can't be told how.
 */
export async function startUpFor(
  workspace: Workspace,
  manifest: Manifest,
  from: readonly string[],
  specifierOf: (file: string) => string,
  kind: ModuleKind,
): Promise<WorkImport | null> {
  const found = await connectedIn(workspace, manifest, from);
  if (found.length === 0) return null;
  const refused = found.find((it) => it !== 'mongoose');
  if (refused !== undefined) return cannot(`the worker would need a start-up of its own for ${refused}`);
  const { files } = await workspace.list();
  const sources = await mentioning(workspace, files, 'mongoose');
  const connecting = sources.flatMap((source) => connectors(source).map((name) => ({ source, name })));
  const [only] = connecting;
  if (!only || connecting.length > 1) return cannot('the worker would need a start-up of its own for mongoose');
  for (const other of await mentioning(workspace, files, only.name)) {
    const binding = other === only.source ? undefined : bindingOf(other, only.name);
    if (!binding || resolveSpecifier(other.file, binding.specifier, files) !== only.source.file) continue;
    const specifier = specifierOf(only.source.file);
    return { name: only.name, specifier, line: binding.write(specifier, kind, "'", ';') };
  }
  return cannot('the worker would need a start-up of its own for mongoose');
}

/** Async functions without parameters that connect mongoose, by name. */
function connectors(source: Source): string[] {
  return findAll(source.tree, isFunctionNode).flatMap((it) => {
    const name = nameOf(it);
    const isAsync = it.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
    return name !== undefined && isAsync && it.parameters.length === 0 && /\bmongoose\.connect\(/.test(it.getText(source.tree)) ? [name] : [];
  });
}

/** Which of the clients files use, directly or by what they import. */
async function connectedIn(workspace: Workspace, manifest: Manifest, from: readonly string[]): Promise<string[]> {
  if (CONTAINER in manifest.dependencies) return [CONTAINER];
  const wanted = CONNECTED_AT_START.filter((it) => it in manifest.dependencies);
  if (wanted.length === 0) return [];
  const found = (await reachedFrom(workspace, from)).flatMap((source) => specifiersOf(source).map((it) => wanted.find((one) => it === one || it.startsWith(`${one}/`))));
  return [...new Set(found.filter((it) => it !== undefined))];
}

/** Files and all that they import from the workspace, in the order in which they are reached. */
export async function reachedFrom(workspace: Workspace, from: readonly string[]): Promise<Source[]> {
  const { files } = await workspace.list();
  const seen = new Set(from);
  const found: Source[] = [];
  for (const file of seen) {
    const source = parse(file, await textOf(workspace, file));
    found.push(source);
    for (const it of specifiersOf(source)) {
      const local = resolveSpecifier(file, it, files);
      if (local) seen.add(local);
    }
  }
  return found;
}

const mentioning = (workspace: Workspace, files: readonly FileEntry[], word: string): Promise<Source[]> =>
  readSources(
    workspace,
    files,
    (path) => PLAIN_SOURCE.test(path) && !isBesideProgram(path),
    (text) => text.includes(word),
  );
