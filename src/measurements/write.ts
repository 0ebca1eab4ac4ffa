import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { FileEdit } from '../model/edit.ts';
import type { LoadTest } from '../model/load-test.ts';
import type { Measurement } from '../model/measurement.ts';

const FILE = 'faultline.json';

/** A list of faultline.json and what comes into it. */
interface Entries {
  list: 'measurements' | 'loadTests';
  lines: readonly string[];
  /** Whether an entry that is there already gives way to the one at this index. */
  isSame(entry: unknown, at: number): boolean;
}

/** The edit that puts measurements and load tests into faultline.json: an entry about the same is replaced, others and comments stay. `text` undefined: the file is made. */
export function editFor(text: string | undefined, measurements: readonly Measurement[], loadTests: readonly LoadTest[] = []): { edits: FileEdit[] } | { cannot: string } {
  const all: Entries[] = [
    { list: 'measurements', lines: measurements.map(measurementLine), isSame: (entry, at) => sameInput(entry, measurements[at]?.input ?? '') },
    { list: 'loadTests', lines: loadTests.map(loadTestLine), isSame: (entry, at) => loadsNoMore(entry, loadTests[at]) },
  ];
  const entries = all.filter((it) => it.lines.length > 0);
  if (entries.length === 0) return { edits: [] };
  if (text === undefined || text.trim() === '') {
    const lists = entries.map((it) => `  "${it.list}": [\n${it.lines.map((line) => `    ${line}`).join(',\n')}\n  ]`);
    const made = `{\n${lists.join(',\n')}\n}\n`;
    return {
      edits: [
        text === undefined ? { kind: 'create', file: FILE, text: made } : { kind: 'change', file: FILE, before: text, edits: [{ start: 0, end: text.length, newText: made }] },
      ],
    };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || tree?.type !== 'object') return { cannot: 'faultline.json can’t be read: correct it first.' };
  let after = text;
  for (const it of entries) {
    const now = parseTree(after, [], { allowTrailingComma: true }) as Node;
    const list = findNodeAtLocation(now, [it.list]);
    if (list && list.type !== 'array') return { cannot: `"${it.list}" of faultline.json is no list: correct it first.` };
    if (!list) after = withList(after, now, it.list);
    for (let at = 0; at < it.lines.length; at++) after = placed(after, it, at);
  }
  return { edits: after === text ? [] : [{ kind: 'change', file: FILE, before: text, edits: [difference(text, after)] }] };
}

/** An entry a line: measurements are read as a table. */
const measurementLine = (it: Measurement): string =>
  lineOf({ input: it.input, value: it.value, unit: it.unit, basis: it.basis, source: it.source, perSecond: it.perSecond, at: it.at, code: it.code });
const loadTestLine = (it: LoadTest): string => lineOf({ source: it.source, at: it.at, routes: it.routes, code: it.code });
const lineOf = (entry: object): string => spaced(Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)));
const spaced = (it: unknown): string =>
  typeof it === 'object' && it !== null
    ? `{ ${Object.entries(it)
        .map(([name, value]) => `${JSON.stringify(name)}: ${spaced(value)}`)
        .join(', ')} }`
    : JSON.stringify(it);

function placed(text: string, { list: name, lines, isSame }: Entries, at: number): string {
  const list = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true }) as Node, [name]) as Node;
  const entries = list.children ?? [];
  const line = lines[at] as string;
  const same = entries.find((entry) => isSame(getNodeValue(entry), at));
  const spliced = (start: number, end: number, newText: string) => text.slice(0, start) + newText + text.slice(end);
  if (same) return spliced(same.offset, same.offset + same.length, line);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = indentAt(text, list.offset);
  const inner = `${indent}${unitOf(text)}`;
  const last = entries.at(-1);
  if (!last) return spliced(list.offset, list.offset + list.length, `[${eol}${inner}${line}${eol}${indent}]`);
  const end = last.offset + last.length;
  const isOneLine = !text.slice(list.offset, last.offset).includes('\n');
  return spliced(end, end, isOneLine ? `, ${line}` : `,${eol}${indentAt(text, last.offset)}${line}`);
}

/** The short form names the same input: `db SELECT orders` for `hold db SELECT orders`. */
function sameInput(entry: unknown, input: string): boolean {
  const written = (entry as { input?: unknown } | null)?.input;
  return (
    typeof written === 'string' &&
    (written === input || input === `hold ${written}` || input === `service ${written}` || input === `compute ${written}` || input === `hitRatio ${written}`)
  );
}

/** A test of the same routes, or of fewer, has nothing to say beside the new one. */
function loadsNoMore(entry: unknown, test: LoadTest | undefined): boolean {
  const routes = (entry as { routes?: unknown } | null)?.routes;
  if (typeof routes !== 'object' || routes === null || !test) return false;
  const loaded = Object.keys(test.routes);
  return Object.keys(routes).every((it) => loaded.some((id) => id === it || id.endsWith(` ${it}`)));
}

function withList(text: string, tree: Node, name: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const last = tree.children?.at(-1);
  const at = last ? last.offset + last.length : tree.offset + 1;
  const rest = text.slice(at);
  // An object on one line is opened; else its closing bracket stands on a line already.
  const close = /^\s*\}/.test(rest) && !/^[^}]*\n/.test(rest) ? eol : '';
  return `${text.slice(0, at)}${last ? ',' : ''}${eol}${unitOf(text)}"${name}": []${close}${last ? rest.replace(/^\s*,/, '') : rest}`;
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
