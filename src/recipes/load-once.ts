import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, lineAt, parse, type Source } from './source.ts';

const NAME = 'loadOnce';

/** Puts one load around the call that fills a key: `await read()` becomes `await loadOnce(key, () => read())`, with the function for it in the same file. */
export default {
  id: 'load-once',
  byHand: (args) => `keep the promise of the load at ${placeIn(args)} by its key until it is settled, and let all others await that`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const column = countArg(args, 'column');
    const source = parse(file, await textOf(workspace, file));
    const call = callAt(source, line, column);
    const key = `${source.quote}${textArg(args, 'key').replaceAll('\\', '\\\\').replaceAll(source.quote, `\\${source.quote}`)}${source.quote}`;
    if (isOnce(call)) cannot('the load is shared already');
    const own = findAll(source.tree, ts.isIdentifier).filter((it) => it.text === NAME);
    const isHere = own.some((it) => ts.isFunctionDeclaration(it.parent) && it.parent.name === it);
    if (own.length > 0 && !isHere) cannot(`${NAME} already names something else in ${file}`);
    const awaits = findAll(call, ts.isAwaitExpression).length > 0 ? 'async ' : '';
    const [start, end] = [call.getStart(source.tree), call.getEnd()];
    const edits: TextEdit[] = [
      { start, end: start, newText: `${NAME}(${key}, ${awaits}() => ` },
      { start: end, end, newText: ')' },
    ];
    return { edits: [{ kind: 'change', file, before: source.text, edits: isHere ? edits : [...edits, declared(source)] }] };
  },
} satisfies Recipe;

/** The call that begins at a place; of a chain the innermost whose promise is waited for: what is made of the answer is each request's own. */
function callAt(source: Source, line: number, column: number): ts.CallExpression {
  const all = findAll(source.tree, ts.isCallExpression).filter((it) => {
    const at = source.tree.getLineAndCharacterOfPosition(it.getStart(source.tree));
    return at.line + 1 === line && at.character + 1 === column;
  });
  const inLine =
    all.length > 0 ? all : findAll(source.tree, ts.isCallExpression).filter((it) => ts.isAwaitExpression(it.parent) && lineAt(source, it.getStart(source.tree)) === line);
  const waited = inLine.filter(isWaitedFor);
  const found = waited.at(-1) ?? cannot(`line ${line} of ${source.file} awaits nothing`);
  // A call further out of the same chain has the answer already; one beside it is another question.
  if (waited.some((it) => it !== found && !(found.pos <= it.pos && it.end <= found.end) && !(it.pos <= found.pos && found.end <= it.end)))
    cannot(`line ${line} of ${source.file} awaits more than one call`);
  return isResponse(found) ? bodyOf(source, found) : found;
}

/** `fetch(url)`: the body of its answer can be read by one of those who wait. */
const isResponse = (call: ts.CallExpression): boolean => /(^|\.)\w*fetch$/i.test(call.expression.getText());

/** `fetch(url).then((it) => it.json())`: what is read of the answer may be shared. */
function bodyOf(source: Source, call: ts.CallExpression): ts.CallExpression {
  const { parent } = call;
  const read = ts.isPropertyAccessExpression(parent) && parent.name.text === 'then' && ts.isCallExpression(parent.parent) ? parent.parent : undefined;
  const [reader] = read?.arguments ?? [];
  if (read && reader && ts.isArrowFunction(reader) && /\.(json|text|arrayBuffer|blob|bytes)\(\)$/.test(reader.body.getText(source.tree))) return read;
  return cannot('the body of a response can be read only once: what is read of it would have to be shared, not the response');
}

function isWaitedFor(it: ts.CallExpression): boolean {
  const { parent } = it;
  if (ts.isAwaitExpression(parent)) return true;
  if (ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === it)) return true;
  return ts.isPropertyAccessExpression(parent) && /^(then|catch|finally)$/.test(parent.name.text) && parent.expression === it;
}

function isOnce(call: ts.CallExpression): boolean {
  for (let it: ts.Node | undefined = call; it && !ts.isStatement(it); it = it.parent)
    if (ts.isCallExpression(it) && ts.isIdentifier(it.expression) && it.expression.text === NAME) return true;
  return false;
}

/** Behind the imports: functions are known before, the map is there before the first request. */
function declared(source: Source): TextEdit {
  const { eol, semicolon: end, typed, tree } = source;
  const last = tree.statements.findLast((it) => ts.isImportDeclaration(it) || (ts.isVariableStatement(it) && /=\s*require\(/.test(it.getText(tree))));
  const lines = [
    '/** Loads that are under way: whoever asks for the same key meanwhile gets the same answer. */',
    typed ? `const loading = new Map<string, Promise<unknown>>()${end}` : `const loading = new Map()${end}`,
    '',
    typed ? `function ${NAME}<T>(key: string, load: () => PromiseLike<T>): Promise<T> {` : `function ${NAME}(key, load) {`,
    typed ? `  const before = loading.get(key) as Promise<T> | undefined${end}` : `  const before = loading.get(key)${end}`,
    `  if (before) return before${end}`,
    `  const loaded = Promise.resolve(load()).finally(() => loading.delete(key))${end}`,
    `  loading.set(key, loaded)${end}`,
    `  return loaded${end}`,
    '}',
  ];
  if (findAll(tree, ts.isIdentifier).some((it) => it.text === 'loading')) cannot('loading already names something else in this file');
  if (last) return { start: last.getEnd(), end: last.getEnd(), newText: `${eol}${eol}${lines.join(eol)}` };
  const first = tree.statements[0] ?? cannot(`${source.file} is empty`);
  return { start: first.getStart(tree), end: first.getStart(tree), newText: `${lines.join(eol)}${eol}${eol}` };
}
