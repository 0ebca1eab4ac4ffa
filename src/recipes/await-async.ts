import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { bindingOf, exchangeImport, importLine, insertImport, type ModuleKind, moduleKind } from './modules.ts';
import { importedAs } from './names.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { isFunctionNode } from './route-handler.ts';
import { bare, findAll, lineAt, parse, type Source } from './source.ts';

/** How a function's other form is had: beside it with a promise; from a module of promises; or by `promisify`, with what has to stand for arguments that are left out. */
type Form = { by: 'own' } | { by: 'promises' } | { by: 'promisify'; least?: number };
const FORMS: Readonly<Record<string, readonly (readonly [name: RegExp, form: Form])[]>> = {
  bcrypt: [[/^(hash|compare)Sync$/, { by: 'own' }]],
  bcryptjs: [[/^(hash|compare)Sync$/, { by: 'own' }]],
  '@node-rs/bcrypt': [[/^(hash|compare|verify)Sync$/, { by: 'own' }]],
  '@node-rs/argon2': [[/^(hash|verify)Sync$/, { by: 'own' }]],
  fs: [[/^(readFile|writeFile|appendFile|copyFile|cp|rm|readdir)Sync$/, { by: 'promises' }]],
  crypto: [
    [/^(pbkdf2|generateKeyPair)Sync$/, { by: 'promisify' }],
    [/^scryptSync$/, { by: 'promisify', least: 4 }],
  ],
  zlib: [[/^(gzip|gunzip|deflate|inflate|deflateRaw|inflateRaw|unzip|brotliCompress|brotliDecompress)Sync$/, { by: 'promisify' }]],
};

/** Takes the form of a call that doesn't block, and awaits it: where the function around it may wait. */
export default {
  id: 'await-async',
  byHand: (args) => `at ${placeIn(args)}, await the asynchronous form, and let all callers of the function await it, too`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const source = parse(file, await textOf(workspace, file));
    const { call, module, member, form } = blockingAt(source, line);
    refuseUnwaiting(call, line);
    const { callee, edits } = named(source, call, module, member, form);
    const isLeftOut = form.by === 'promisify' && form.least !== undefined && call.arguments.length < form.least;
    const [open, close] = isReachedInto(call) ? ['(', ')'] : ['', ''];
    const insertions = [
      { at: call.arguments.end, newText: isLeftOut ? ', {}' : '' },
      { at: call.getEnd(), newText: close },
    ].flatMap(({ at, newText }) => (newText ? [{ start: at, end: at, newText }] : []));
    const asked = { start: call.getStart(source.tree), end: call.expression.getEnd(), newText: `${open}await ${callee}` };
    return { edits: [{ kind: 'change', file, before: source.text, edits: [...edits, asked, ...insertions] }] };
  },
} satisfies Recipe;

interface Blocking {
  call: ts.CallExpression;
  module: string;
  /** As the module calls it. */
  member: string;
  form: Form;
}

function blockingAt(source: Source, line: number): Blocking {
  const found = findAll(source.tree, ts.isCallExpression).flatMap((call): Blocking[] => {
    const from = importedAs(source, call.expression);
    const member = from?.member.split('.').at(-1) ?? '';
    const form = from && FORMS[from.module.replace(/^node:/, '')]?.find(([name]) => name.test(member))?.[1];
    return from && form && lineAt(source, call.getStart(source.tree)) === line ? [{ call, module: from.module, member, form }] : [];
  });
  if (found.length > 1) cannot(`line ${line} of ${source.file} has more than one such call`);
  return found[0] ?? cannot(`line ${line} of ${source.file} has no call with an asynchronous form`);
}

function refuseUnwaiting(call: ts.CallExpression, line: number): void {
  let owner: ts.Node = call.parent;
  while (!ts.isFunctionLike(owner) && !ts.isSourceFile(owner) && !ts.isClassStaticBlockDeclaration(owner) && !ts.isPropertyDeclaration(owner)) owner = owner.parent;
  const isAsync = isFunctionNode(owner) && owner.modifiers?.some((it) => it.kind === ts.SyntaxKind.AsyncKeyword);
  if (!isAsync) cannot(`the function around line ${line} is not async: all its callers would have to wait for it`);
  for (let it: ts.Node = call; it !== owner; it = it.parent) if (ts.isParameter(it)) cannot('the default value of a parameter can’t await');
}

/** Something of its result is asked for at once, or it is negated: `!(await …)` as everybody writes it. */
const isReachedInto = ({ parent }: ts.CallExpression): boolean =>
  ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isNonNullExpression(parent) || ts.isPrefixUnaryExpression(parent);

/** What the call is to call, and what the file has to take in for it. */
function named(source: Source, { expression }: ts.CallExpression, module: string, member: string, form: Form): { callee: string; edits: TextEdit[] } {
  const other = member.replace(/Sync$/, '');
  const callee = bare(expression);
  const owner = ts.isPropertyAccessExpression(callee) ? callee.expression.getText(source.tree) : undefined;
  if (owner !== undefined && form.by === 'own') return { callee: `${owner}.${other}`, edits: [] };
  if (owner !== undefined && form.by === 'promises') return { callee: `${owner}.promises.${other}`, edits: [] };
  const kind = moduleKind(source);
  const local = ts.isIdentifier(callee) ? callee.text : undefined;
  if (form.by === 'promisify') return promisified(source, kind, { owner, local, module, other });
  const from = form.by === 'promises' ? `${module}/promises` : module;
  const known = nameOfImport(source, from, other);
  const name = known ?? freeName(source, other);
  const line = known === undefined ? importOf(source, kind, other, name, from) : null;
  return { callee: name, edits: exchangeImport(source, line, { name: local ?? cannot(`it can’t be told where ${member} is imported from`), usesRemoved: 1 }) };
}

interface Promisable {
  owner: string | undefined;
  local: string | undefined;
  module: string;
  other: string;
}

/** `const pbkdf2Async = promisify(pbkdf2);` behind the imports: once in a file. */
function promisified(source: Source, kind: ModuleKind, { owner, local, module, other }: Promisable): { callee: string; edits: TextEdit[] } {
  const { eol, semicolon } = source;
  const taken = namesIn(source);
  const made = findAll(source.tree, ts.isVariableDeclaration).find((it) => it.parent.parent.parent === source.tree && isPromisified(source, it, module, other));
  if (made && ts.isIdentifier(made.name)) {
    const edits = local === undefined ? [] : exchangeImport(source, null, { name: local, usesRemoved: 1 });
    return { callee: made.name.text, edits };
  }
  const name = `${other}Async`;
  if (taken.has(name)) cannot(`${name} already names something else in this file`);
  const lines: string[] = [];
  const util = nameOfImport(source, module.startsWith('node:') ? 'node:util' : 'util', 'promisify');
  if (util === undefined && taken.has('promisify')) cannot('promisify already names something else in this file');
  if (util === undefined) lines.push(importLine(source, kind, 'promisify', module.startsWith('node:') ? 'node:util' : 'util'));
  const known = owner === undefined ? nameOfImport(source, module, other) : `${owner}.${other}`;
  const plain = known ?? freeName(source, other);
  if (known === undefined) lines.unshift(importOf(source, kind, other, plain, module));
  const imported = lines.length > 0 ? lines.join(eol) : null;
  const exchanged = local === undefined ? (imported === null ? [] : [insertImport(source, imported)]) : exchangeImport(source, imported, { name: local, usesRemoved: 1 });
  const { start: at } = insertImport(source, '');
  const declared = `${eol}${eol}const ${name} = ${util ?? 'promisify'}(${plain})${semicolon}`;
  if (exchanged.some((it) => it.start < at && it.end > at)) cannot('its import is the last one of the file');
  const behind = exchanged.find((it) => it.start === at && it.end === at);
  if (behind) return { callee: name, edits: exchanged.map((it) => (it === behind ? { ...it, newText: `${it.newText}${declared}` } : it)) };
  return { callee: name, edits: [...exchanged, { start: at, end: at, newText: declared }] };
}

const isPromisified = (source: Source, { initializer }: ts.VariableDeclaration, module: string, other: string): boolean => {
  if (!initializer || !ts.isCallExpression(initializer) || importedAs(source, initializer.expression)?.member !== 'promisify') return false;
  const [given] = initializer.arguments;
  const from = given && importedAs(source, given);
  return from?.module.replace(/^node:/, '') === module.replace(/^node:/, '') && from.member === other;
};

const namesIn = (source: Source): Set<string> => new Set(findAll(source.tree, ts.isIdentifier).map((it) => it.text));

/** Its name in this file, where it is taken in already. */
function nameOfImport(source: Source, module: string, member: string): string | undefined {
  for (const it of findAll(source.tree, ts.isIdentifier)) {
    if (ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) continue;
    const from = importedAs(source, it);
    if (from?.module.replace(/^node:/, '') === module.replace(/^node:/, '') && from.member === member && bindingOf(source, it.text)) return it.text;
  }
  return undefined;
}

/** Names are often those of results: `const hash = …`. */
function freeName(source: Source, wanted: string): string {
  const taken = namesIn(source);
  return [wanted, `${wanted}Async`].find((it) => !taken.has(it)) ?? cannot(`${wanted} already names something else in this file`);
}

const importOf = (source: Source, kind: ModuleKind, member: string, name: string, module: string): string =>
  importLine(source, kind, member === name ? name : kind === 'import' ? `${member} as ${name}` : `${member}: ${name}`, module);
