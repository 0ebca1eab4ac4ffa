import { ts } from 'ts-morph';
import { readClass, readFunction } from './read-functions.ts';
import { nameOf } from './read-patterns.ts';
import { at, type Reading } from './read-source.ts';
import { HOLE, isSensitiveName, keptLiteral } from './redact.ts';
import { ANY_PATH, type At, type Expression, type Property } from './syntax.ts';

const LOGIC: Partial<Record<ts.SyntaxKind, '||' | '??' | '&&'>> = {
  [ts.SyntaxKind.BarBarToken]: '||',
  [ts.SyntaxKind.QuestionQuestionToken]: '??',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '&&',
};

/** `under` is the name that the value is bound to: a literal under a sensitive name is not kept. */
export function readExpression(node: ts.Expression, reading: Reading, under?: string): Expression {
  switch (node.kind) {
    case ts.SyntaxKind.Identifier: {
      const { text } = node as ts.Identifier;
      reading.used.add(text);
      return text === 'undefined' ? { k: 'null' } : { k: 'name', n: text };
    }
    case ts.SyntaxKind.PropertyAccessExpression: {
      const it = node as ts.PropertyAccessExpression;
      return { k: 'member', o: readExpression(it.expression, reading), p: it.name.text, at: at(node, reading) };
    }
    case ts.SyntaxKind.CallExpression:
      return readCall(node as ts.CallExpression, reading, under);
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
      return literal((node as ts.StringLiteralLike).text, under, at(node, reading));
    case ts.SyntaxKind.NumericLiteral:
      return { k: 'number', v: Number((node as ts.NumericLiteral).text.replaceAll('_', '')), at: at(node, reading) };
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
      return { k: 'boolean', v: node.kind === ts.SyntaxKind.TrueKeyword };
    case ts.SyntaxKind.NullKeyword:
      return { k: 'null' };
    case ts.SyntaxKind.ThisKeyword:
      return { k: 'this' };
    case ts.SyntaxKind.MetaProperty:
      return { k: 'name', n: 'import.meta' };
    case ts.SyntaxKind.SuperKeyword:
      return { k: 'super' };
    case ts.SyntaxKind.TemplateExpression:
      return readTemplate(node as ts.TemplateExpression, reading, under);
    case ts.SyntaxKind.ElementAccessExpression: {
      const it = node as ts.ElementAccessExpression;
      return ts.isStringLiteralLike(it.argumentExpression)
        ? { k: 'member', o: readExpression(it.expression, reading), p: it.argumentExpression.text, at: at(node, reading) }
        : { k: 'index', o: readExpression(it.expression, reading), i: readExpression(it.argumentExpression, reading) };
    }
    case ts.SyntaxKind.NewExpression: {
      const it = node as ts.NewExpression;
      return { k: 'call', f: readExpression(it.expression, reading), a: (it.arguments ?? []).map((one) => readExpression(one, reading)), at: at(node, reading), isNew: true };
    }
    case ts.SyntaxKind.TaggedTemplateExpression: {
      const it = node as ts.TaggedTemplateExpression;
      return { k: 'call', f: readExpression(it.tag, reading), a: [readExpression(it.template, reading, under)], at: at(node, reading) };
    }
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
      return { k: 'function', f: readFunction(node as ts.FunctionExpression, reading) };
    case ts.SyntaxKind.ClassExpression:
      return { k: 'class', c: readClass(node as ts.ClassExpression, reading) };
    case ts.SyntaxKind.ObjectLiteralExpression:
      return { k: 'object', ps: (node as ts.ObjectLiteralExpression).properties.map((it) => readProperty(it, reading)), at: at(node, reading) };
    case ts.SyntaxKind.ArrayLiteralExpression:
      return { k: 'array', es: (node as ts.ArrayLiteralExpression).elements.map((it) => mentioned(readExpression(it, reading, under), it, reading)) };
    case ts.SyntaxKind.SpreadElement:
      return { k: 'spread', e: readExpression((node as ts.SpreadElement).expression, reading) };
    case ts.SyntaxKind.AwaitExpression:
      return { k: 'await', e: readExpression((node as ts.AwaitExpression).expression, reading) };
    case ts.SyntaxKind.ParenthesizedExpression:
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.NonNullExpression:
    case ts.SyntaxKind.SatisfiesExpression:
    case ts.SyntaxKind.TypeAssertionExpression:
      return readExpression((node as ts.ParenthesizedExpression).expression, reading, under);
    case ts.SyntaxKind.ConditionalExpression: {
      const it = node as ts.ConditionalExpression;
      return { k: 'conditional', test: readExpression(it.condition, reading), a: readExpression(it.whenTrue, reading, under), b: readExpression(it.whenFalse, reading, under) };
    }
    case ts.SyntaxKind.PrefixUnaryExpression: {
      const { operator, operand } = node as ts.PrefixUnaryExpression;
      if (operator === ts.SyntaxKind.ExclamationToken) return { k: 'not', e: readExpression(operand, reading) };
      if (operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(operand)) return { k: 'number', v: -Number(operand.text), at: at(node, reading) };
      return operator === ts.SyntaxKind.PlusToken ? readExpression(operand, reading) : { k: 'other', es: [readExpression(operand, reading)] };
    }
    case ts.SyntaxKind.BinaryExpression:
      return readBinary(node as ts.BinaryExpression, reading, under);
    case ts.SyntaxKind.VoidExpression:
    case ts.SyntaxKind.TypeOfExpression:
    case ts.SyntaxKind.DeleteExpression:
      return { k: 'other', es: [readExpression((node as ts.VoidExpression).expression, reading)] };
    case ts.SyntaxKind.YieldExpression: {
      const { expression } = node as ts.YieldExpression;
      return expression ? { k: 'await', e: readExpression(expression, reading) } : { k: 'other', es: [] };
    }
    default:
      return { k: 'other', es: [] };
  }
}

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
  const isImport = callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
  if (isImport && first && ts.isStringLiteralLike(first)) {
    reading.imports.add(first.text);
    reading.called.add(first.text);
    return { k: 'import', from: first.text };
  }
  if (isImport && first && ts.isTemplateExpression(first)) {
    const pattern = [first.head.text, ...first.templateSpans.map((it) => it.literal.text)].join('*');
    if (/^\.\.?\/.*\w{3}/.test(pattern)) {
      reading.imports.add(pattern);
      reading.called.add(pattern);
      return { k: 'import', from: pattern, of: readExpression(first, reading) };
    }
  }
  // `require(path.join(process.cwd(), 'config/settings.js'))`
  if (isImport && first && (ts.isIdentifier(first) || ts.isCallExpression(first) || ts.isPropertyAccessExpression(first))) {
    reading.imports.add(ANY_PATH);
    return { k: 'import', from: ANY_PATH, of: readExpression(first, reading) };
  }
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : '';
  const names = /^(model|define|getRepository|collection)$/.test(name);
  const signs = /^(sign|verify|createHmac|createCipheriv|createSecretKey|setPassword|auth)$/.test(name);
  return {
    k: 'call',
    f: readExpression(callee, reading),
    a: node.arguments.map((it) => readExpression(it, reading, signs ? 'secret' : names ? undefined : under)),
    at: at(node, reading),
  };
}

function readProperty(node: ts.ObjectLiteralElementLike, reading: Reading): Property {
  const where = at(node, reading);
  if (ts.isShorthandPropertyAssignment(node)) {
    reading.used.add(node.name.text);
    return { n: node.name.text, v: { k: 'name', n: node.name.text }, at: where };
  }
  if (ts.isSpreadAssignment(node)) return { v: readExpression(node.expression, reading), kind: 'spread', at: where };
  const n = nameOf(node.name);
  const key = n !== undefined ? { n } : ts.isComputedPropertyName(node.name) ? { computed: readExpression(node.name.expression, reading) } : {};
  if (ts.isPropertyAssignment(node)) return { ...key, v: readExpression(node.initializer, reading, n), at: where };
  if (ts.isMethodDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, at: where };
  if (ts.isGetAccessorDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, kind: 'getter', at: where };
  return { ...key, v: { k: 'other', es: [] }, at: where };
}

function readBinary(node: ts.BinaryExpression, reading: Reading, under?: string): Expression {
  const kind = node.operatorToken.kind;
  const logic = LOGIC[kind];
  const read = (it: ts.Expression, name?: string) => readExpression(it, reading, name);
  if (logic) return { k: 'logic', op: logic, a: read(node.left, under), b: read(node.right, under) };
  const op = node.operatorToken.getText(reading.source);
  if (kind === ts.SyntaxKind.CommaToken) return { k: 'other', es: [read(node.left), read(node.right)] };
  if (kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment) {
    const left = read(node.left);
    const target: Expression = left.k === 'index' ? { ...left, at: at(node.left, reading) } : left;
    const name = target.k === 'member' ? target.p : target.k === 'name' ? target.n : undefined;
    return { k: 'assign', target, v: read(node.right, name), op };
  }
  return { k: 'binary', op, a: read(node.left, under), b: read(node.right, under) };
}
