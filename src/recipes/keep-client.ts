import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { callOn, holdsAtTop, type LocalClient, localClientAt, statementOf, withoutStatement } from './local-client.ts';
import { exchangeImport, importLine, moduleKind } from './modules.ts';
import { importedAs, libraryName } from './names.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, parse, type Source } from './source.ts';

const ENDS = /^(end|close|destroy|quit|disconnect|\$disconnect)$/;
/** What a single connection does that a pool can't do for it. */
const OF_SESSION = /^(beginTransaction|commit|rollback|changeUser|on|once|release|destroy)$/;
const TRANSACTION = /\b(begin|start transaction|commit|rollback|savepoint|set\s+(local|session)|create\s+temp)/i;

/** A single connection, and the pool of the same library. */
interface Single {
  pool: string;
  acquire: string;
}
const SINGLES: Readonly<Record<string, Single>> = {
  'pg Client': { pool: 'Pool', acquire: 'connect' },
  'mysql2 createConnection': { pool: 'createPool', acquire: 'getConnection' },
};

/** Moves the client that a function makes for itself to the top of its file: one per process. A single connection becomes a pool that it is taken from. */
export default {
  id: 'keep-client',
  byHand: (args) => `make the client of ${placeIn(args)} once, at the top of a module, and share it`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const library = textArg(args, 'library');
    const source = parse(file, await textOf(workspace, file));
    const local = localClientAt(source, line);
    for (const argument of local.construction.arguments ?? [])
      if (!holdsAtTop(source, argument, local.top)) cannot('the options of the client depend on values inside the function');
    const made = libraryName(source, local.construction.expression) ?? '';
    if (library.startsWith('mysql') && importedAs(source, local.construction.expression)?.module !== 'mysql2/promise') cannot('its connections work by callbacks');
    const single = SINGLES[`${library} ${made}`];
    const edits = single ? pooled(source, local, single, made) : hoisted(source, local);
    return { edits: [{ kind: 'change', file, before: source.text, edits }] };
  },
} satisfies Recipe;

/** The statement that holds the function gets the declaration before it. */
function declare(source: Source, { top }: LocalClient, declaration: string): TextEdit {
  const at = ts.getLeadingCommentRanges(source.text, top.getFullStart())?.[0]?.pos ?? top.getStart(source.tree);
  return { start: at, end: at, newText: `${declaration}${source.eol}${source.eol}` };
}

const textIn = (source: Source, node: ts.Node): string => source.text.slice(node.getStart(source.tree), node.getEnd());

/** The same client for all: it is never closed by one of them. */
function hoisted(source: Source, local: LocalClient): TextEdit[] {
  const ends = local.uses.filter((it) => callOn(it, ENDS));
  const statements = ends.map((it) => statementOf(it, ENDS) ?? cannot(`${local.name} is closed inside an expression`));
  if (/^create(Client|Cluster)$/.test(libraryName(source, local.construction.expression) ?? '') && local.uses.some((it) => callOn(it, /^connect$/)))
    cannot('a client that is connected already cannot be connected again');
  if (ts.isAwaitExpression(local.construction.parent)) cannot('the client is made by an awaited call');
  return [declare(source, local, textIn(source, local.statement)), ...withoutStatement(source, local.statement), ...statements.flatMap((it) => withoutStatement(source, it))];
}

/** A pool at the top; here a connection of it, given back where it was closed, or the pool itself where single statements are all there is. */
function pooled(source: Source, local: LocalClient, single: Single, made: string): TextEdit[] {
  const name =
    ['pool', 'connectionPool', 'sharedPool'].find((it) => !findAll(source.tree, ts.isIdentifier).some((one) => one.text === it)) ?? cannot('every name for the pool is taken');
  const { construction, uses, statement } = local;
  const others = uses.filter((it) => !callOn(it, /./));
  if (others.length > 0) cannot(`${local.name} is passed on, so it can’t be told who closes it`);
  if (uses.some((it) => callOn(it, /^(on|once|destroy|changeUser)$/))) cannot(`${local.name} is used for more than queries`);
  const connects = uses.filter((it) => callOn(it, /^connect$/)).map((it) => statementOf(it, /^connect$/) ?? cannot('its connect() is not a statement of its own'));
  const ends = uses.filter((it) => callOn(it, ENDS)).map((it) => statementOf(it, ENDS) ?? cannot('its end() is not a statement of its own'));
  const isGivenBack = ends.length === 1 && isInFinally(ends[0] as ts.Statement);
  const isSession =
    uses.some((it) => callOn(it, OF_SESSION)) || uses.some((it) => TRANSACTION.test((callOn(it, /./)?.arguments ?? []).map((arg) => textIn(source, arg)).join(' ')));
  if (isSession && !isGivenBack) cannot('its transaction does not release the connection in `finally`: after an error the pool would have one fewer for ever');
  const declaration = `const ${name} = ${poolText(source, construction, single)}${source.semicolon}`;
  const start = [declare(source, local, declaration), ...importOf(source, construction, single, made), ...connects.flatMap((it) => withoutStatement(source, it))];
  if (isGivenBack) {
    const value = local.statement.declarationList.declarations[0]?.initializer as ts.Expression;
    const [end] = ends as [ts.ExpressionStatement];
    return [
      ...start,
      { start: value.getStart(source.tree), end: value.getEnd(), newText: `await ${name}.${single.acquire}()` },
      { start: end.expression.getStart(source.tree), end: end.expression.getEnd(), newText: `${local.name}.release()` },
    ];
  }
  const gone = new Set([...connects, ...ends]);
  const queries = uses.filter((it) => ![...gone].some((one) => one.pos <= it.pos && it.end <= one.end));
  if (queries.some((it) => !callOn(it, /^(query|execute)$/))) cannot(`${local.name} does more than query`);
  return [
    ...start,
    ...withoutStatement(source, statement),
    ...ends.flatMap((it) => withoutStatement(source, it)),
    ...queries.map((it) => ({ start: it.getStart(source.tree), end: it.getEnd(), newText: name })),
  ];
}

/** `new pg.Client(options)` → `new pg.Pool(options)`; a name that is imported by itself follows its import. */
function poolText(source: Source, construction: LocalClient['construction'], { pool }: Single): string {
  const callee = construction.expression;
  const named = ts.isPropertyAccessExpression(callee) ? `${textIn(source, callee.expression)}.${pool}` : pool;
  const args = source.text.slice(callee.getEnd(), construction.getEnd()) || '()';
  return `${ts.isNewExpression(construction) ? 'new ' : ''}${named}${args}`;
}

function importOf(source: Source, construction: LocalClient['construction'], { pool }: Single, made: string): TextEdit[] {
  const callee = construction.expression;
  if (!ts.isIdentifier(callee)) return [];
  const module = importedAs(source, callee)?.module ?? cannot(`where ${made} comes from is not written in this file`);
  const bound = findAll(source.tree, ts.isIdentifier).some((it) => it.text === pool);
  return exchangeImport(source, bound ? null : importLine(source, moduleKind(source), pool, module), { name: callee.text, usesRemoved: 1 });
}

function isInFinally(it: ts.Statement): boolean {
  for (let node: ts.Node = it; node.parent && !ts.isFunctionLike(node); node = node.parent) if (ts.isTryStatement(node.parent) && node.parent.finallyBlock === node) return true;
  return false;
}
