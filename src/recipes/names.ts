import { ts } from 'ts-morph';
import { bare, findAll, type Source } from './source.ts';

/** What a name stands for: `member` of `module`; an empty member is the module itself (default or namespace). */
export interface Imported {
  module: string;
  member: string;
}

/** Follows a name or `a.b` to the import or `require` in the same file that it comes from. */
export function importedAs(source: Source, expression: ts.Expression): Imported | undefined {
  const node = bare(expression);
  if (ts.isIdentifier(node)) return bindings(source).get(node.text);
  if (ts.isPropertyAccessExpression(node)) {
    const owner = importedAs(source, node.expression);
    if (!owner) return undefined;
    if (node.name.text === 'default') return owner;
    return { module: owner.module, member: owner.member === '' ? node.name.text : `${owner.member}.${node.name.text}` };
  }
  const module = requiredModule(node);
  return module === undefined ? undefined : { module, member: '' };
}

/** The name by which its library knows the thing: an alias resolved, else the last name written. */
export function libraryName(source: Source, expression: ts.Expression): string | undefined {
  const imported = importedAs(source, expression);
  if (imported && imported.member !== '') return imported.member.split('.').at(-1);
  const node = bare(expression);
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (!ts.isIdentifier(node)) return undefined;
  return node.text;
}

function bindings(source: Source): ReadonlyMap<string, Imported> {
  const found = new Map<string, Imported>();
  for (const statement of source.tree.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const module = statement.moduleSpecifier.text;
    const clause = statement.importClause;
    if (clause?.name) found.set(clause.name.text, { module, member: '' });
    const named = clause?.namedBindings;
    if (named && ts.isNamespaceImport(named)) found.set(named.name.text, { module, member: '' });
    if (named && ts.isNamedImports(named)) for (const it of named.elements) found.set(it.name.text, { module, member: memberName((it.propertyName ?? it.name).text) });
  }
  for (const it of findAll(source.tree, ts.isImportEqualsDeclaration))
    if (ts.isExternalModuleReference(it.moduleReference) && ts.isStringLiteral(it.moduleReference.expression))
      found.set(it.name.text, { module: it.moduleReference.expression.text, member: '' });
  for (const it of findAll(source.tree, ts.isVariableDeclaration)) bindVariable(it, found);
  return found;
}

function bindVariable(it: ts.VariableDeclaration, found: Map<string, Imported>): void {
  if (!it.initializer) return;
  const from = originOf(it.initializer, found);
  if (!from) return;
  if (ts.isIdentifier(it.name)) found.set(it.name.text, from);
  if (!ts.isObjectBindingPattern(it.name)) return;
  for (const element of it.name.elements) {
    const key = element.propertyName ?? element.name;
    if (ts.isIdentifier(element.name) && ts.isIdentifier(key))
      found.set(element.name.text, { module: from.module, member: from.member === '' ? key.text : `${from.member}.${key.text}` });
  }
}

function originOf(expression: ts.Expression, found: ReadonlyMap<string, Imported>): Imported | undefined {
  const node = bare(expression);
  if (ts.isIdentifier(node)) return found.get(node.text);
  if (ts.isPropertyAccessExpression(node)) {
    const owner = originOf(node.expression, found);
    return owner && { module: owner.module, member: owner.member === '' ? node.name.text : `${owner.member}.${node.name.text}` };
  }
  const module = requiredModule(node);
  return module === undefined ? undefined : { module, member: '' };
}

function requiredModule(node: ts.Expression): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'require') return undefined;
  const [first] = node.arguments;
  return first && ts.isStringLiteral(first) ? first.text : undefined;
}

const memberName = (name: string): string => (name === 'default' ? '' : name);

/** The `const` of this name that is the only declaration of it in the file; undefined where a name is declared twice, assigned or a parameter. */
export function onlyConstant(source: Source, name: string): ts.VariableDeclaration | undefined {
  const declared = findAll(
    source.tree,
    (it): it is ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement =>
      (ts.isVariableDeclaration(it) || ts.isParameter(it) || ts.isBindingElement(it)) && ts.isIdentifier(it.name) && it.name.text === name,
  );
  const [only] = declared;
  if (declared.length !== 1 || !only || !ts.isVariableDeclaration(only) || !only.initializer) return undefined;
  return isReassigned(source, name) ? undefined : only;
}

const isReassigned = (source: Source, name: string): boolean =>
  findAll(source.tree, ts.isBinaryExpression).some(
    (it) => it.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && it.operatorToken.kind <= ts.SyntaxKind.LastAssignment && ts.isIdentifier(it.left) && it.left.text === name,
  );

/** How often a name is read in the file, its declaration not counted. */
export const usesOf = (source: Source, name: string): number =>
  findAll(source.tree, ts.isIdentifier).filter(
    (it) =>
      it.text === name &&
      !(ts.isVariableDeclaration(it.parent) && it.parent.name === it) &&
      !(ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) &&
      !(ts.isPropertyAssignment(it.parent) && it.parent.name === it),
  ).length;
