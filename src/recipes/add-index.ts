import { ts } from 'ts-morph';
import type { FileEdit } from '../model/edit.ts';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { drizzleTableAt, isDrizzleMigration, onDrizzleTable } from './drizzle-index.ts';
import { indexStatement, migrationFor } from './index-migration.ts';
import { entityAt, inCodeMigrations, isCodeMigration, onEntity, onModel } from './orm-index.ts';
import { bare, findAll, lineAt, parse } from './source.ts';

/** The block of a model, from the line on which it opens: offset behind its last line, and the indentation of its fields. */
function modelAt(text: string, line: number): { body: string; end: number; indent: string } {
  const lines = text.split('\n');
  if (!/^\s*model\s+\w+\s*\{/.test(lines[line - 1] ?? '')) cannot(`line ${line} does not open a Prisma model`);
  const last = lines.findIndex((it, at) => at >= line && /^\s*\}/.test(it));
  if (last < 0) cannot(`the model at line ${line} has no closing brace`);
  const start = lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0);
  const end = lines.slice(0, last).reduce((sum, it) => sum + it.length + 1, 0);
  const body = text.slice(start, end);
  return { body, end, indent: /^([ \t]+)\S/m.exec(body)?.[1] ?? '  ' };
}

/** `@@index([…])` as the last line of the model, behind an empty one where it is the first of its kind. */
function inSchema(file: string, text: string, line: number, fields: readonly string[]): FileEdit {
  const { body, end, indent } = modelAt(text, line);
  const written = `@@index([${fields.join(', ')}])`;
  if (body.replace(/\s/g, '').includes(written.replace(/\s/g, ''))) cannot(`${written} is there already`);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = /^\s*@@/m.test(body) || /\n\s*\n$/.test(body) ? '' : eol;
  return { kind: 'change', file, before: text, edits: [{ start: end, end, newText: `${gap}${indent}${written}${eol}` }] };
}

/** `schema.index({ … })` behind the schema that begins on a line, after its other indexes: Mongoose builds it when the program starts. */
function onSchema(file: string, text: string, line: number, columns: readonly string[]): FileEdit {
  const source = parse(file, text);
  const { tree, eol, quote, semicolon } = source;
  const made = findAll(tree, ts.isVariableDeclaration).filter((it) => {
    const value = it.initializer && bare(it.initializer);
    return (
      value && (ts.isNewExpression(value) || ts.isCallExpression(value)) && /(^|\.)Schema$/.test(value.expression.getText(tree)) && lineAt(source, value.getStart(tree)) === line
    );
  });
  const [only] = made;
  if (!only && !/\bmongoose\b/.test(text)) return cannot(`line ${line} of ${file} declares the table in a way that this edit does not know`);
  if (!only || made.length > 1 || !ts.isIdentifier(only.name)) return cannot(`line ${line} of ${file} does not assign a Mongoose schema to a variable`);
  const name = only.name.text;
  const statement = only.parent.parent;
  if (!ts.isVariableStatement(statement) || statement.parent !== tree || statement.declarationList.declarations.length > 1)
    return cannot(`${name} is not declared by itself at the top of ${file}`);
  const own = tree.statements.filter((it) => ts.isExpressionStatement(it) && it.expression.getText(tree).startsWith(`${name}.index(`));
  const fields = columns.map((it) => (/^[A-Za-z_$][\w$]*$/.test(it) ? `${it}: 1` : `${quote}${it}${quote}: 1`)).join(', ');
  const written = `${name}.index({ ${fields} })`;
  if (text.replace(/\s/g, '').includes(written.replace(/\s/g, ''))) cannot(`${written} is there already`);
  const end = (own.at(-1) ?? statement).getEnd();
  return { kind: 'change', file, before: text, edits: [{ start: end, end, newText: `${eol}${written}${semicolon}` }] };
}

/** An index in the schema that declares a table, and in a migration of its own where the workspace keeps migrations. */
export default {
  id: 'add-index',
  byHand: (args) => `add an index on ${args.table} (${args.columns}) to the schema, with a migration`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const table = textArg(args, 'table');
    const columns = textArg(args, 'columns').split(',');
    const text = await textOf(workspace, file);
    const { files } = await workspace.list();
    const paths = files.map((it) => it.path);
    if (file.endsWith('.prisma')) {
      const provider = await providerOf(file, paths, async (path) => textOf(workspace, path));
      const schema = inSchema(file, text, line, textArg(args, 'fields').split(','));
      const migration = provider === 'mongodb' ? [] : await migrationFor(file, paths, table, columns, provider, (path) => textOf(workspace, path));
      return { edits: [schema, ...migration] };
    }
    if (isCodeMigration(file)) return { edits: await inCodeMigrations(workspace, file, table, columns) };
    if (/\.[cm]?[jt]s$/.test(file)) {
      const source = parse(file, text);
      const entity = entityAt(source, line);
      const drizzle = drizzleTableAt(source, line);
      if (drizzle) return { edits: [await onDrizzleTable(source, drizzle, workspace, table, columns, textArg(args, 'fields').split(','))] };
      return { edits: [entity ? onEntity(source, entity, table, columns) : (onModel(source, line, textArg(args, 'fields').split(',')) ?? onSchema(file, text, line, columns))] };
    }
    if (!/\.sql$/i.test(file)) return cannot(`${file} is neither a Prisma schema nor SQL`);
    if (isDrizzleMigration(file, paths))
      return cannot(`Drizzle runs only migrations that it has generated: add the index to the schema of ${table} in code, and let drizzle-kit generate one`);
    const migration = await migrationFor(file, paths, table, columns, text.includes('`') ? 'mysql' : '', (path) => textOf(workspace, path));
    if (migration.length > 0) return { edits: migration };
    // A schema that is loaded whole, not one of many steps.
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const written = indexStatement(table, columns, text.includes('`') ? 'mysql' : '');
    if (text.includes(written)) return cannot('the index is there already');
    const gap = text.endsWith(eol) || text === '' ? '' : eol;
    return { edits: [{ kind: 'change', file, before: text, edits: [{ start: text.length, end: text.length, newText: `${gap}${eol}${written}${eol}` }] }] };
  },
} satisfies Recipe;

/** The server that a schema is for; a schema of several files says it in one of them. */
async function providerOf(file: string, paths: readonly string[], read: (path: string) => Promise<string>): Promise<string> {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  for (const path of [file, ...paths.filter((it) => it !== file && it.endsWith('.prisma') && it.startsWith(folder))]) {
    const said = /datasource\s+\w+\s*\{[^}]*?provider\s*=\s*"(\w+)"/.exec(await read(path))?.[1];
    if (said) return said;
  }
  return cannot(`no datasource of ${file} names its provider`);
}
