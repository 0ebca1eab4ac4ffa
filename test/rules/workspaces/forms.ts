import { stripTypeScriptTypes } from 'node:module';
import { ts } from 'ts-morph';
import { all, Draft, type Files, functionAround, isCode, isInType, isUse, read, type Sources } from './sources.ts';

/** Another way to write the same program. The files come back as they were where it does not apply. Lines stay, so that marks stay on theirs. */
export interface Form {
  name: string;
  make(files: Files): Files;
}

const isRelative = (specifier: ts.Expression | undefined): boolean => specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.');
const importsOf = (tree: ts.SourceFile): ts.ImportDeclaration[] => tree.statements.filter(ts.isImportDeclaration);
const textOf = (it: ts.Node): string => it.getText();

/** Types are blanked in place; file names follow. Decorators have no JavaScript yet: such programs stay. */
function javascript(files: Files): Files {
  const { trees } = read(files);
  if ([...trees.values()].some((tree) => all(tree, ts.isDecorator).length > 0)) return files;
  const renamed = Object.keys(files).filter((it) => it.endsWith('.ts') && !it.endsWith('.d.ts'));
  const follow = (text: string): string => renamed.reduce((done, it) => done.replaceAll(it, it.replace(/ts$/, 'js')), text);
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => {
      if (file === 'tsconfig.json') return ['jsconfig.json', text];
      if (!renamed.includes(file)) return [file, isCode(file) ? text : follow(text)];
      return [file.replace(/ts$/, 'js'), stripTypeScriptTypes(text).replace(/(from\s*['"]\.[^'"]*|import\(\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2')];
    }),
  );
}

/** `import` becomes `require`, `export` becomes `module.exports`. */
function commonjs(before: Files): Files {
  const files = javascript(before);
  if (files === before) return before;
  const { trees } = read(files);
  const draft = new Draft(files);
  for (const tree of trees.values()) {
    const exported: string[] = [];
    for (const it of tree.statements) {
      if (ts.isImportDeclaration(it)) draft.replace(it, required(it));
      else if (ts.isExportDeclaration(it) && it.exportClause && ts.isNamedExports(it.exportClause) && !it.moduleSpecifier) {
        exported.push(...it.exportClause.elements.map((one) => (one.propertyName ? `${textOf(one.name)}: ${textOf(one.propertyName)}` : textOf(one.name))));
        draft.replace(it, '');
      } else if (ts.isExportAssignment(it)) draft.between(tree, it.getStart(), it.expression.getStart(), 'module.exports = ');
      else if (ts.canHaveModifiers(it)) exported.push(...withoutExport(it, draft));
    }
    if (exported.length > 0) draft.between(tree, tree.getEnd(), tree.getEnd(), `module.exports = { ${exported.join(', ')} };\n`);
  }
  const manifest = JSON.parse(files['package.json'] as string) as Record<string, unknown>;
  return { ...draft.files(), 'package.json': JSON.stringify({ ...manifest, type: 'commonjs' }) };
}

function required(it: ts.ImportDeclaration): string {
  const from = `require(${textOf(it.moduleSpecifier)})`;
  const clause = it.importClause;
  if (!clause) return `${from};`;
  const parts: string[] = [];
  if (clause.name) parts.push(`${textOf(clause.name)} = ${from}`);
  const { namedBindings } = clause;
  if (namedBindings && ts.isNamespaceImport(namedBindings)) parts.push(`${textOf(namedBindings.name)} = ${from}`);
  if (namedBindings && ts.isNamedImports(namedBindings)) {
    const names = namedBindings.elements.map((one) => (one.propertyName ? `${textOf(one.propertyName)}: ${textOf(one.name)}` : textOf(one.name)));
    parts.push(`{ ${names.join(', ')} } = ${from}`);
  }
  return `const ${parts.join(', ')};`;
}

/** Takes `export` away; gives the names. A default export becomes what the module is. */
function withoutExport(it: ts.Statement & ts.HasModifiers, draft: Draft): string[] {
  const modifiers = ts.getModifiers(it) ?? [];
  const mark = modifiers.find((one) => one.kind === ts.SyntaxKind.ExportKeyword);
  if (!mark) return [];
  const isDefault = modifiers.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword);
  if (isDefault) {
    const last = modifiers.find((one) => one.kind === ts.SyntaxKind.DefaultKeyword) as ts.Node;
    draft.between(it.getSourceFile(), mark.getStart(), last.getEnd(), 'module.exports =');
    return [];
  }
  draft.replace(mark, '');
  if (ts.isVariableStatement(it)) return it.declarationList.declarations.flatMap((one) => (ts.isIdentifier(one.name) ? [one.name.text] : []));
  if ((ts.isFunctionDeclaration(it) || ts.isClassDeclaration(it)) && it.name) return [it.name.text];
  return [];
}

/** Every imported name gets another one in this file. */
function aliased(files: Files): Files {
  const sources = read(files);
  const draft = new Draft(files);
  for (const tree of sources.trees.values()) {
    for (const it of importsOf(tree)) {
      const clause = it.importClause;
      if (!clause || clause.isTypeOnly) continue;
      const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements.filter((one) => !one.isTypeOnly) : [];
      const names = [...(clause.name ? [clause.name] : []), ...named.map((one) => one.name)];
      for (const name of names) {
        const other = `${name.text}Alias`;
        rename(sources, tree, name, other, draft);
        const specifier = named.find((one) => one.name === name);
        if (!specifier) draft.replace(name, other);
        else if (specifier.propertyName) draft.replace(name, other);
        else draft.replace(specifier, `${name.text} as ${other}`);
      }
    }
  }
  return draft.files();
}

/** All uses of a name in its file; the declaration is the caller's. */
function rename(sources: Sources, tree: ts.SourceFile, declared: ts.Identifier, other: string, draft: Draft): void {
  const symbol = sources.symbolOf(declared);
  for (const it of all(tree, ts.isIdentifier)) {
    if (it === declared || it.text !== declared.text || sources.symbolOf(it) !== symbol) continue;
    if (ts.isShorthandPropertyAssignment(it.parent)) draft.replace(it, `${it.text}: ${other}`);
    else if (ts.isExportSpecifier(it.parent)) draft.replace(it.parent, `${other} as ${textOf(it.parent.name)}`);
    else if (!ts.isImportSpecifier(it.parent) && !ts.isImportClause(it.parent)) draft.replace(it, other);
  }
}

/** Named imports are taken out of the whole module by a pattern. */
function destructured(files: Files): Files {
  const { trees } = read(files);
  const draft = new Draft(files);
  let count = 0;
  for (const tree of trees.values()) {
    for (const it of importsOf(tree)) {
      const bindings = it.importClause?.namedBindings;
      if (!bindings || !ts.isNamedImports(bindings) || it.importClause.name || it.importClause.isTypeOnly || bindings.elements.some((one) => one.isTypeOnly)) continue;
      count += 1;
      const names = bindings.elements.map((one) => (one.propertyName ? `${textOf(one.propertyName)}: ${textOf(one.name)}` : textOf(one.name)));
      draft.replace(it, `import * as whole${count} from ${textOf(it.moduleSpecifier)}; const { ${names.join(', ')} } = whole${count};`);
    }
  }
  return draft.files();
}

interface Kept {
  name: ts.Identifier;
  declaration: ts.VariableStatement | ts.FunctionDeclaration;
  isExported: boolean;
}

/** What is made or written at the top of a file becomes a field of an object: clients, models, functions. */
function classField(files: Files): Files {
  const sources = read(files);
  const draft = new Draft(files);
  for (const tree of sources.trees.values()) {
    for (const it of keepable(tree)) {
      const symbol = sources.originOf(it.name);
      if (!symbol || !usesComeLater(sources, symbol, it)) continue;
      const holder = `${it.name.text}Kept`;
      const opening = `${it.isExported ? 'export ' : ''}const ${holder} = new (class { `;
      if (ts.isVariableStatement(it.declaration)) {
        const declared = it.declaration.declarationList.declarations[0] as ts.VariableDeclaration;
        draft.between(tree, it.declaration.getStart(), declared.getStart(), opening);
        draft.between(tree, it.declaration.getEnd(), it.declaration.getEnd(), ' })();');
      } else {
        const f = it.declaration;
        const isAsync = ts.getModifiers(f)?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
        draft.between(tree, f.getStart(), it.name.getEnd(), `${opening}${it.name.text} = ${isAsync ? 'async ' : ''}`);
        draft.between(tree, (f.body as ts.Block).getStart(), (f.body as ts.Block).getStart(), '=> ');
        draft.between(tree, f.getEnd(), f.getEnd(), '; })();');
      }
      intoField(sources, symbol, it.name.text, holder, draft);
    }
  }
  return draft.files();
}

function keepable(tree: ts.SourceFile): Kept[] {
  return tree.statements.flatMap((it): Kept[] => {
    const modifiers = ts.canHaveModifiers(it) ? (ts.getModifiers(it) ?? []) : [];
    if (modifiers.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword)) return [];
    const isExported = modifiers.some((one) => one.kind === ts.SyntaxKind.ExportKeyword);
    if (ts.isFunctionDeclaration(it) && it.name && it.body && !it.asteriskToken) return [{ name: it.name, declaration: it, isExported }];
    const declared = ts.isVariableStatement(it) ? it.declarationList.declarations : [];
    const [only] = declared;
    if (!ts.isVariableStatement(it) || declared.length !== 1 || !only?.initializer || !ts.isIdentifier(only.name) || !textOf(it).endsWith(';')) return [];
    const isMade = ts.isNewExpression(only.initializer) || ts.isArrowFunction(only.initializer);
    return isMade ? [{ name: only.name, declaration: it, isExported }] : [];
  });
}

/** A field is there only after its class: uses further up must lie in functions. What speaks of `this` itself stays. */
function usesComeLater(sources: Sources, symbol: ts.Symbol, { declaration }: Kept): boolean {
  if (all(declaration, (node): node is ts.Node => node.kind === ts.SyntaxKind.ThisKeyword).length > 0) return false;
  const tree = declaration.getSourceFile();
  return all(tree, ts.isIdentifier)
    .filter((it) => isUse(it) && sources.originOf(it) === symbol)
    .every((it) => it.getStart() > declaration.getEnd() || (functionAround(it) !== undefined && it.getStart() < declaration.getStart()));
}

function intoField(sources: Sources, symbol: ts.Symbol, name: string, holder: string, draft: Draft): void {
  for (const tree of sources.trees.values())
    for (const it of all(tree, ts.isIdentifier)) {
      if (sources.originOf(it) !== symbol || isInType(it)) continue;
      if (ts.isImportSpecifier(it.parent)) {
        if (it === it.parent.name) draft.replace(it.parent, holder);
      } else if (ts.isExportSpecifier(it.parent)) draft.replace(it.parent, holder);
      else if (ts.isShorthandPropertyAssignment(it.parent)) draft.replace(it, `${it.text}: ${holder}.${name}`);
      else if (isUse(it)) draft.replace(it, `${holder}.${name}`);
    }
}

/** Calls that are awaited go through a function of another file that only passes on what it gets. */
function wrapped(files: Files): Files {
  const sources = read(files);
  const draft = new Draft(files);
  const extension = Object.keys(files).some((it) => it.endsWith('.ts')) ? 'ts' : 'js';
  const wrappers = new Map<string, { from: string; callee: string }>();
  for (const [file, tree] of sources.trees) {
    const used = new Set<string>();
    for (const it of all(tree, ts.isCallExpression)) {
      const root = rootOf(it.expression);
      if (!root || !isAwaited(it) || functionAround(it) === undefined) continue;
      const from = importableFrom(sources, file, root);
      if (from === undefined) continue;
      const callee = textOf(it.expression);
      const name = `${callee.replace(/\W+(\w)/g, (_all, letter: string) => letter.toUpperCase())}Wrapped`;
      wrappers.set(name, { from, callee });
      used.add(name);
      draft.replace(it.expression, name);
    }
    if (used.size > 0) draft.between(tree, 0, 0, `import { ${[...used].join(', ')} } from '${relative(file, `src/wrapped.${extension}`)}'; `);
  }
  if (wrappers.size === 0) return files;
  const typed = extension === 'ts';
  const lines = [...new Set([...wrappers.values()].map((it) => it.from))].filter((it) => it !== '');
  for (const [name, it] of wrappers)
    lines.push(typed ? `export const ${name}: any = (...args: any[]) => (${it.callee} as any)(...args);` : `export const ${name} = (...args) => ${it.callee}(...args);`);
  draft.add(`src/wrapped.${extension}`, `${lines.join('\n')}\n`);
  return draft.files();
}

function rootOf(callee: ts.Expression): ts.Identifier | undefined {
  if (ts.isIdentifier(callee)) return callee.text === 'fetch' ? callee : undefined;
  let it: ts.Expression = callee;
  while (ts.isPropertyAccessExpression(it)) it = it.expression;
  return ts.isIdentifier(it) ? it : undefined;
}

const isAwaited = (it: ts.CallExpression): boolean => ts.isAwaitExpression(it.parent) || (ts.isReturnStatement(it.parent) && it.parent.expression === it);

/** The import that `src/wrapped` needs for a name: of a package, or of a relative file; empty for a global. */
function importableFrom(sources: Sources, file: string, root: ts.Identifier): string | undefined {
  const symbol = sources.symbolOf(root);
  if (!symbol) return root.text === 'fetch' ? '' : undefined;
  const declared = symbol.declarations?.[0];
  if (!declared) return undefined;
  const statement = ts.isImportSpecifier(declared)
    ? declared.parent.parent.parent
    : ts.isNamespaceImport(declared)
      ? declared.parent.parent
      : ts.isImportClause(declared)
        ? declared.parent
        : undefined;
  if (!statement || !ts.isImportDeclaration(statement)) return undefined;
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
  const path = isRelative(statement.moduleSpecifier) ? relative('src/wrapped.ts', resolved(file, specifier)) : specifier;
  if (ts.isImportSpecifier(declared)) return `import { ${textOf(declared)} } from '${path}';`;
  return `import ${textOf(ts.isImportClause(declared) ? (declared.name as ts.Identifier) : declared)} from '${path}';`;
}

const partsOf = (path: string): string[] => path.split('/').filter((it) => it !== '' && it !== '.');
function resolved(from: string, specifier: string): string {
  const parts = partsOf(from).slice(0, -1);
  for (const it of partsOf(specifier)) it === '..' ? parts.pop() : parts.push(it);
  return parts.join('/');
}
function relative(from: string, to: string): string {
  const [a, b] = [partsOf(from).slice(0, -1), partsOf(to)];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const up = a.slice(same).map(() => '..');
  return [...(up.length > 0 ? up : ['.']), ...b.slice(same)].join('/');
}

/** Handlers that stand in a call or a construction (a route's, a consumer's, a worker's) move into a file of their own. */
function moved(files: Files): Files {
  const sources = read(files);
  let draft = new Draft(files);
  let count = 0;
  for (const [file, tree] of sources.trees) {
    const inline = all(
      tree,
      (node): node is ts.ArrowFunction =>
        ts.isArrowFunction(node) && (ts.isCallExpression(node.parent) || ts.isNewExpression(node.parent)) && functionAround(node) === undefined && ts.isBlock(node.body),
    );
    const names = new Map<string, string>();
    const kept: string[] = [];
    const extension = file.split('.').at(-1) as string;
    const other = file.replace(/(\.\w+)$/, 'Handlers$1');
    for (const it of inline) {
      const free = freeNames(sources, tree, it);
      if (!free) continue;
      count += 1;
      for (const [name, statement] of free) names.set(name, statement);
      kept.push(`export const handler${count}${extension === 'ts' ? ': any' : ''} = ${textOf(it)};`);
      draft.replace(it, `handler${count}`);
    }
    if (kept.length === 0) continue;
    const first = count - kept.length + 1;
    draft.between(tree, 0, 0, `import { ${kept.map((_it, at) => `handler${first + at}`).join(', ')} } from '${relative(file, other)}'; `);
    draft.add(other, `${[...new Set(names.values())].join('\n')}\n\n${kept.join('\n\n')}\n`);
  }
  if (count === 0) draft = new Draft(files);
  return draft.files();
}

/** Imports for what a function uses from outside itself; undefined where it uses something of its file that nobody exports. */
function freeNames(sources: Sources, tree: ts.SourceFile, f: ts.Node): Map<string, string> | undefined {
  const found = new Map<string, string>();
  for (const it of all(f, ts.isIdentifier)) {
    const declared = sources.symbolOf(it)?.declarations?.[0];
    if (!declared || declared.getSourceFile() !== tree || (declared.getStart() >= f.getStart() && declared.getEnd() <= f.getEnd())) continue;
    if (ts.isImportSpecifier(declared)) found.set(it.text, `import { ${textOf(declared)} } from ${textOf(declared.parent.parent.parent.moduleSpecifier)};`);
    else if (ts.isImportClause(declared) && declared.name) found.set(it.text, `import ${textOf(declared.name)} from ${textOf(declared.parent.moduleSpecifier)};`);
    else if (ts.isNamespaceImport(declared)) found.set(it.text, `import ${textOf(declared)} from ${textOf(declared.parent.parent.moduleSpecifier)};`);
    else return undefined;
  }
  return found;
}

/** `const x = await it; …` becomes `return it.then(async (x) => { … });`, from the first await of each function on. */
function thenChain(files: Files): Files {
  const sources = read(files);
  const draft = new Draft(files);
  for (const tree of sources.trees.values())
    for (const block of all(tree, ts.isBlock)) {
      const opening = continuationOf(block);
      const at = block.statements.findIndex((it) => awaitedIn(it) !== undefined);
      const first = block.statements[at];
      const it = first && awaitedIn(first);
      if (opening === undefined || !first || !it || block.statements.length === at + 1) continue;
      // What is awaited in the rest stays as it is, inside the callback.
      draft.between(tree, first.getStart(), it.call.getStart(), opening);
      draft.between(tree, it.call.getEnd(), first.getEnd(), `.then(async (${it.name}) => {`);
      draft.between(tree, block.getEnd() - 1, block.getEnd() - 1, '}); ');
    }
  return draft.files();
}

/** How a block's chain begins: an async function returns it, a round of a loop that nothing leaves awaits it. */
function continuationOf(block: ts.Block): string | undefined {
  if (ts.isFunctionLike(block.parent)) return ts.getModifiers(block.parent as ts.HasModifiers)?.some((it) => it.kind === ts.SyntaxKind.AsyncKeyword) ? 'return ' : undefined;
  if (!ts.isIterationStatement(block.parent, false)) return undefined;
  const leaves = (node: ts.Node): node is ts.Node => ts.isBreakOrContinueStatement(node) || ts.isReturnStatement(node);
  return all(block, leaves).length === 0 ? 'await ' : undefined;
}

function awaitedIn(it: ts.Statement): { name: string; call: ts.Expression } | undefined {
  if (ts.isExpressionStatement(it) && ts.isAwaitExpression(it.expression) && ts.isCallExpression(it.expression.expression)) return { name: '', call: it.expression.expression };
  const declared = ts.isVariableStatement(it) ? it.declarationList.declarations : [];
  const value = declared[0]?.initializer;
  if (declared.length !== 1 || !value || !ts.isAwaitExpression(value) || !ts.isCallExpression(value.expression)) return undefined;
  return { name: textOf((declared[0] as ts.VariableDeclaration).name), call: value.expression };
}

export const FORMS: readonly Form[] = [
  { name: 'JavaScript', make: javascript },
  { name: 'CommonJS', make: commonjs },
  { name: 'aliased import', make: aliased },
  { name: 'destructured import', make: destructured },
  { name: 'class field', make: classField },
  { name: 'wrapper in another file', make: wrapped },
  { name: 'handler in another file', make: moved },
  { name: 'then chain', make: thenChain },
  { name: 'all at once', make: (files) => commonjs(thenChain(wrapped(classField(aliased(files))))) },
];
