/** A word, a quoted name, a text or a mark of a statement. */
export interface SqlToken {
  kind: 'word' | 'name' | 'text' | 'mark';
  /** Words in lower case, names and texts without their quotes. */
  text: string;
  line: number;
}

export interface SqlReading {
  statements: SqlToken[][];
  /** Line on which a text, comment or bracket begins that never ends. */
  openAt?: number;
}

const MOST_TOKENS = 400_000;

/** Splits SQL of the common dialects into statements of tokens; comments are gone, bodies of functions (`$$ … $$`) are one text. */
export function readSql(sql: string): SqlReading {
  const statements: SqlToken[][] = [];
  let current: SqlToken[] = [];
  let line = 1;
  let at = 0;
  let count = 0;
  const open: number[] = [];
  const settle = (): void => {
    if (current.length > 0) statements.push(current);
    current = [];
    open.length = 0;
  };
  const add = (kind: SqlToken['kind'], text: string): void => {
    current.push({ kind, text, line });
    count += 1;
  };
  /** End of what begins at `at` and is closed by `mark`; doubled marks and, in texts, backslashes don't close. */
  const endOf = (mark: string, from: number, escapes: boolean): number => {
    for (let to = from; to < sql.length; to++) {
      if (escapes && sql[to] === '\\') to += 1;
      else if (sql.startsWith(mark, to)) {
        if (mark.length === 1 && sql[to + 1] === mark) to += 1;
        else return to;
      }
    }
    return -1;
  };
  const pass = (to: number): void => {
    for (; at < to; at++) if (sql[at] === '\n') line += 1;
  };
  while (at < sql.length && count < MOST_TOKENS) {
    const c = sql[at] as string;
    if (/\s/.test(c)) pass(at + 1);
    else if (sql.startsWith('--', at) || (c === '#' && /(^|\n)\s*$/.test(sql.slice(Math.max(0, at - 20), at)))) {
      const end = sql.indexOf('\n', at);
      pass(end < 0 ? sql.length : end);
    } else if (sql.startsWith('/*', at)) {
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) return { statements, openAt: line };
      pass(end + 2);
    } else if (c === "'" || c === '"' || c === '`' || c === '[') {
      const isIndex = c === '[' && /^\[\d*\]/.test(sql.slice(at, at + 8));
      const mark = c === '[' ? ']' : c;
      const end = isIndex ? at + sql.slice(at).indexOf(']') : endOf(mark, at + 1, c === "'");
      if (end < 0) return { statements, openAt: line };
      if (!isIndex) add(c === "'" ? 'text' : 'name', c === "'" ? '' : sql.slice(at + 1, end));
      pass(end + 1);
    } else if (c === '$' && /^\$\w*\$/.test(sql.slice(at, at + 60))) {
      const mark = /^\$\w*\$/.exec(sql.slice(at, at + 60))?.[0] as string;
      const end = sql.indexOf(mark, at + mark.length);
      if (end < 0) return { statements, openAt: line };
      add('text', '');
      pass(end + mark.length);
    } else if (/[\w]/.test(c) || c > '\u007f') {
      const word = /^[\w$\u0080-\uffff]+/.exec(sql.slice(at, at + 200))?.[0] ?? c;
      add('word', word.toLowerCase());
      pass(at + word.length);
    } else {
      if (c === ';') {
        if (open.length > 0) return { statements, openAt: open[0] as number };
        settle();
      } else {
        if (c === '(') open.push(line);
        if (c === ')') open.pop();
        add('mark', c);
      }
      pass(at + 1);
    }
  }
  if (open.length > 0) return { statements, openAt: open[0] as number };
  settle();
  return { statements };
}
