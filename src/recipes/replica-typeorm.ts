import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { isGivenTo, methodCallAt, type Routing } from './add-read-replica.ts';
import { constructionAt, type Shape } from './constructions.ts';
import { objectBehind } from './options.ts';
import { cannot } from './recipe.ts';
import { lineAt, type Source } from './source.ts';

const SOURCE: readonly Shape[] = [
  { form: 'new', names: ['DataSource'], options: () => ({ at: 0 }) },
  { form: 'call', names: ['createConnection'], modules: ['typeorm'], options: () => ({ at: 0 }) },
];
/** What a server is reached by. With `replication` TypeORM looks for it there alone. */
const REACHED = ['url', 'host', 'port', 'username', 'password', 'database', 'ssl'];

/** `replication` in place of what leads to the primary. Reads outside of transactions go to the replica: one that must be new has to be asked of a query runner of the primary, which only its author can write. */
export async function typeormReplicas({ client, stays, address, open, change }: Routing): Promise<void> {
  const source = await open(client.file);
  const { call } = constructionAt(source, SOURCE, client.line);
  const [options] = call.arguments ?? [];
  const object = options && objectBehind(source, options);
  if (!object) return cannot('the options of the data source are not an object literal in this file');
  const nameOf = (it: ts.ObjectLiteralElementLike): string => it.name?.getText(source.tree) ?? '';
  if (object.properties.some((it) => nameOf(it) === 'replication')) cannot('the data source has replicas already');
  const reached = object.properties.filter((it): it is ts.PropertyAssignment => ts.isPropertyAssignment(it) && REACHED.includes(nameOf(it)));
  const all = object.properties.filter((it) => REACHED.includes(nameOf(it)));
  const leads = ['url', 'host'].map((name) => reached.find((it) => nameOf(it) === name)).find((it) => it !== undefined);
  if (!leads || reached.length < all.length || object.properties.some(ts.isSpreadAssignment)) return cannot('the address is not among the options of the data source');
  for (const it of stays) {
    const reader = await open(it.file);
    const read = methodCallAt(reader, it, (_call, access) => /^(find|count|exist|sum|average|minimum|maximum|get(Many|One|Count|Raw))/.test(access.name.text));
    // In a transaction it is on the primary already.
    if (!isGivenTo(reader, read, /\.transaction$/)) cannot(`the read at ${it.file}:${it.line} must be new: ask it of createQueryRunner('master').manager first`);
  }
  const text = (it: ts.PropertyAssignment, value: string): string => `${nameOf(it)}: ${value}`;
  const master = reached.map((it) => text(it, it.initializer.getText(source.tree)));
  const slave = reached.map((it) => text(it, it === leads ? address.of(it.initializer.getText(source.tree)) : it.initializer.getText(source.tree)));
  const sides = [`master: { ${master.join(', ')} }`, `slaves: [{ ${slave.join(', ')} }]`];
  change(source, replaced(source, object, reached, `replication: ${asWritten(source, object, reached[0] as ts.Node, sides)}`));
}

/** On lines of their own where the object around them has its properties so. */
function asWritten(source: Source, object: ts.Node, first: ts.Node, properties: readonly string[]): string {
  const { text, tree, eol } = source;
  if (lineAt(source, object.getStart(tree)) === lineAt(source, object.getEnd())) return `{ ${properties.join(', ')} }`;
  const start = first.getStart(tree);
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1))?.[0] ?? '';
  const unit = indent.includes('\t') ? '\t' : '  ';
  return `{${eol}${properties.map((it) => `${indent}${unit}${it},${eol}`).join('')}${indent}}`;
}

/** The first of some properties becomes another one, the others go. Refuses where a comment would go with them. */
function replaced({ text, tree, file }: Source, object: ts.ObjectLiteralExpression, gone: readonly ts.PropertyAssignment[], written: string): TextEdit[] {
  return gone.map((it, index): TextEdit => {
    const start = it.getStart(tree);
    if (index === 0) return { start, end: it.getEnd(), newText: written };
    const at = object.properties.indexOf(it);
    const next = object.properties[at + 1];
    const before = object.properties[at - 1] as ts.ObjectLiteralElementLike;
    // From behind the one before it, so that the comma and the line go with it.
    const range: TextEdit = next ? { start, end: next.getStart(tree), newText: '' } : { start: before.getEnd(), end: it.getEnd(), newText: '' };
    const around = text.slice(range.start, range.end).replace(it.getText(tree), '');
    return /\/[/*]/.test(around) ? cannot(`a comment of ${file} stands among the options that would move`) : range;
  });
}
