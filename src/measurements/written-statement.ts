const LINES = 15;
const BEGINS = /([`'"])\s*((?:select|insert|update|delete|with)\b)/i;

/** The SQL that a call at a line passes as a literal: what is between the quotes, with texts in it and what is put in at run time as `…` (a text may be a secret); undefined where none is written there. */
export function writtenStatement(text: string, line: number): string | undefined {
  const near = text
    .split('\n')
    .slice(line - 1, line - 1 + LINES)
    .join('\n');
  const found = BEGINS.exec(near);
  // A literal that begins only after this statement's end belongs to another call.
  if (!found || /;\s*\n/.test(near.slice(0, found.index))) return undefined;
  const [, quote = ''] = found;
  const from = found.index + 1;
  for (let to = from; to < near.length; to++) {
    if (near[to] === '\\') to += 1;
    else if (near[to] === quote) {
      const goesOn = /^\s*(\+|\.concat)/.test(near.slice(to + 1)) ? ' …' : '';
      return `${near
        .slice(from, to)
        .replace(/\\(['"`])/g, '$1')
        .replace(/\$\{[^}]*\}/g, '…')
        .replace(/'(?:[^']|'')*'/g, "'…'")
        .replace(/\s+/g, ' ')
        .trim()}${goesOn}`;
    }
  }
  return undefined;
}
