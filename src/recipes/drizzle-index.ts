import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { indexName } from './index-migration.ts';
import { manifestOf } from './manifest.ts';
import { addToImport } from './modules.ts';
import { importedAs } from './names.ts';
import { insertArgument, insertElement, insertProperty } from './options.ts';
import { cannot } from './recipe.ts';
import { bare, findAll, lineAt, type Source } from './source.ts';

/** Of Drizzle's tables: since this minor version of 0.x their third argument gives a list. */
const LISTS_SINCE = 36;

interface DrizzleTable {
  call: ts.CallExpression;
  /** `drizzle-orm/pg-core`. */
  module: string;
}

/** `pgTable('orders', { … })` that begins on a line; `createTable`, where the file makes it. Undefined: there is none. */
export function drizzleTableAt(source: Source, line: number): DrizzleTable | undefined {
  const module = findAll(source.tree, ts.isStringLiteral)
    .filter(({ parent }) => ts.isImportDeclaration(parent) || (ts.isCallExpression(parent) && parent.expression.getText(source.tree) === 'require'))
    .map((it) => it.text)
    .find((it) => /^drizzle-orm\/\w+-core$/.test(it));
  const [call, ...others] = findAll(source.tree, ts.isCallExpression).filter((it) => {
    const [name, columns] = it.arguments;
    const isTable = name && columns && ts.isStringLiteralLike(name) && columnsIn(columns) !== undefined && /Table$/.test(tableFunction(source, it));
    return isTable && lineAt(source, it.getStart(source.tree)) === line;
  });
  return module !== undefined && call && others.length === 0 ? { call, module } : undefined;
}

/** What the table function is called by its library, else by the file. */
function tableFunction(source: Source, { expression }: ts.CallExpression): string {
  const callee = bare(expression);
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText(source.tree);
  return importedAs(source, callee)?.member || name;
}

/** The columns as they are written: an object, or a function that gives one. */
function columnsIn(node: ts.Expression): ts.ObjectLiteralExpression | undefined {
  const value = bare(node);
  if (ts.isObjectLiteralExpression(value)) return value;
  if (!ts.isArrowFunction(value) || ts.isBlock(value.body)) return undefined;
  const given = bare(value.body);
  return ts.isObjectLiteralExpression(given) ? given : undefined;
}

/** `index('orders_customer_id_idx').on(table.customerId)` among the third argument of the table; `drizzle-kit generate` writes its migration. */
export async function onDrizzleTable(
  source: Source,
  { call, module }: DrizzleTable,
  workspace: Workspace,
  table: string,
  columns: readonly string[],
  fields: readonly string[],
): Promise<FileEdit> {
  const { tree, quote } = source;
  const name = indexName(table, columns);
  if (source.text.includes(name)) cannot(`${name} is there already`);
  const declared = columnsIn(call.arguments[1] as ts.Expression);
  for (const field of fields)
    if (!declared?.properties.some((it) => it.name && (ts.isIdentifier(it.name) || ts.isStringLiteral(it.name)) && it.name.text === field && /^[A-Za-z_$][\w$]*$/.test(field)))
      cannot(`${field} is not written among the columns of ${table}`);
  const { local, edits } = indexFunction(source, module);
  const index = (owner: string): string => `${local}(${quote}${name}${quote}).on(${fields.map((it) => `${owner}.${it}`).join(', ')})`;
  const changed = (more: readonly TextEdit[]): FileEdit => ({ kind: 'change', file: source.file, before: source.text, edits: [...edits, ...more] });
  const extra = call.arguments[2] && bare(call.arguments[2]);
  if (!extra) {
    const written = index('table');
    return changed(insertArgument(source, call, (await isListed(source, workspace)) ? `(table) => [${written}]` : `(table) => ({ ${keyOf(name)}: ${written} })`));
  }
  const [owner] = ts.isArrowFunction(extra) ? extra.parameters : [];
  if (!ts.isArrowFunction(extra) || ts.isBlock(extra.body) || !owner || !ts.isIdentifier(owner.name))
    return cannot(`the indexes of ${table} are not written as a list at the table`);
  const body = bare(extra.body);
  const written = index(owner.name.getText(tree));
  if (ts.isArrayLiteralExpression(body)) return changed(insertElement(source, body, written));
  if (!ts.isObjectLiteralExpression(body)) return cannot(`the indexes of ${table} are not written as a list at the table`);
  if (body.properties.some((it) => it.name?.getText(tree) === keyOf(name))) cannot(`${keyOf(name)} already names something else of ${table}`);
  return changed(insertProperty(source, body, `${keyOf(name)}: ${written}`));
}

const keyOf = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_all, letter: string) => letter.toUpperCase());

/** `index` of the same module, under its name in this file. */
function indexFunction(source: Source, module: string): { local: string; edits: TextEdit[] } {
  const names = findAll(source.tree, ts.isIdentifier).filter((it) => !(ts.isPropertyAccessExpression(it.parent) && it.parent.name === it));
  const known = names.find((it) => importedAs(source, it)?.module === module && importedAs(source, it)?.member === 'index');
  if (known) return { local: known.text, edits: [] };
  if (names.some((it) => it.text === 'index' && !ts.isPropertyAssignment(it.parent))) cannot('index already names something else in this file');
  return { local: 'index', edits: addToImport(source, module, 'index') };
}

/** As other tables of the file have it, else as the version wants it. */
async function isListed(source: Source, workspace: Workspace): Promise<boolean> {
  for (const { arguments: given } of findAll(source.tree, ts.isCallExpression)) {
    const extra = given[2] && columnsIn(given[1] as ts.Expression) && bare(given[2]);
    if (extra && ts.isArrowFunction(extra) && !ts.isBlock(extra.body)) return ts.isArrayLiteralExpression(bare(extra.body));
  }
  const { dependencies } = await manifestOf(workspace, source.file);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(dependencies['drizzle-orm'] ?? '') ?? [];
  if (major === undefined) return cannot('it can’t be told which version of Drizzle the table is for');
  return Number(major) > 0 || Number(minor) >= LISTS_SINCE;
}

/** Migrations that Drizzle has generated: it runs those alone that its journal lists. */
export const isDrizzleMigration = (file: string, paths: readonly string[]): boolean => paths.includes(`${file.slice(0, file.lastIndexOf('/') + 1)}meta/_journal.json`);
