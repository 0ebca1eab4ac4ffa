/** A Go template as a tree; lines count from 1. */
export type TemplateNode =
  | { kind: 'text'; text: string; line: number }
  | { kind: 'action'; code: string; line: number }
  | { kind: 'block'; word: 'if' | 'with' | 'range'; branches: readonly { code: string | null; body: readonly TemplateNode[] }[]; line: number };

export interface Template {
  body: readonly TemplateNode[];
  /** Named parts (`define`). */
  parts: ReadonlyMap<string, readonly TemplateNode[]>;
}

const DEEPEST = 100;

/** Parses a template; blocks that are left open end with the text, stray ends are passed over. */
export function parseTemplate(text: string): Template {
  const parts = new Map<string, readonly TemplateNode[]>();
  const tokens = tokensOf(text);
  let at = 0;
  const bodyUntil = (depth: number): { body: TemplateNode[]; by: string } => {
    const body: TemplateNode[] = [];
    while (at < tokens.length) {
      const token = tokens[at++] as Token;
      if (token.kind === 'text') {
        body.push(token);
        continue;
      }
      const word = /^(if|else|end|with|range|define|block)\b/.exec(token.code)?.[1];
      const rest = word ? token.code.slice(word.length).trim() : '';
      if (word === undefined) body.push(token);
      else if (word === 'end' || word === 'else') {
        if (depth > 0) return { body, by: token.code };
      } else if (depth >= DEEPEST) return { body, by: 'end' };
      else if (word === 'define' || word === 'block') {
        const name = /^"([^"]+)"/.exec(rest)?.[1];
        const inner = bodyUntil(depth + 1).body;
        if (name) parts.set(name, inner);
      } else body.push({ kind: 'block', word: word as 'if' | 'with' | 'range', branches: branchesOf(rest, depth), line: token.line });
    }
    return { body, by: 'end' };
  };
  const branchesOf = (first: string, depth: number): { code: string | null; body: TemplateNode[] }[] => {
    const branches: { code: string | null; body: TemplateNode[] }[] = [];
    let code: string | null = first;
    for (;;) {
      const { body, by } = bodyUntil(depth + 1);
      branches.push({ code, body });
      if (!by.startsWith('else')) return branches;
      const next = by.slice('else'.length).trim();
      code = next === '' ? null : next.replace(/^(if|with)\s+/, '');
    }
  };
  return { body: bodyUntil(0).body, parts };
}

type Token = Extract<TemplateNode, { kind: 'text' | 'action' }>;

/** Texts and actions; `{{-` and `-}}` take the blanks before and behind, comments are gone. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\{\{(-?)\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\})[\s\S])*?)\s*(-?)\}\}/g;
  let from = 0;
  let line = 1;
  let trimsNext = false;
  const addText = (raw: string, trimsEnd: boolean): void => {
    const started = trimsNext ? raw.replace(/^\s+/, '') : raw;
    const skipped = raw.slice(0, raw.length - started.length);
    const kept = trimsEnd ? started.replace(/\s+$/, '') : started;
    if (kept !== '') tokens.push({ kind: 'text', text: kept, line: line + newlines(skipped) });
    line += newlines(raw);
  };
  for (const mark of text.matchAll(pattern)) {
    addText(text.slice(from, mark.index), mark[1] === '-');
    const code = mark[2] as string;
    if (!code.startsWith('/*')) tokens.push({ kind: 'action', code, line });
    line += newlines(mark[0]);
    from = mark.index + mark[0].length;
    trimsNext = mark[3] === '-';
  }
  addText(text.slice(from), false);
  return tokens;
}

const newlines = (text: string): number => text.split('\n').length - 1;
