import { ts } from 'ts-morph';
import { readClass, readFunction } from './read-functions.ts';
import { nameOf } from './read-patterns.ts';
import { at, type Reading } from './read-source.ts';
import { HOLE, isSensitiveName, keptLiteral } from './redact.ts';
import { ANY_PATH, type At, type Expression, type Property } from './syntax.ts';

// The compiler's tables of kinds and functions are dictionaries to the engine: looked up once, not for each node.
const {
  isCallExpression,
  isComputedPropertyName,
  isGetAccessorDeclaration,
  isSetAccessorDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isNumericLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
} = ts;
const { isBinaryExpression, isShorthandPropertyAssignment, isSpreadAssignment, isStringLiteralLike, isTemplateExpression } = ts;
const { CommaToken, ExclamationToken, FirstAssignment, ImportKeyword, LastAssignment, MinusToken, PlusToken } = ts.SyntaxKind;

const LOGIC: Partial<Record<ts.SyntaxKind, '||' | '??' | '&&'>> = {
  [ts.SyntaxKind.BarBarToken]: '||',
  [ts.SyntaxKind.QuestionQuestionToken]: '??',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '&&',
};

/** `under` is the name that the value is bound to: a literal under a sensitive name is not kept. */
export function readExpression(node: ts.Expression, reading: Reading, under?: string): Expression {
  return READERS[node.kind]?.(node as never, reading, under) ?? { k: 'other', es: [] };
}

/** Each is given nodes of its kind only. */
type Reader = (node: never, reading: Reading, under?: string) => Expression;

const readLiteral = (node: ts.StringLiteralLike, reading: Reading, under?: string): Expression => literal(node.text, under, at(node, reading));
const readInner = ({ expression }: ts.ParenthesizedExpression, reading: Reading, under?: string): Expression => readExpression(expression, reading, under);
const readOperand = ({ expression }: ts.VoidExpression, reading: Reading): Expression => ({ k: 'other', es: [readExpression(expression, reading)] });
const readOwnFunction = (node: ts.FunctionExpression, reading: Reading): Expression => ({ k: 'function', f: readFunction(node, reading) });

const READERS: Partial<Record<ts.SyntaxKind, Reader>> = {
  [ts.SyntaxKind.Identifier]: ({ text }: ts.Identifier, reading) => {
    reading.used.add(text);
    return text === 'undefined' ? { k: 'null' } : { k: 'name', n: text };
  },
  [ts.SyntaxKind.PropertyAccessExpression]: (node: ts.PropertyAccessExpression, reading) => ({
    k: 'member',
    o: readExpression(node.expression, reading),
    p: node.name.text,
    at: at(node, reading),
  }),
  [ts.SyntaxKind.CallExpression]: readCall,
  [ts.SyntaxKind.StringLiteral]: readLiteral,
  [ts.SyntaxKind.NoSubstitutionTemplateLiteral]: readLiteral,
  [ts.SyntaxKind.NumericLiteral]: (node: ts.NumericLiteral, reading) => ({ k: 'number', v: Number(node.text.replaceAll('_', '')), at: at(node, reading) }),
  [ts.SyntaxKind.TrueKeyword]: () => ({ k: 'boolean', v: true }),
  [ts.SyntaxKind.FalseKeyword]: () => ({ k: 'boolean', v: false }),
  [ts.SyntaxKind.NullKeyword]: () => ({ k: 'null' }),
  [ts.SyntaxKind.ThisKeyword]: () => ({ k: 'this' }),
  [ts.SyntaxKind.MetaProperty]: () => ({ k: 'name', n: 'import.meta' }),
  [ts.SyntaxKind.SuperKeyword]: () => ({ k: 'super' }),
  [ts.SyntaxKind.TemplateExpression]: readTemplate,
  [ts.SyntaxKind.ElementAccessExpression]: (node: ts.ElementAccessExpression, reading) =>
    isStringLiteralLike(node.argumentExpression)
      ? { k: 'member', o: readExpression(node.expression, reading), p: node.argumentExpression.text, at: at(node, reading) }
      : { k: 'index', o: readExpression(node.expression, reading), i: readExpression(node.argumentExpression, reading) },
  [ts.SyntaxKind.NewExpression]: (node: ts.NewExpression, reading) => ({
    k: 'call',
    f: readExpression(node.expression, reading),
    a: (node.arguments ?? []).map((it) => readExpression(it, reading)),
    at: at(node, reading),
    isNew: true,
  }),
  [ts.SyntaxKind.TaggedTemplateExpression]: (node: ts.TaggedTemplateExpression, reading, under) => ({
    k: 'call',
    f: readExpression(node.tag, reading),
    a: [readExpression(node.template, reading, under)],
    at: at(node, reading),
  }),
  [ts.SyntaxKind.ArrowFunction]: readOwnFunction,
  [ts.SyntaxKind.FunctionExpression]: readOwnFunction,
  [ts.SyntaxKind.ClassExpression]: (node: ts.ClassExpression, reading) => ({ k: 'class', c: readClass(node, reading) }),
  [ts.SyntaxKind.ObjectLiteralExpression]: (node: ts.ObjectLiteralExpression, reading) => ({
    k: 'object',
    ps: node.properties.map((it) => readProperty(it, reading)),
    at: at(node, reading),
  }),
  [ts.SyntaxKind.ArrayLiteralExpression]: (node: ts.ArrayLiteralExpression, reading, under) => ({
    k: 'array',
    es: node.elements.map((it) => mentioned(readExpression(it, reading, under), it, reading)),
  }),
  [ts.SyntaxKind.SpreadElement]: (node: ts.SpreadElement, reading) => ({ k: 'spread', e: readExpression(node.expression, reading) }),
  [ts.SyntaxKind.AwaitExpression]: (node: ts.AwaitExpression, reading) => ({ k: 'await', e: readExpression(node.expression, reading) }),
  [ts.SyntaxKind.ParenthesizedExpression]: readInner,
  [ts.SyntaxKind.AsExpression]: readInner,
  [ts.SyntaxKind.NonNullExpression]: readInner,
  [ts.SyntaxKind.SatisfiesExpression]: readInner,
  [ts.SyntaxKind.TypeAssertionExpression]: readInner,
  [ts.SyntaxKind.ConditionalExpression]: (node: ts.ConditionalExpression, reading, under) => ({
    k: 'conditional',
    test: readExpression(node.condition, reading),
    a: readExpression(node.whenTrue, reading, under),
    b: readExpression(node.whenFalse, reading, under),
  }),
  [ts.SyntaxKind.PrefixUnaryExpression]: (node: ts.PrefixUnaryExpression, reading) => {
    const { operator, operand } = node;
    if (operator === ExclamationToken) return { k: 'not', e: readExpression(operand, reading) };
    if (operator === MinusToken && isNumericLiteral(operand)) return { k: 'number', v: -Number(operand.text), at: at(node, reading) };
    return operator === PlusToken ? readExpression(operand, reading) : { k: 'other', es: [readExpression(operand, reading)] };
  },
  [ts.SyntaxKind.BinaryExpression]: readBinary,
  [ts.SyntaxKind.VoidExpression]: readOperand,
  [ts.SyntaxKind.TypeOfExpression]: readOperand,
  [ts.SyntaxKind.DeleteExpression]: readOperand,
  [ts.SyntaxKind.YieldExpression]: ({ expression }: ts.YieldExpression, reading) => (expression ? { k: 'await', e: readExpression(expression, reading) } : { k: 'other', es: [] }),
};

const mentioned = (e: Expression, node: ts.Expression, reading: Reading): Expression => (e.k === 'name' && /^[A-Z]/.test(e.n) ? { ...e, at: at(node, reading) } : e);

function literal(text: string, under: string | undefined, where: At): Expression {
  if (under && isSensitiveName(under)) return { k: 'hidden' };
  const kept = keptLiteral(text);
  return kept === null ? { k: 'hidden' } : { k: 'string', v: kept, at: where };
}

function readTemplate(node: ts.TemplateExpression, reading: Reading, under?: string): Expression {
  const isKey = /^[\w.-]{1,32}:$/.test(node.head.text) && node.templateSpans.every((it) => /^[\w.:-]{0,32}$/.test(it.literal.text));
  // `session:${token}` is the key of a cache, not a secret.
  if (under && isSensitiveName(under) && !isKey) return { k: 'hidden' };
  const holes = node.templateSpans.map((it) => readExpression(it.expression, reading));
  const texts = [node.head.text, ...node.templateSpans.map((it) => it.literal.text)];
  // Credentials may stand between the holes: the whole text is cleaned at once, holes held by a mark that no source contains.
  const kept = keptLiteral(texts.join(HOLE));
  if (kept === null) return { k: 'other', es: holes };
  const cleaned = kept.split(HOLE);
  const offset = texts.length - cleaned.length;
  return { k: 'template', parts: cleaned.flatMap((text, index) => (index === 0 ? [text] : [holes[index - 1 + offset] as Expression, text])) };
}

function readCall(node: ts.CallExpression, reading: Reading, under?: string): Expression {
  const callee = node.expression;
  const first = node.arguments[0];
  const isImport = callee.kind === ImportKeyword || (isIdentifier(callee) && callee.text === 'require');
  if (isImport && first && isStringLiteralLike(first)) {
    reading.imports.add(first.text);
    reading.called.add(first.text);
    return { k: 'import', from: first.text };
  }
  if (isImport && first && (isTemplateExpression(first) || isBinaryExpression(first))) {
    const pattern = patternOfPath(first);
    if (/^\.\.?\/.*\w{3}/.test(pattern)) {
      reading.imports.add(pattern);
      reading.called.add(pattern);
      return { k: 'import', from: pattern, of: readExpression(first, reading) };
    }
  }
  // `require(path.join(process.cwd(), 'config/settings.js'))`
  if (isImport && first && (isIdentifier(first) || isCallExpression(first) || isPropertyAccessExpression(first))) {
    reading.imports.add(ANY_PATH);
    return { k: 'import', from: ANY_PATH, of: readExpression(first, reading) };
  }
  const name = isPropertyAccessExpression(callee) ? callee.name.text : isIdentifier(callee) ? callee.text : '';
  const names = /^(model|define|getRepository|collection)$/.test(name);
  const signs = /^(sign|verify|createHmac|createCipheriv|createSecretKey|setPassword|auth)$/.test(name);
  return {
    k: 'call',
    f: readExpression(callee, reading),
    a: node.arguments.map((it) => readExpression(it, reading, signs ? 'secret' : names ? undefined : under)),
    at: at(node, reading),
  };
}

/** A path that is put together, with a star for each part that is not written there: `./jobs/${name}`, `'./jobs/' + name`. */
function patternOfPath(node: ts.Expression): string {
  if (isStringLiteralLike(node)) return node.text;
  if (isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map((it) => it.literal.text)].join('*');
  const isSum = isBinaryExpression(node) && node.operatorToken.kind === PlusToken;
  return isSum ? `${patternOfPath(node.left)}${patternOfPath(node.right)}`.replace(/\*+/g, '*') : '*';
}

function readProperty(node: ts.ObjectLiteralElementLike, reading: Reading): Property {
  const where = at(node, reading);
  if (isShorthandPropertyAssignment(node)) {
    reading.used.add(node.name.text);
    return { n: node.name.text, v: { k: 'name', n: node.name.text }, at: where };
  }
  if (isSpreadAssignment(node)) return { v: readExpression(node.expression, reading), kind: 'spread', at: where };
  const n = nameOf(node.name);
  const key = n !== undefined ? { n } : isComputedPropertyName(node.name) ? { computed: readExpression(node.name.expression, reading) } : {};
  if (isPropertyAssignment(node)) return { ...key, v: readExpression(node.initializer, reading, n), at: where };
  if (isMethodDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, at: where };
  if (isGetAccessorDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, kind: 'getter', at: where };
  if (isSetAccessorDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, kind: 'setter', at: where };
  return { ...key, v: { k: 'other', es: [] }, at: where };
}

function readBinary(node: ts.BinaryExpression, reading: Reading, under?: string): Expression {
  const kind = node.operatorToken.kind;
  const logic = LOGIC[kind];
  const read = (it: ts.Expression, name?: string) => readExpression(it, reading, name);
  if (logic) return { k: 'logic', op: logic, a: read(node.left, under), b: read(node.right, under) };
  const op = node.operatorToken.getText(reading.source);
  if (kind === CommaToken) return { k: 'other', es: [read(node.left), read(node.right)] };
  if (kind >= FirstAssignment && kind <= LastAssignment) {
    const left = read(node.left);
    const target: Expression = left.k === 'index' ? { ...left, at: at(node.left, reading) } : left;
    const name = target.k === 'member' ? target.p : target.k === 'name' ? target.n : undefined;
    return { k: 'assign', target, v: read(node.right, name), op };
  }
  return { k: 'binary', op, a: read(node.left, under), b: read(node.right, under) };
}
