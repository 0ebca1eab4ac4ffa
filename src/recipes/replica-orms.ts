import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { isGivenTo, methodCallAt, type Routing } from './add-read-replica.ts';
import { constructionAt, type Shape } from './constructions.ts';
import { manifestOf } from './manifest.ts';
import { insertImport, moduleKind } from './modules.ts';
import { insertArgument, insertProperty, objectBehind } from './options.ts';
import { POOL_MAX } from './pools.ts';
import { cannot, textOf } from './recipe.ts';
import { constantOf } from './replica-pool.ts';
import { bare, type Source } from './source.ts';

const PRISMA: readonly Shape[] = [{ form: 'new', names: ['PrismaClient'], options: () => ({ insertAt: 0 }) }];
const EXTENSION = '@prisma/extension-read-replicas';
/** The series that belongs to a major version of Prisma, not the newest one: since 7 it wants clients instead of addresses. */
const EXTENSION_RANGE: Readonly<Record<string, string>> = { 6: '0.4.x' };
/** What a client has no longer once it is extended. */
const LOST = /\.\$(on|use)\(/;

/** `$extends(readReplicas(…))` around Prisma's client, and `$primary()` before reads that must be new. */
export async function prismaReplicas({ workspace, client, stays, address, open, change, depend }: Routing): Promise<void> {
  const source = await open(client.file);
  const { call } = constructionAt(source, PRISMA, client.line);
  const { declaration } = constantOf(source, call);
  const { dependencies } = await manifestOf(workspace, client.file);
  const range =
    EXTENSION_RANGE[/\d+/.exec(dependencies['@prisma/client'] ?? dependencies.prisma ?? '')?.[0] ?? ''] ??
    cannot('the extension for this version of Prisma takes its replicas in another way');
  if (declaration.type) cannot(`${declaration.name.text} has the type of a plain client, which an extended one has not`);
  if (/adapter|datasource/.test(call.getText(source.tree))) cannot('the client gets its address from its own options, not from the schema');
  const { files } = await workspace.list();
  for (const { path } of files.filter((it) => /\.[cm]?[jt]sx?$/.test(it.path)))
    if (LOST.test(await textOf(workspace, path))) cannot(`${path} uses $on or $use, which an extended client does not have`);
  const schema = files.find(({ path }) => /(^|\/)schema\.prisma$/.test(path)) ?? cannot('there is no schema.prisma');
  const variable = /\burl\s*=\s*env\("(\w+)"\)/.exec(await textOf(workspace, schema.path))?.[1] ?? cannot(`${schema.path} does not take its address from env()`);
  // Without a replica's address the primary answers, as before.
  const url = `process.env.${address.variable(variable)} ?? process.env.${variable}`;
  const end = call.getEnd();
  change(source, [{ start: end, end, newText: `.$extends(readReplicas({ url: ${source.typed ? `(${url})!` : url} }))` }, insertImport(source, importOf(source))]);
  depend({ [EXTENSION]: range });
  for (const it of stays) {
    const reader = await open(it.file);
    const read = methodCallAt(reader, it, (_call, access) => /^(find|count|aggregate|groupBy)/.test(access.name.text) && ts.isPropertyAccessExpression(bare(access.expression)));
    const owner = (bare((read.expression as ts.PropertyAccessExpression).expression) as ts.PropertyAccessExpression).expression;
    // A transaction's own client is on the primary already, and has no such method.
    if (!/^\$|\.\$primary\(\)$/.test(owner.getText(reader.tree)) && !isGivenTo(reader, read, /\.\$transaction$/))
      change(reader, [{ start: owner.getEnd(), end: owner.getEnd(), newText: '.$primary()' }]);
  }
}

const importOf = (source: Source): string =>
  moduleKind(source) === 'import'
    ? `import { readReplicas } from ${source.quote}${EXTENSION}${source.quote}${source.semicolon}`
    : `const { readReplicas } = require(${source.quote}${EXTENSION}${source.quote})${source.semicolon}`;

/** `replication` among Sequelize's options, and `useMaster` for reads that must be new. */
export async function sequelizeReplicas({ client, stays, address, open, change }: Routing): Promise<void> {
  const source = await open(client.file);
  const { call, shape } = constructionAt(source, POOL_MAX.sequelize?.shapes ?? [], client.line);
  const args = call.arguments ?? [];
  const where = shape.options(source, args);
  const object = 'at' in where ? objectBehind(source, args[where.at] as ts.Expression) : undefined;
  const host = object?.properties.find((it) => it.name?.getText(source.tree) === 'host');
  if (!object || !host || !ts.isPropertyAssignment(host)) return cannot('the address is not among the options of the client');
  if (object.properties.some((it) => it.name?.getText(source.tree) === 'replication')) cannot('the client has replicas already');
  const other = address.of(host.initializer.getText(source.tree));
  // What both leave out is as the options around them say.
  change(source, insertProperty(source, object, `replication: { write: {}, read: [{ host: ${other} }] }`));
  for (const it of stays) {
    const reader = await open(it.file);
    const read = methodCallAt(reader, it, (_call, access) => /^(find(All|One|ByPk|AndCountAll)|count|sum|max|min)$/.test(access.name.text));
    change(reader, onMaster(reader, read));
  }
}

/** `findByPk(id, options)`, `sum(field, options)`, `findAll(options)`. */
function onMaster(source: Source, call: ts.CallExpression): TextEdit[] {
  const at = /^(findByPk|sum|max|min)$/.test((call.expression as ts.PropertyAccessExpression).name.text) ? 1 : 0;
  const options = call.arguments[at];
  if (!options) return call.arguments.length === at ? insertArgument(source, call, '{ useMaster: true }') : cannot('a read has no arguments to add to');
  const object = bare(options);
  if (!ts.isObjectLiteralExpression(object)) return cannot(`the options of a read in ${source.file} are not an object literal`);
  // In a transaction it is on the primary already.
  if (object.properties.some((it) => /^(transaction|useMaster)$/.test(it.name?.getText(source.tree) ?? ''))) return [];
  return insertProperty(source, object, 'useMaster: true');
}
