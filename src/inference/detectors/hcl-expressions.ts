import type { Place } from '../../model/known.ts';
import { HclCursor, Unreadable } from './hcl-cursor.ts';

/** An expression as far as it can be told without running Terraform; `unknown` for operators, conditions and loops. */
export type HclExpression =
  | { t: 'value'; v: string | number | boolean | null; place: Place }
  | { t: 'template'; parts: readonly HclExpression[]; place: Place }
  | { t: 'list'; items: readonly HclExpression[]; place: Place }
  | { t: 'map'; entries: readonly (readonly [string, HclExpression])[]; place: Place }
  | { t: 'reference'; path: readonly string[]; place: Place }
  | { t: 'call'; name: string; args: readonly HclExpression[]; place: Place }
  | { t: 'unknown'; place: Place };

/** Blocks and brackets nest no deeper in anything that people write. */
export const DEEPEST = 60;

/** An operand; what follows it as an operator makes the whole unknown, but is read to its end. */
export function expression(cursor: HclCursor, depth: number): HclExpression {
  if (depth > DEEPEST) throw new Unreadable(cursor.at);
  const from = cursor.at;
  let it = operand(cursor, depth);
  for (;;) {
    cursor.skipBlank(false);
    const operator = cursor.take(/\?|==|!=|<=|>=|&&|\|\||[-+*/%<>](?![/*])/);
    if (operator === undefined) return it;
    cursor.skipBlank();
    if (operator === '?') {
      expression(cursor, depth + 1);
      cursor.skipBlank();
      cursor.expect(':');
      cursor.skipBlank();
      expression(cursor, depth + 1);
    } else operand(cursor, depth);
    it = { t: 'unknown', place: cursor.placeFrom(from) };
  }
}

function operand(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  const made = bareOperand(cursor, depth);
  // Indices and splats lead to parts: of references the name stays, of anything else nothing is known.
  let it = made;
  for (;;) {
    if (cursor.text[cursor.at] === '[') {
      cursor.at += 1;
      cursor.skipBlank();
      if (!cursor.take(/\*/)) expression(cursor, depth + 1);
      cursor.skipBlank();
      cursor.expect(']');
      if (it.t !== 'reference') it = { t: 'unknown', place: cursor.placeFrom(from) };
    } else {
      const attribute = cursor.take(/\.(?:[A-Za-z_][\w-]*|\d+|\*)/);
      if (attribute === undefined) return it;
      const name = attribute.slice(1);
      if (it.t !== 'reference') it = { t: 'unknown', place: cursor.placeFrom(from) };
      else if (!/^\d+$|^\*$/.test(name)) it = { ...it, path: [...it.path, name], place: cursor.placeFrom(from) };
    }
  }
}

function bareOperand(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  const c = cursor.text[cursor.at];
  if (c === '"') return quoted(cursor, depth);
  if (c === '[') return list(cursor, depth);
  if (c === '{') return map(cursor, depth);
  if (c === '(') {
    cursor.at += 1;
    cursor.skipBlank();
    const inner = expression(cursor, depth + 1);
    cursor.skipBlank();
    cursor.expect(')');
    return inner;
  }
  if (c === '!') {
    cursor.at += 1;
    operand(cursor, depth + 1);
    return { t: 'unknown', place: cursor.placeFrom(from) };
  }
  if (cursor.text.startsWith('<<', cursor.at)) return heredoc(cursor, depth);
  const number = cursor.take(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/);
  if (number !== undefined) return { t: 'value', v: Number(number), place: cursor.placeFrom(from) };
  if (c === '-') {
    cursor.at += 1;
    operand(cursor, depth + 1);
    return { t: 'unknown', place: cursor.placeFrom(from) };
  }
  const name = cursor.take(/[A-Za-z_][\w-]*(?:::[A-Za-z_][\w-]*)*/);
  if (name === undefined) throw new Unreadable(cursor.at);
  if (cursor.text[cursor.at] === '(') return call(cursor, name, depth, from);
  const place = cursor.placeFrom(from);
  if (name === 'true' || name === 'false') return { t: 'value', v: name === 'true', place };
  return name === 'null' ? { t: 'value', v: null, place } : { t: 'reference', path: [name], place };
}

function call(cursor: HclCursor, name: string, depth: number, from: number): HclExpression {
  cursor.at += 1;
  const args: HclExpression[] = [];
  for (;;) {
    cursor.skipBlank();
    if (cursor.take(/\.\.\./)) continue;
    if (cursor.take(/\)/)) return { t: 'call', name, args, place: cursor.placeFrom(from) };
    args.push(expression(cursor, depth + 1));
    cursor.skipBlank();
    cursor.take(/,/);
  }
}

function list(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  cursor.at += 1;
  const items: HclExpression[] = [];
  for (;;) {
    cursor.skipBlank();
    if (cursor.take(/\]/)) return { t: 'list', items, place: cursor.placeFrom(from) };
    if (isLoop(cursor)) return loop(cursor, ']', from);
    items.push(expression(cursor, depth + 1));
    cursor.skipBlank();
    cursor.take(/,/);
  }
}

function map(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  cursor.at += 1;
  const entries: (readonly [string, HclExpression])[] = [];
  for (;;) {
    cursor.skipBlank();
    if (cursor.take(/\}/)) return { t: 'map', entries, place: cursor.placeFrom(from) };
    if (isLoop(cursor)) return loop(cursor, '}', from);
    const start = cursor.at;
    const key = expression(cursor, depth + 1);
    cursor.skipBlank();
    if (!cursor.take(/=(?!=)/) && !cursor.take(/:/)) throw new Unreadable(cursor.at);
    cursor.skipBlank();
    const value = expression(cursor, depth + 1);
    const name = key.t === 'value' ? String(key.v) : key.t === 'reference' ? key.path.join('.') : undefined;
    if (name !== undefined) entries.push([name, { ...value, place: cursor.placeFrom(start) }]);
    cursor.skipBlank();
    cursor.take(/,/);
  }
}

function isLoop(cursor: HclCursor): boolean {
  return /^for\s/.test(cursor.text.slice(cursor.at, cursor.at + 5));
}

/** A `for` expression is unknown as a whole: up to the bracket that closes it. */
function loop(cursor: HclCursor, close: string, from: number): HclExpression {
  let open = 1;
  while (open > 0) {
    if (cursor.isAtEnd()) throw new Unreadable(cursor.at);
    const c = cursor.text[cursor.at] as string;
    if (c === '"') quoted(cursor, 0);
    else {
      if ('[{('.includes(c)) open += 1;
      if (']})'.includes(c)) open -= 1;
      cursor.at += 1;
    }
  }
  if (cursor.text[cursor.at - 1] !== close) throw new Unreadable(cursor.at);
  return { t: 'unknown', place: cursor.placeFrom(from) };
}

function quoted(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  cursor.at += 1;
  const parts = templateUntil(cursor, '"', depth);
  cursor.at += 1;
  return joined(cursor, parts, from);
}

function heredoc(cursor: HclCursor, depth: number): HclExpression {
  const from = cursor.at;
  const head = cursor.take(/<<-?[A-Za-z_]\w*[ \t]*\r?\n/);
  const mark = head && /[A-Za-z_]\w*/.exec(head)?.[0];
  if (!mark) throw new Unreadable(cursor.at);
  const end = new RegExp(`^[ \\t]*${mark}[ \\t]*$`, 'm');
  const rest = cursor.text.slice(cursor.at);
  const found = end.exec(rest);
  if (!found) throw new Unreadable(from);
  const inner = new HclCursor(cursor.file, rest.slice(0, found.index));
  const parts = templateUntil(inner, undefined, depth);
  cursor.at += found.index + found[0].length;
  const place = cursor.placeFrom(from);
  return joined(
    cursor,
    parts.map((it) => ({ ...it, place })),
    from,
  );
}

function joined(cursor: HclCursor, parts: readonly HclExpression[], from: number): HclExpression {
  const place = cursor.placeFrom(from);
  const [only] = parts;
  if (parts.length === 0) return { t: 'value', v: '', place };
  if (parts.length === 1 && only) return { ...only, place };
  return { t: 'template', parts, place };
}

/** Text and `${…}` up to a closing mark (left standing) or the end. */
function templateUntil(cursor: HclCursor, close: string | undefined, depth: number): HclExpression[] {
  const parts: HclExpression[] = [];
  let plain = '';
  let from = cursor.at;
  const settle = (): void => {
    if (plain !== '') parts.push({ t: 'value', v: plain, place: cursor.placeFrom(from) });
    plain = '';
    from = cursor.at;
  };
  for (;;) {
    if (cursor.isAtEnd()) {
      if (close !== undefined) throw new Unreadable(from);
      settle();
      return parts;
    }
    const c = cursor.text[cursor.at] as string;
    if (c === close) {
      settle();
      return parts;
    }
    if (close !== undefined && c === '\n') throw new Unreadable(from);
    if (c === '\\' && close !== undefined) {
      plain += { n: '\n', t: '\t', r: '\r' }[cursor.text[cursor.at + 1] ?? ''] ?? cursor.text[cursor.at + 1] ?? '';
      cursor.at += 2;
    } else if (cursor.text.startsWith('$${', cursor.at) || cursor.text.startsWith('%%{', cursor.at)) {
      plain += cursor.text.slice(cursor.at + 1, cursor.at + 3);
      cursor.at += 3;
    } else if (cursor.text.startsWith('${', cursor.at)) {
      settle();
      cursor.at += 2;
      cursor.take(/~/);
      cursor.skipBlank();
      parts.push(expression(cursor, depth + 1));
      cursor.skipBlank();
      cursor.take(/~/);
      cursor.expect('}');
      from = cursor.at;
    } else if (cursor.text.startsWith('%{', cursor.at)) {
      settle();
      const end = cursor.text.indexOf('}', cursor.at);
      if (end < 0) throw new Unreadable(cursor.at);
      cursor.at = end + 1;
      parts.push({ t: 'unknown', place: cursor.placeFrom(from) });
      from = cursor.at;
    } else {
      plain += c;
      cursor.at += 1;
    }
  }
}
