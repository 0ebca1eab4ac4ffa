import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { FileEdit } from '../model/edit.ts';
import type { Measurement } from '../model/measurement.ts';

const FILE = 'faultline.json';

/** The edit that puts measurements into faultline.json: an entry of the same input is replaced, others and comments stay. `text` undefined: the file is made. */
export function editFor(text: string | undefined, measurements: readonly Measurement[]): { edits: FileEdit[] } | { cannot: string } {
  if (measurements.length === 0) return { edits: [] };
  if (text === undefined || text.trim() === '') {
    const made = `{\n  "measurements": [\n${measurements.map((it) => `    ${lineOf(it)}`).join(',\n')}\n  ]\n}\n`;
    return {
      edits: [
        text === undefined ? { kind: 'create', file: FILE, text: made } : { kind: 'change', file: FILE, before: text, edits: [{ start: 0, end: text.length, newText: made }] },
      ],
    };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || tree?.type !== 'object') return { cannot: 'faultline.json can’t be read: correct it first.' };
  const list = findNodeAtLocation(tree, ['measurements']);
  if (list && list.type !== 'array') return { cannot: '"measurements" of faultline.json is no list: correct it first.' };
  const after = measurements.reduce((done, it) => placed(done, it), list ? text : withList(text, tree));
  return { edits: after === text ? [] : [{ kind: 'change', file: FILE, before: text, edits: [difference(text, after)] }] };
}

/** An entry a line: measurements are read as a table. */
const lineOf = (it: Measurement): string =>
  `{ ${Object.entries({ input: it.input, value: it.value, unit: it.unit, basis: it.basis, source: it.source, at: it.at })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(', ')} }`;

function placed(text: string, it: Measurement): string {
  const list = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true }) as Node, ['measurements']) as Node;
  const entries = list.children ?? [];
  const same = entries.find((entry) => sameInput(getNodeValue(entry), it.input));
  const spliced = (start: number, end: number, newText: string) => text.slice(0, start) + newText + text.slice(end);
  if (same) return spliced(same.offset, same.offset + same.length, lineOf(it));
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = indentAt(text, list.offset);
  const inner = `${indent}${unitOf(text)}`;
  const last = entries.at(-1);
  if (!last) return spliced(list.offset, list.offset + list.length, `[${eol}${inner}${lineOf(it)}${eol}${indent}]`);
  const end = last.offset + last.length;
  const isOneLine = !text.slice(list.offset, last.offset).includes('\n');
  return spliced(end, end, isOneLine ? `, ${lineOf(it)}` : `,${eol}${indentAt(text, last.offset)}${lineOf(it)}`);
}

/** The short form names the same input: `db SELECT orders` for `hold db SELECT orders`. */
function sameInput(entry: unknown, input: string): boolean {
  const written = (entry as { input?: unknown } | null)?.input;
  return (
    typeof written === 'string' &&
    (written === input || input === `hold ${written}` || input === `service ${written}` || input === `compute ${written}` || input === `hitRatio ${written}`)
  );
}

function withList(text: string, tree: Node): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const last = tree.children?.at(-1);
  const at = last ? last.offset + last.length : tree.offset + 1;
  const rest = text.slice(at);
  // An object on one line is opened; else its closing bracket stands on a line already.
  const close = /^\s*\}/.test(rest) && !/^[^}]*\n/.test(rest) ? eol : '';
  return `${text.slice(0, at)}${last ? ',' : ''}${eol}${unitOf(text)}"measurements": []${close}${last ? rest.replace(/^\s*,/, '') : rest}`;
}

const indentAt = (text: string, offset: number): string => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
const unitOf = (text: string): string => /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';

/** The one stretch in which two texts differ. */
function difference(before: string, after: string): { start: number; end: number; newText: string } {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let back = 0;
  while (back < before.length - start && back < after.length - start && before[before.length - 1 - back] === after[after.length - 1 - back]) back += 1;
  return { start, end: before.length - back, newText: after.slice(start, after.length - back) };
}
