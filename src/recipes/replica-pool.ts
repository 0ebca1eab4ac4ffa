import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { methodCallAt, type Routing } from './add-read-replica.ts';
import { databasesOf, drizzleReplicas } from './replica-drizzle.ts';
import { constructionAt, type Construction } from './constructions.ts';
import { bindingOf, importLine, insertImport, moduleKind, resolveSpecifier } from './modules.ts';
import { importedAs } from './names.ts';
import { insertProperty, objectBehind } from './options.ts';
import { POOL_MAX } from './pools.ts';
import { cannot } from './recipe.ts';
import { bare, findAll, type Source } from './source.ts';

/** A second pool of pg behind the first one, with the same options, and the reads on it; Drizzle is led there by its own routing. */
export async function readsOnPool(routing: Routing): Promise<void> {
  const { workspace, client, moves, address, open, change } = routing;
  const source = await open(client.file);
  const [own] = databasesOf(source, { line: client.line });
  // Drizzle makes the pool itself.
  if (own) return drizzleReplicas(routing, source, own, address.of);
  const { call } = constructionAt(source, POOL_MAX.pg?.shapes ?? [], client.line);
  const { declaration, statement } = constantOf(source, call);
  const name = declaration.name.text;
  const second = `${name}Replica`;
  if (new RegExp(`\\b${second}\\b`).test(source.text)) cannot(`${second} is there already`);
  const exported = ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some((it) => it.kind === ts.SyntaxKind.ExportKeyword);
  const listed = exportLists(source, name);
  const type = declaration.type ? `: ${declaration.type.getText(source.tree)}` : '';
  const line = `${exported ? 'export ' : ''}const ${second}${type} = ${elsewhere(source, call, address.of)}${source.semicolon}`;
  const edits: TextEdit[] = [
    {
      start: statement.getEnd(),
      end: statement.getEnd(),
      newText: `${source.eol}${source.eol}/** Answers as of a moment ago: for reads that may be that old. */${source.eol}${line}`,
    },
  ];
  const databases = databasesOf(source, { name });
  if (databases.length > 1) cannot(`${client.file} builds several databases on one pool`);
  if (databases[0]) {
    change(source, edits);
    return drizzleReplicas(routing, source, databases[0], (text) => text.replace(new RegExp(`\\b${name}\\b`), second));
  }
  const { files } = await workspace.list();
  for (const file of [...new Set(moves.map((it) => it.file))]) {
    const reader = await open(file);
    const local = file === client.file ? name : localName(reader, (specifier) => resolveSpecifier(file, specifier, files) === client.file, name);
    const calls = moves
      .filter((it) => it.file === file)
      .map((it) => methodCallAt(reader, it, (_call, access) => access.name.text === 'query' && textOf(reader, access.expression) === local));
    const names = [...new Set(calls)].map((it) => bare((it.expression as ts.PropertyAccessExpression).expression));
    const moved = names.map((it): TextEdit => ({ start: it.getStart(reader.tree), end: it.getEnd(), newText: second }));
    if (file === client.file) edits.push(...moved);
    else {
      change(reader, [...moved, besideImport(reader, local, second)]);
      if (!exported) edits.push(...(listed.length > 0 ? listed.flatMap((it) => it(second)) : cannot(`${client.file} exports ${name} in a way that this edit does not know`)));
    }
  }
  change(source, once(edits));
}

const textOf = (source: Source, it: ts.Expression): string => bare(it).getText(source.tree);

/** Several files want the same export. */
const once = (edits: readonly TextEdit[]): TextEdit[] => edits.filter((it, at) => edits.findIndex((other) => other.start === it.start && other.newText === it.newText) === at);

/** The top-level `const` that keeps a client. */
export function constantOf(source: Source, call: Construction): { declaration: ts.VariableDeclaration & { name: ts.Identifier }; statement: ts.VariableStatement } {
  let owner: ts.Node = call.parent;
  while (ts.isParenthesizedExpression(owner) || ts.isAsExpression(owner) || ts.isSatisfiesExpression(owner)) owner = owner.parent;
  if (!ts.isVariableDeclaration(owner) || !ts.isIdentifier(owner.name) || !ts.isVariableDeclarationList(owner.parent))
    return cannot(`the client in ${source.file} is not a const at the top of its file`);
  const statement = owner.parent.parent;
  if (!ts.isVariableStatement(statement) || statement.parent !== source.tree || owner.parent.declarations.length !== 1)
    return cannot(`the client in ${source.file} is not a const at the top of its file`);
  return { declaration: owner as ts.VariableDeclaration & { name: ts.Identifier }, statement };
}

/** Where a file lists the name among what it exports: `export { pool }`, `module.exports = { pool }`. */
function exportLists(source: Source, name: string): ((other: string) => TextEdit[])[] {
  const lists = source.tree.statements.flatMap((it): ((other: string) => TextEdit[])[] => {
    if (ts.isExportDeclaration(it) && !it.moduleSpecifier && it.exportClause && ts.isNamedExports(it.exportClause)) {
      const own = it.exportClause.elements.find((one) => one.name.text === name && !one.propertyName);
      return own ? [(other) => [{ start: own.getEnd(), end: own.getEnd(), newText: `, ${other}` }]] : [];
    }
    const set = ts.isExpressionStatement(it) && ts.isBinaryExpression(it.expression) ? it.expression : undefined;
    if (set?.left.getText(source.tree) !== 'module.exports' || !ts.isObjectLiteralExpression(set.right)) return [];
    const { right } = set;
    return right.properties.some((one) => ts.isShorthandPropertyAssignment(one) && one.name.text === name) ? [(other) => insertProperty(source, right, other)] : [];
  });
  return lists.slice(0, 1);
}

/** What a file calls the client that another one exports. */
function localName(source: Source, isOf: (specifier: string) => boolean, exported: string): string {
  const names = findAll(source.tree, ts.isIdentifier).flatMap((it) => {
    const from = importedAs(source, it);
    return from && isOf(from.module) && from.member === exported ? [it.text] : [];
  });
  return names[0] ?? cannot(`${source.file} does not have ${exported} by an import`);
}

/** Takes in a second name beside the first one. */
function besideImport(source: Source, local: string, second: string): TextEdit {
  const binding = bindingOf(source, local) ?? cannot(`${source.file} gets ${local} in a way that can’t be followed`);
  const element = binding.element ?? findAll(binding.statement, ts.isBindingElement).find((it) => ts.isIdentifier(it.name) && it.name.text === local);
  if (element) return { start: element.getEnd(), end: element.getEnd(), newText: `, ${second}` };
  return insertImport(source, importLine(source, moduleKind(source), second, binding.specifier));
}

/** The construction with its address led elsewhere. */
function elsewhere(source: Source, call: Construction, lead: (expression: string) => string): string {
  const text = call.getText(source.tree);
  const [options] = call.arguments ?? [];
  const object = options && objectBehind(source, options);
  if (!object) return cannot('the options of the pool are not an object literal in this file');
  const found = ['connectionString', 'host'].map((name) => object.properties.find((it) => it.name?.getText(source.tree) === name)).find((it) => it !== undefined);
  if (!found || !ts.isPropertyAssignment(found)) return cannot('the address is not among the options of the pool');
  const value = found.initializer.getText(source.tree);
  // Options of another constant are taken over, with the address after them.
  if (object !== bare(options)) return text.replace(options.getText(source.tree), `{ ...${options.getText(source.tree)}, ${found.name.getText(source.tree)}: ${lead(value)} }`);
  const at = found.initializer.getStart(source.tree) - call.getStart(source.tree);
  const whole = `${text.slice(0, at)}${lead(value)}${text.slice(at + value.length)}`;
  return withoutComments(whole);
}

/** What is said beside the first pool need not be said twice. */
const withoutComments = (text: string): string => text.replace(/[ \t]*\/\/[^\n]*/g, (it, at: number) => (text.slice(0, at).endsWith(':') ? it : ''));
