import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { following, indexName } from './index-migration.ts';
import { addToImport, folderOf, moduleKind } from './modules.ts';
import { importedAs } from './names.ts';
import { insertArgument, insertElement, insertProperty, objectBehind } from './options.ts';
import { cannot, textOf } from './recipe.ts';
import { bare, findAll, lineAt, parse, type Source } from './source.ts';

const plain = (name: string): string => name.replace(/\W+/g, '_');
const listed = ({ quote }: Source, names: readonly string[]): string => `[${names.map((it) => `${quote}${it}${quote}`).join(', ')}]`;

/** A migration in code, among which the one that made a table stands. */
export const isCodeMigration = (path: string): boolean => /(^|\/)migrations?\/[^/]+\.[cm]?[jt]s$/.test(path);

/** A migration behind the last one of its folder, in the words of its tool, and the entity of TypeORM that has to know of it, or else its next generated migration takes the index away. */
export async function inCodeMigrations(workspace: Workspace, file: string, table: string, columns: readonly string[]): Promise<FileEdit[]> {
  const { files } = await workspace.list();
  const folder = folderOf(file);
  const last = files
    .map((it) => it.path)
    .filter((it) => folderOf(it) === folder && /^\d+[^/]*\.[cm]?[jt]s$/.test(it.slice(folder.length + 1)) && !/\.d\.ts$/.test(it))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  const [, digits, mark = '-'] = /^(\d+)([-_.])?/.exec(last?.slice(folder.length + 1) ?? '') ?? [];
  if (last === undefined || digits === undefined) return cannot(`the migrations of ${folder} are not named by number or time`);
  const source = parse(last, await textOf(workspace, last));
  const number = following(digits);
  const extension = /\.[cm]?[jt]s$/.exec(last)?.[0] ?? '.js';
  const path = `${folder}/${number}${mark}index-${plain(table)}-${columns.map(plain).join('-')}${extension}`;
  const isTyped = /ts$/.test(extension);
  if (/\bqueryRunner\b|MigrationInterface/.test(source.text))
    return [{ kind: 'create', file: path, text: ofTypeOrm(source, isTyped, number, table, columns) }, ...(await onEntityOf(workspace, table, columns))];
  if (/\bqueryInterface\b/.test(source.text)) return [{ kind: 'create', file: path, text: ofSequelize(source, isTyped, table, columns) }];
  return cannot(`this edit does not know the format of the migrations of ${folder}`);
}

const inStyle = ({ quote, semicolon, eol }: Source, lines: readonly string[]): string => lines.map((it) => it.replace(/;$/, semicolon).replaceAll("'", quote)).join(eol);

function ofTypeOrm(source: Source, isTyped: boolean, number: string, table: string, columns: readonly string[]): string {
  const isImport = moduleKind(source) === 'import';
  const name = `Index${[table, ...columns].map((it) => plain(it).replace(/(^|_)([a-z])/gi, (_all, _mark, letter: string) => letter.toUpperCase())).join('')}${number}`;
  const index = indexName(table, columns);
  const [runner, nothing] = isTyped ? ['queryRunner: QueryRunner', ': Promise<void>'] : ['queryRunner', ''];
  return inStyle(source, [
    isTyped
      ? "import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';"
      : isImport
        ? "import { TableIndex } from 'typeorm';"
        : "const { TableIndex } = require('typeorm');",
    '',
    `${isImport ? 'export ' : 'module.exports = '}class ${name}${isTyped ? ' implements MigrationInterface' : ''} {`,
    `  ${isTyped ? 'public ' : ''}async up(${runner})${nothing} {`,
    `    await queryRunner.createIndex('${table}', new TableIndex({ name: '${index}', columnNames: ${listed({ ...source, quote: "'" }, columns)} }));`,
    '  }',
    '',
    `  ${isTyped ? 'public ' : ''}async down(${runner})${nothing} {`,
    `    await queryRunner.dropIndex('${table}', '${index}');`,
    '  }',
    '}',
    '',
  ]);
}

function ofSequelize(source: Source, isTyped: boolean, table: string, columns: readonly string[]): string {
  const isImport = moduleKind(source) === 'import';
  const names = listed({ ...source, quote: "'" }, columns);
  const tool = isTyped ? 'queryInterface: QueryInterface' : 'queryInterface';
  const options = `{ name: '${indexName(table, columns)}' }`;
  const [up, down] = [`await queryInterface.addIndex('${table}', ${names}, ${options});`, `await queryInterface.removeIndex('${table}', '${indexName(table, columns)}');`];
  const body = isImport
    ? [`export async function up(${tool}) {`, `  ${up}`, '}', '', `export async function down(${tool}) {`, `  ${down}`, '}']
    : ['module.exports = {', `  async up(${tool}) {`, `    ${up}`, '  },', '', `  async down(${tool}) {`, `    ${down}`, '  },', '};'];
  return inStyle(source, [
    ...(isTyped ? ["import type { QueryInterface } from 'sequelize';", ''] : /^['"]use strict['"]/.test(source.text) ? ["'use strict';", ''] : []),
    ...body,
    '',
  ]);
}

/** `@Index` on the class that is the table's entity; none where no class, or more than one, says so. */
async function onEntityOf(workspace: Workspace, table: string, columns: readonly string[]): Promise<FileEdit[]> {
  const { files } = await workspace.list();
  const found: { source: Source; entity: ts.ClassDeclaration }[] = [];
  for (const { path } of files.filter((it) => /\.[cm]?ts$/.test(it.path) && !/\.d\.ts$/.test(it.path))) {
    const text = await textOf(workspace, path);
    if (!text.includes('@Entity(')) continue;
    const source = parse(path, text);
    for (const entity of findAll(source.tree, ts.isClassDeclaration)) if (tableOf(source, entity) === table) found.push({ source, entity });
  }
  const [only] = found;
  return only && found.length === 1 ? [onEntity(only.source, only.entity, table, columns)] : [];
}

/** What `@Entity` calls the table; TypeORM's own name for it where it says none. */
function tableOf(source: Source, entity: ts.ClassDeclaration): string | undefined {
  const call = (ts.getDecorators(entity) ?? [])
    .map((it) => it.expression)
    .find((it): it is ts.CallExpression => ts.isCallExpression(it) && it.expression.getText(source.tree) === 'Entity');
  if (!call) return undefined;
  const [first] = call.arguments;
  if (first && ts.isStringLiteralLike(first)) return first.text;
  const name = first && objectBehind(source, first)?.properties.find((it) => it.name?.getText(source.tree) === 'name');
  if (name && ts.isPropertyAssignment(name)) return ts.isStringLiteralLike(name.initializer) ? name.initializer.text : undefined;
  return entity.name?.text.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}

/** The entity whose `@Entity` stands on a line. */
export function entityAt(source: Source, line: number): ts.ClassDeclaration | undefined {
  return findAll(source.tree, ts.isClassDeclaration).find((it) =>
    (ts.getDecorators(it) ?? []).some((one) => {
      if (lineAt(source, one.getStart(source.tree)) !== line || !ts.isCallExpression(one.expression)) return false;
      return importedAs(source, one.expression.expression)?.member === 'Entity';
    }),
  );
}

/** `@Index('name', ['property'])` behind the decorators of an entity. */
export function onEntity(source: Source, entity: ts.ClassDeclaration, table: string, columns: readonly string[]): FileEdit {
  const properties = columns.map((it) => propertyOf(source, entity, it));
  const last = (ts.getDecorators(entity) ?? []).at(-1) ?? cannot(`the entity of ${source.file} has no decorators`);
  const indent = /[ \t]*$/.exec(source.text.slice(0, last.getStart(source.tree)))?.[0] ?? '';
  const names = listed(source, properties);
  if (source.text.replace(/\s/g, '').includes(`@Index(${names}`.replace(/\s/g, ''))) cannot(`an index on ${properties.join(', ')} is there already`);
  const edits: TextEdit[] = [
    { start: last.getEnd(), end: last.getEnd(), newText: `${source.eol}${indent}@Index(${source.quote}${indexName(table, columns)}${source.quote}, ${names})` },
    ...imported(source),
  ];
  return { kind: 'change', file: source.file, before: source.text, edits };
}

/** The property that holds a column: of a relation it is the relation itself. */
function propertyOf(source: Source, entity: ts.ClassDeclaration, column: string): string {
  for (const it of entity.members.filter(ts.isPropertyDeclaration)) {
    const name = it.name.getText(source.tree);
    const said = (ts.getDecorators(it) ?? []).map((one) => one.getText(source.tree)).join(' ');
    const own = /name:\s*(['"`])([^'"`]+)\1/.exec(said)?.[2];
    const usual = /@(ManyToOne|OneToOne)\b/.test(said) ? `${name}Id` : name;
    if (/@(\w*Column|ManyToOne|OneToOne)\b/.test(said) && (own ?? usual) === column) return name;
  }
  return cannot(`no property of ${entity.name?.text ?? 'the entity'} is the column ${column}`);
}

/** `Index`, beside what the file takes from TypeORM already. */
const imported = (source: Source): TextEdit[] =>
  findAll(source.tree, ts.isImportSpecifier).some((it) => it.name.text === 'Index' && importedAs(source, it.name)?.module === 'typeorm')
    ? []
    : addToImport(source, 'typeorm', 'Index');

/** `indexes: [{ fields: [ … ] }]` among the options of `define` or `init` on a line; undefined where there is no such call. */
export function onModel(source: Source, line: number, columns: readonly string[]): FileEdit | undefined {
  const calls = findAll(source.tree, ts.isCallExpression).filter(
    (it) => ts.isPropertyAccessExpression(it.expression) && /^(define|init)$/.test(it.expression.name.text) && lineAt(source, it.getStart(source.tree)) === line,
  );
  const [call] = calls;
  if (!call || calls.length > 1) return undefined;
  const at = (call.expression as ts.PropertyAccessExpression).name.text === 'define' ? 2 : 1;
  const entry = `{ fields: ${listed(source, columns)} }`;
  const options = call.arguments[at];
  const edits = ((): TextEdit[] => {
    if (!options)
      return call.arguments.length === at ? insertArgument(source, call, `{ indexes: [${entry}] }`) : cannot('the attributes of the model are not an object literal there');
    const object = bare(options);
    if (!ts.isObjectLiteralExpression(object)) return cannot('the options of the model are not an object literal there');
    const indexes = object.properties.find((it) => it.name?.getText(source.tree) === 'indexes');
    if (!indexes) return insertProperty(source, object, `indexes: [${entry}]`);
    const list = ts.isPropertyAssignment(indexes) ? bare(indexes.initializer) : undefined;
    if (!list || !ts.isArrayLiteralExpression(list)) return cannot('the indexes of the model are not a list there');
    return insertElement(source, list, entry);
  })();
  return { kind: 'change', file: source.file, before: source.text, edits };
}
