import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { isGivenTo, methodCallAt, type Routing } from './add-read-replica.ts';
import { importLine, insertImport, moduleKind } from './modules.ts';
import { importedAs } from './names.ts';
import { cannot } from './recipe.ts';
import { bare, coversLine, findAll, type Source } from './source.ts';

const CORE = 'drizzle-orm/pg-core';

/** Calls of Drizzle's `drizzle` that take in a client by its name, or stand on a line themselves. */
export function databasesOf(source: Source, { name, line }: { name?: string; line?: number }): ts.CallExpression[] {
  return findAll(source.tree, ts.isCallExpression).filter((it) => {
    const from = importedAs(source, it.expression);
    if (!from?.module.startsWith('drizzle-orm/') || from.member !== 'drizzle') return false;
    if (line !== undefined) return coversLine(source, it, line);
    return it.arguments.some((arg) => (ts.isIdentifier(bare(arg)) ? bare(arg).getText(source.tree) === name : findAll(arg, ts.isIdentifier).some((one) => one.text === name)));
  });
}

/** `withReplicas` around a database and its twin at the replica, and `$primary` before reads that must be new. */
export async function drizzleReplicas({ stays, open, change }: Routing, source: Source, database: ts.CallExpression, lead: (text: string) => string): Promise<void> {
  const text = database.getText(source.tree);
  if (/withReplicas/.test(source.text)) cannot(`${source.file} has replicas already`);
  const [start, end] = [database.getStart(source.tree), database.getEnd()];
  change(source, [{ start, end: start, newText: 'withReplicas(' }, { start: end, end, newText: `, [${lead(text)}])` }, imported(source)]);
  for (const it of stays) {
    const reader = await open(it.file);
    const read = methodCallAt(reader, it, (_call, access) => /^(select(Distinct(On)?)?|\$count|find(Many|First))$/.test(access.name.text));
    // In a transaction it is on the primary already.
    if (!isGivenTo(reader, read, /\.transaction$/)) change(reader, primaryBefore(read));
  }
}

/** `withReplicas`, beside what the file takes from there already. */
function imported(source: Source): TextEdit {
  const names = findAll(source.tree, (it): it is ts.ImportSpecifier | ts.BindingElement => ts.isImportSpecifier(it) || ts.isBindingElement(it));
  const beside = names.findLast((it) => ts.isIdentifier(it.name) && importedAs(source, it.name)?.module === CORE);
  if (beside) return { start: beside.getEnd(), end: beside.getEnd(), newText: ', withReplicas' };
  return insertImport(source, importLine(source, moduleKind(source), 'withReplicas', CORE));
}

/** `db.select()`, `db.query.users.findMany()`: what the chain begins with. */
function primaryBefore(read: ts.CallExpression): TextEdit[] {
  let root: ts.Expression = read;
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root)) root = bare(root.expression);
  if (!ts.isIdentifier(root)) return cannot('a read is called on an expression, not on a variable');
  return [{ start: root.getEnd(), end: root.getEnd(), newText: '.$primary' }];
}
