import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { cacheFile } from './cache-file.ts';
import { addDependency, addEnvironment, composeEdit, composeFor, composeOf, imageOf, insertServices, serviceLines, serviceNamed } from './compose.ts';
import { jobData } from './job-data.ts';
import { addDependencies, manifestOf } from './manifest.ts';
import { bindingOf, importLine, insertImport, joined, moduleKind, relativeSpecifier, specifierEnding } from './modules.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type Handler, handlerAt, nameOf, ownNodes } from './route-handler.ts';
import { bare, coversLine, findAll, parse, type Source } from './source.ts';
import { rangesOf, VERSIONS } from './versions.ts';

const DEPENDENCIES = { redis: rangesOf(['ioredis']), memory: rangesOf(['lru-cache']) } as const;

/**
 * Puts a cache-aside around an awaited read in a handler: `await read(x)` becomes `await cached(key, seconds, () => read(x))`.
 * Answers may then be as old as the time to live, and what comes from the cache has been through JSON.
 */
export default {
  id: 'insert-cache',
  byHand: (args) => `at ${placeIn(args)}, look into a cache first, by a key of all arguments; on a miss, read and keep it for ${args.ttlSeconds} s`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const technology = textArg(args, 'technology');
    const seconds = countArg(args, 'ttlSeconds');
    if (technology !== 'redis' && technology !== 'memory') return cannot(`${technology} is neither redis nor memory`);
    const source = parse(file, await textOf(workspace, file));
    const handler = handlerAt(source, line) ?? cannot(`${file}:${line} lies in no handler of a request`);
    // What a write decides by must be fresh.
    if (writes(handler)) cannot(`the handler at ${file}:${line} writes, and must not see old data`);
    const call = awaitedAt(source, handler, line);
    if (ts.isIdentifier(call.expression) && call.expression.text === 'cached') cannot('the read is cached already');
    const manifest = await manifestOf(workspace, file);
    const extension = /\.([cm]?[jt]s)x?$/.exec(file)?.[1] ?? 'js';
    const inSource = file.startsWith(`${joined(manifest.folder, 'src')}/`);
    const cacheAt = joined(manifest.folder, inSource ? 'src' : '', `cached.${extension}`);
    const kind = moduleKind(source);
    const exists = (await workspace.list()).files.some((it) => it.path === cacheAt);
    if (exists && !/\bcached\b/.test(await textOf(workspace, cacheAt))) cannot(`${cacheAt} exists already with other content`);
    const specifier = relativeSpecifier(file, cacheAt, specifierEnding(source, manifest.isEsModule));
    const bound = bindingOf(source, 'cached');
    if (bound && bound.specifier !== specifier) cannot('cached already names something else in this file');
    const key = await freeKey(workspace, textArg(args, 'key').replace(/[^\w:.-]+/g, ':'));
    const edits = [...wrap(source, handler, call, key, seconds), ...(bound ? [] : [insertImport(source, importLine(source, kind, 'cached', specifier))])];
    const dependencies = addDependencies(manifest, DEPENDENCIES[technology]);
    const services = technology === 'redis' ? await redisService(workspace, file) : null;
    return {
      edits: [
        { kind: 'change', file, before: source.text, edits },
        ...(exists ? [] : [{ kind: 'create' as const, file: cacheAt, text: cacheFile({ technology, kind, style: source }) }]),
        ...(dependencies ? [dependencies] : []),
        ...(services ? [services] : []),
      ],
    };
  },
} satisfies Recipe;

function writes({ node }: Handler): boolean {
  const route = node.parent;
  const method = ts.isCallExpression(route) && ts.isPropertyAccessExpression(route.expression) ? route.expression.name.text : '';
  return /^(post|put|patch|delete)$/i.test(method) || /^(create|update|delete|destroy|remove|add|save|set|put|patch|post)/i.test(nameOf(node) ?? '');
}

function awaitedAt(source: Source, handler: Handler, line: number): ts.CallExpression {
  const found = ownNodes(handler.node, ts.isAwaitExpression)
    .map((it) => bare(it.expression))
    .filter((it): it is ts.CallExpression => ts.isCallExpression(it) && coversLine(source, it, line));
  if (found.length > 1) cannot(`line ${line} of ${source.file} has more than one awaited call`);
  return found[0] ?? cannot(`line ${line} of ${source.file} has no awaited call in a handler`);
}

/** Two reads under one key would answer each other's questions: the second one gets a number. */
async function freeKey(workspace: Workspace, wanted: string): Promise<string> {
  const { files } = await workspace.list();
  const texts: string[] = [];
  for (const { path } of files) {
    const read = /\.([cm]?[jt]s|[jt]sx)$/.test(path) ? await workspace.read(path) : undefined;
    if (read && 'text' in read) texts.push(read.text);
  }
  const taken = (key: string) => texts.some((it) => [`'${key}'`, `"${key}"`, `\`${key}\``, `\`${key}:`].some((written) => it.includes(written)));
  let key = wanted;
  for (let number = 2; taken(key); number += 1) key = `${wanted}:${number}`;
  return key;
}

/** The call behind `cached`, with a key that names everything it depends on. */
function wrap(source: Source, handler: Handler, call: ts.CallExpression, key: string, seconds: number): TextEdit[] {
  const { tree, quote } = source;
  // All calls of a chain decide what is read: `Note.find({ owner }).limit(count)`.
  const chain: ts.CallExpression[] = [];
  let root: ts.Expression = call;
  while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) {
    if (ts.isCallExpression(root)) chain.unshift(root);
    root = bare(root.expression);
  }
  // A client of the handler's own may be inside a transaction, where a cached answer would be wrong.
  if (!ts.isIdentifier(root) || !bindsOutside(source, handler, root.text)) cannot('the read runs on something that the handler has made');
  const parts = chain.map((it) => jobData(source, it, handler)).filter((it) => it.received.includes('job.data'));
  const sent = parts.length > 1 ? `[${parts.map((it) => it.sent).join(', ')}]` : parts[0]?.sent;
  const name = sent !== undefined ? `\`${key}:\${JSON.stringify(${sent})}\`` : `${quote}${key}${quote}`;
  const kept = keptNames(handler, call);
  const start = `cached(${name}, ${seconds}, () => `;
  // Only what the handler reads is kept: a driver's result holds much more.
  const end = kept.length > 0 ? `.then(({ ${kept.join(', ')} }) => ({ ${kept.join(', ')} })))` : ')';
  return [
    { start: call.getStart(tree), end: call.getStart(tree), newText: start },
    { start: call.getEnd(), end: call.getEnd(), newText: end },
  ];
}

const bindsOutside = (source: Source, handler: Handler, name: string): boolean =>
  bindingOf(source, name) !== undefined ||
  findAll(source.tree, ts.isVariableDeclaration).some(
    (it) => ts.isIdentifier(it.name) && it.name.text === name && it.parent.parent.parent === source.tree && it.pos < handler.node.pos,
  );

/** Names taken out of the result by destructuring. A result under one name must go into the answer as it is, because the cache gives plain data back. */
function keptNames(handler: Handler, call: ts.CallExpression): string[] {
  let owner: ts.Node = call.parent;
  while (ts.isAwaitExpression(owner) || ts.isParenthesizedExpression(owner)) owner = owner.parent;
  if (ts.isVariableDeclaration(owner) && ts.isObjectBindingPattern(owner.name)) {
    const names = owner.name.elements.map((it) =>
      ts.isIdentifier(it.name) && !it.propertyName && !it.dotDotDotToken && !it.initializer
        ? it.name.text
        : cannot('the result is taken apart in a way that this edit does not know'),
    );
    return names;
  }
  if (ts.isVariableDeclaration(owner) && ts.isIdentifier(owner.name)) {
    const name = owner.name.text;
    const uses = ownNodes(handler.node, ts.isIdentifier).filter(
      (it) => it.text === name && it.parent !== owner && !(ts.isPropertyAccessExpression(it.parent) && it.parent.name === it),
    );
    if (!uses.every((it) => isPlainUse(it))) cannot(`${name} is used for more than the answer`);
    return [];
  }
  if (ts.isCallExpression(owner) && ts.isPropertyAccessExpression(owner.expression) && /^(json|send)$/.test(owner.expression.name.text)) return [];
  return cannot('the result is not kept under a name');
}

/** `res.json(user)`, `if (!user)`, `user === null`. */
function isPlainUse(it: ts.Identifier): boolean {
  const owner = it.parent;
  if (ts.isCallExpression(owner) && owner.arguments.includes(it)) return ts.isPropertyAccessExpression(owner.expression) && /^(json|send)$/.test(owner.expression.name.text);
  if (ts.isPrefixUnaryExpression(owner) && owner.operator === ts.SyntaxKind.ExclamationToken) return true;
  if (ts.isBinaryExpression(owner)) return /^[!=]==?$/.test(owner.operatorToken.getText());
  return ts.isIfStatement(owner) && owner.expression === it;
}

/** Redis in the compose file, where it is missing, and its address for the service. */
async function redisService(workspace: Workspace, sourceFile: string): Promise<FileEdit | null> {
  const compose = await composeFor(workspace, sourceFile);
  if (!compose) return null;
  const { file, text, service } = compose;
  const running = composeOf(file, text).services.find((it) => /(^|\/)(redis|valkey|keydb)\b/.test(imageOf(it)));
  const host = running?.name ?? 'redis';
  return composeEdit(file, text, [
    (it) => addEnvironment(it, serviceNamed(it, file, service), 'REDIS_HOST', host),
    (it) => addDependency(it, serviceNamed(it, file, service), host),
    (it) => {
      if (running) return [];
      const at = serviceNamed(it, file, service);
      return [insertServices(it, at, [serviceLines(it, at, host, [`image: ${VERSIONS.images.redis}`, 'restart: unless-stopped'])])];
    },
  ]);
}
