import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { type Manifest, manifestOf } from './manifest.ts';
import { insertArgument, insertProperty } from './options.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type FunctionNode, isFunctionNode } from './route-handler.ts';
import { bare, findAll, indentAt, lineAt, parse, type Source } from './source.ts';

/**
 * Turns a read of all rows into a page that `?offset=` asks for: where the query stands in the handler of a route, and its order is told or can be added with certainty.
 * Who asks without an offset gets the first page.
 */
export default {
  id: 'limit-rows',
  byHand: (args) => `at ${placeIn(args)}, order by a unique column and take ${args.most} rows after the last one that the caller has seen`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const most = countArg(args, 'most');
    const source = parse(file, await textOf(workspace, file));
    const call = readAt(source, line);
    const manifest = await manifestOf(workspace, file);
    const asked = offsetAsked(source, call, manifest);
    const paged = await page(source, call, workspace, {
      most,
      offset: asked.name,
      library: typeof args.library === 'string' ? args.library : '',
      key: typeof args.key === 'string' ? args.key : undefined,
    });
    return { edits: [{ kind: 'change', file, before: source.text, edits: [asked.edit, ...paged] }] };
  },
} satisfies Recipe;

interface Page {
  most: number;
  offset: string;
  library: string;
  /** Column of a primary key, where the schema tells it. */
  key: string | undefined;
}

/** The call that asks the store, its chain included, that begins on the line. */
function readAt(source: Source, line: number): ts.CallExpression {
  const found = findAll(source.tree, ts.isAwaitExpression)
    .map((it) => bare(it.expression))
    .filter((it): it is ts.CallExpression => ts.isCallExpression(it) && (lineAt(source, it.getStart(source.tree)) === line || lineAt(source, it.expression.getEnd()) === line));
  if (found.length > 1) cannot(`line ${line} of ${source.file} has more than one awaited call`);
  return found[0] ?? cannot(`line ${line} of ${source.file} has no awaited call`);
}

/** Reads the offset from the request, in a statement before the query's own. */
function offsetAsked(source: Source, call: ts.CallExpression, manifest: Manifest): { name: string; edit: TextEdit } {
  let statement: ts.Node = call;
  while (!(ts.isStatement(statement) && ts.isBlock(statement.parent))) {
    if (isFunctionNode(statement) || ts.isSourceFile(statement)) return cannot('the query is not a statement of its own');
    statement = statement.parent;
  }
  let owner: ts.Node = statement.parent;
  while (!ts.isFunctionLike(owner)) {
    if (ts.isSourceFile(owner) || ts.isIterationStatement(owner, false)) return cannot('the query is not in the handler of a route');
    owner = owner.parent;
  }
  if (!isFunctionNode(owner)) return cannot('the query is not in the handler of a route');
  const query = queryOf(source, owner, manifest);
  const names = new Set(findAll(owner, ts.isIdentifier).map((it) => it.text));
  const name = ['offset', 'firstRow'].find((it) => !names.has(it)) ?? cannot('offset already names something else in this function');
  const start = statement.getStart(source.tree);
  const newText = `const ${name} = Math.max(0, Number.parseInt(String(${query}), 10) || 0)${source.semicolon}${source.eol}${indentAt(source.text, start)}`;
  return { name, edit: { start, end: start, newText } };
}

const ROUTERS: readonly (readonly [name: string, query: (request: string, typed: boolean) => string])[] = [
  ['fastify', (request, typed) => (typed ? `(${request}.query as { offset?: string }).offset` : `${request}.query.offset`)],
  ['koa', (context) => `${context}.query.offset`],
  ['hono', (context) => `${context}.req.query('offset')`],
  ['express', (request) => `${request}.query.offset`],
];

/** `req.query.offset`, in the way of the framework that the function is registered with: the last argument behind a path. */
function queryOf(source: Source, owner: FunctionNode, manifest: Manifest): string {
  const route = owner.parent;
  const [path] = ts.isCallExpression(route) ? route.arguments : [];
  const isRoute = ts.isCallExpression(route) && ts.isPropertyAccessExpression(route.expression) && /^(get|all)$/.test(route.expression.name.text);
  if (!isRoute || route.arguments.at(-1) !== owner || !path || !ts.isStringLiteralLike(path)) return cannot('the query is not in the handler of a GET route');
  const [request] = owner.parameters;
  if (!request || !ts.isIdentifier(request.name)) return cannot('the handler does not name its request parameter');
  const known = ROUTERS.filter(([name]) => name in manifest.dependencies || `@${name}/core` in manifest.dependencies);
  const [only] = known;
  if (known.length !== 1 || !only) return cannot('it can’t be told which framework the route belongs to');
  const { quote } = source;
  return only[1](request.name.text, source.typed).replaceAll("'", quote);
}

async function page(source: Source, call: ts.CallExpression, workspace: Workspace, wanted: Page): Promise<TextEdit[]> {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee)) return cannot('this edit does not know the call that makes the query');
  const name = callee.name.text;
  const [first] = call.arguments;
  if (/^(query|execute)$/.test(name) && first && ts.isStringLiteralLike(bare(first))) return sqlPage(source, call, bare(first) as ts.StringLiteralLike, wanted);
  if (name === 'findMany') return prismaPage(source, call, workspace, wanted);
  if (name === 'findAll') return sequelizePage(source, call, workspace, wanted);
  const chain = chainOf(call);
  if (chain.at(-1)?.name === 'find') return mongoosePage(source, chain, wanted);
  return cannot('this edit does not know the call that makes the query');
}

const UNPAGED = /^\s*select\b(?!.*\b(limit|offset|fetch\s+(first|next)|union|intersect|except|group\s+by|distinct|for\s+(update|share)|into)\b)/is;

/** The page's order is the statement's, or the key that it selects. */
function sqlPage(source: Source, call: ts.CallExpression, literal: ts.StringLiteralLike, { most, offset, library, key }: Page): TextEdit[] {
  const sql = literal.text;
  const isNumbered = library === 'pg';
  // A prepared statement of MySQL takes no number for LIMIT.
  if (!isNumbered && !(library === 'mysql2' && /\.query$/.test(call.expression.getText(source.tree)))) return cannot('how this client marks parameters ($1, ?) can’t be told');
  if (!UNPAGED.test(sql) || /['"\\]/.test(sql)) return cannot('the SQL can’t simply be given LIMIT and OFFSET');
  const columns = /^\s*select\s+(.*?)\s+from\b/is.exec(sql)?.[1] ?? '';
  const selected = columns.split(',').map((it) => it.trim());
  const unique = selected.includes('id') ? 'id' : key !== undefined && (columns === '*' || selected.includes(key)) ? key : undefined;
  const order = /\border\s+by\b/i.test(sql) ? '' : ` ORDER BY ${unique ?? cannot('neither an ORDER BY nor a primary key gives the pages a stable order')}`;
  const [, params] = call.arguments;
  const list = params && bare(params);
  if (call.arguments.length > 2 || (list && (!ts.isArrayLiteralExpression(list) || list.elements.some(ts.isSpreadElement))))
    return cannot('the parameters are not written at the call');
  const count = list && ts.isArrayLiteralExpression(list) ? list.elements.length : 0;
  const used = isNumbered ? Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map((it) => Number(it[1]))) : sql.split('?').length - 1;
  if (used !== count) return cannot('the number of parameters does not match the SQL');
  const end = literal.getEnd() - 1 - (/\s*;?\s*$/.exec(sql)?.[0].length ?? 0);
  const limited: TextEdit = { start: end, end, newText: `${order} LIMIT ${most} OFFSET ${isNumbered ? `$${count + 1}` : '?'}` };
  if (!list) return [limited, ...insertArgument(source, call, `[${offset}]`)];
  const last = (list as ts.ArrayLiteralExpression).elements.at(-1);
  const at = last ? last.getEnd() : list.getStart(source.tree) + 1;
  return [limited, { start: at, end: at, newText: last ? `, ${offset}` : offset }];
}

/** Options of a call that are an object written here, or nothing yet. */
function optionsOf(call: ts.CallExpression): ts.ObjectLiteralExpression | undefined {
  const [first] = call.arguments;
  if (!first) return undefined;
  const node = bare(first);
  if (call.arguments.length > 1 || !ts.isObjectLiteralExpression(node) || node.properties.some(ts.isSpreadAssignment))
    return cannot('the options of the query are not written at the call');
  return node;
}

const nameIn = (object: ts.ObjectLiteralExpression | undefined, name: string): boolean => object?.properties.some((it) => it.name?.getText() === name) ?? false;

function withOptions(source: Source, call: ts.CallExpression, object: ts.ObjectLiteralExpression | undefined, properties: readonly string[]): TextEdit[] {
  return object ? insertProperty(source, object, properties.join(', ')) : insertArgument(source, call, `{ ${properties.join(', ')} }`);
}

async function prismaPage(source: Source, call: ts.CallExpression, workspace: Workspace, { most, offset }: Page): Promise<TextEdit[]> {
  const object = optionsOf(call);
  if (['take', 'skip', 'cursor', 'distinct'].some((it) => nameIn(object, it))) return cannot('the query is a page already');
  const order = nameIn(object, 'orderBy') ? [] : [`orderBy: { ${await prismaKey(call, workspace)}: ${source.quote}asc${source.quote} }`];
  return withOptions(source, call, object, [...order, `skip: ${offset}`, `take: ${most}`]);
}

/** The field that the schema marks with `@id`. */
async function prismaKey(call: ts.CallExpression, workspace: Workspace): Promise<string> {
  const owner = (call.expression as ts.PropertyAccessExpression).expression;
  const model = ts.isPropertyAccessExpression(owner) ? owner.name.text : cannot('it can’t be told which model is read');
  for (const { path } of (await workspace.list()).files) {
    if (!path.endsWith('.prisma')) continue;
    const body = new RegExp(`^\\s*model\\s+${model.charAt(0).toUpperCase()}${model.slice(1)}\\s*\\{([^}]*)\\}`, 'm').exec(await textOf(workspace, path))?.[1];
    const key = body && /^\s*(\w+)\s+\w+.*@id\b/m.exec(body)?.[1];
    if (key) return key;
  }
  return cannot('neither an ORDER BY nor a primary key gives the pages a stable order');
}

async function sequelizePage(source: Source, call: ts.CallExpression, workspace: Workspace, { most, offset }: Page): Promise<TextEdit[]> {
  const object = optionsOf(call);
  if (['limit', 'offset', 'group', 'include'].some((it) => nameIn(object, it))) return cannot('the query can’t simply be given a limit and an offset');
  const { quote } = source;
  const order = nameIn(object, 'order') ? [] : [`order: [[${quote}id${quote}, ${quote}ASC${quote}]]`];
  if (order.length > 0 && (await definesKeys(workspace))) return cannot('neither an ORDER BY nor a primary key gives the pages a stable order');
  return withOptions(source, call, object, [...order, offset === 'offset' ? 'offset' : `offset: ${offset}`, `limit: ${most}`]);
}

/** Sequelize adds an `id` to each model that names no key of its own. */
async function definesKeys(workspace: Workspace): Promise<boolean> {
  for (const { path } of (await workspace.list()).files) {
    const read = /\.([cm]?[jt]s|[jt]sx)$/.test(path) ? await workspace.read(path) : undefined;
    if (read && 'text' in read && /primaryKey\s*:|@PrimaryKey/.test(read.text)) return true;
  }
  return false;
}

interface Link {
  name: string;
  call: ts.CallExpression;
}

/** The calls of `Model.find().sort().lean()`, the last one first. */
function chainOf(call: ts.CallExpression): Link[] {
  if (!ts.isPropertyAccessExpression(call.expression)) return [];
  const link = { name: call.expression.name.text, call };
  const before = bare(call.expression.expression);
  return ts.isCallExpression(before) ? [link, ...chainOf(before)] : [link];
}

function mongoosePage(source: Source, chain: readonly Link[], { most, offset }: Page): TextEdit[] {
  const names = chain.map((it) => it.name);
  if (names.some((it) => !/^(find|sort|lean|select|populate|exec|where|collation|hint)$/.test(it))) return cannot('the query can’t simply be given a limit and an offset');
  const target = chain.find((it) => it.name !== 'exec') as Link;
  const at = target.call.getEnd();
  const newText = `${names.includes('sort') ? '' : '.sort({ _id: 1 })'}.skip(${offset}).limit(${most})`;
  if (source.text.slice(target.call.getStart(source.tree), at).includes('toArray')) return cannot('the query reads a cursor of the driver');
  return [{ start: at, end: at, newText }];
}
