import type { Place } from '../../model/known.ts';
import type { Problem } from '../../model/topology.ts';
import { isObject, type Json } from './kubernetes-values.ts';

/** A TOML text with plain values and the line of each key. */
export interface TomlReading {
  value: Json;
  placeAt(path: readonly (string | number)[]): Place;
  problems: readonly Problem[];
}

/**
 * Reads TOML as configuration files are written in it: tables, arrays of tables, dotted keys, lists and inline tables; dates stay texts.
 * A line that can't be read is a problem, and what stands around it is read. https://toml.io/en/v1.0.0
 */
export function readToml(file: string, text: string): TomlReading {
  const root: Json = {};
  const lines = new Map<string, number>();
  const problems: Problem[] = [];
  let table: { at: Json; path: (string | number)[] } = { at: root, path: [] };
  const all = text.split(/\r?\n/);
  for (let index = 0; index < all.length; index++) {
    const line = index + 1;
    let source = withoutComment(all[index] as string);
    // A list may go over several lines.
    while (depthOf(source) > 0 && index + 1 < all.length) source += ` ${withoutComment(all[++index] as string)}`;
    source = source.trim();
    if (source === '') continue;
    const [, isList, name] = /^\[(\[)?\s*(.+?)\s*\]\]?$/.exec(source) ?? [];
    const split = name === undefined ? equalsAt(source) : -1;
    const keys = name === undefined ? (split < 0 ? undefined : keysIn(source.slice(0, split))) : keysIn(name);
    const target = keys && (name === undefined ? table : { at: root, path: [] });
    if (!keys || !target || keys.length === 0) {
      problems.push({ file, line, message: "This TOML can't be read here." });
      continue;
    }
    if (name !== undefined) {
      table = descend(target, keys, isList !== undefined);
      lines.set(table.path.join('\n'), line);
      continue;
    }
    const last = keys.at(-1) as string;
    const holder = descend(target, keys.slice(0, -1), false);
    const value = readValue(source.slice(split + 1).trim());
    if (value === undefined) problems.push({ file, line, message: "This TOML can't be read here." });
    else holder.at[last] = value;
    lines.set([...holder.path, last].join('\n'), line);
  }
  const placeAt = (path: readonly (string | number)[]): Place => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(path.slice(0, length).join('\n'));
      if (line !== undefined) return { file, line };
    }
    return { file, line: 1 };
  };
  return { value: root, placeAt, problems: problems.slice(0, 3) };
}

/** The table of a name, made where it is not there; of an array of tables the last, or a new one. */
function descend(from: { at: Json; path: readonly (string | number)[] }, keys: readonly string[], isNew: boolean): { at: Json; path: (string | number)[] } {
  let at = from.at;
  const path = [...from.path];
  keys.forEach((key, index) => {
    // Nothing of a file may reach what objects inherit.
    const before = Object.hasOwn(at, key) ? at[key] : undefined;
    path.push(key);
    if (isNew && index === keys.length - 1) {
      const list = Array.isArray(before) ? before : [];
      const made: Json = {};
      list.push(made);
      at[key] = list;
      path.push(list.length - 1);
      at = made;
      return;
    }
    const inner: unknown = Array.isArray(before) ? before.at(-1) : before;
    if (Array.isArray(before)) path.push(before.length - 1);
    const next: Json = isObject(inner) ? inner : {};
    if (next !== inner) at[key] = next;
    at = next;
  });
  return { at, path };
}

/** Calls `visit` with every character that stands in no text. */
function outsideTexts(source: string, visit: (mark: string, at: number) => boolean | undefined): void {
  let quote = '';
  for (let at = 0; at < source.length; at++) {
    const mark = source[at] as string;
    if (quote !== '') {
      if (mark === '\\' && quote === '"') at += 1;
      else if (mark === quote) quote = '';
    } else if (mark === '"' || mark === "'") quote = mark;
    else if (visit(mark, at)) return;
  }
}

function withoutComment(source: string): string {
  let end = source.length;
  outsideTexts(source, (mark, at) => {
    if (mark === '#') end = at;
    return mark === '#';
  });
  return source.slice(0, end);
}

/** Brackets that a value opens and does not close; those of a table's name are no value's. */
function depthOf(source: string): number {
  let depth = 0;
  const from = equalsAt(source);
  if (from >= 0) outsideTexts(source.slice(from), (mark) => void (depth += '[{'.includes(mark) ? 1 : ']}'.includes(mark) ? -1 : 0));
  return depth;
}

function equalsAt(source: string): number {
  let found = -1;
  outsideTexts(source, (mark, at) => {
    if (mark === '=') found = at;
    return mark === '=';
  });
  return found;
}

function keysIn(source: string): string[] | undefined {
  const keys = splitAt(source, '.').map((it) => /^(?:"(.*)"|'(.*)'|([\w-]+))$/.exec(it.trim()));
  return keys.every((it) => it !== null) ? keys.map((it) => it?.[1] ?? it?.[2] ?? it?.[3] ?? '') : undefined;
}

function splitAt(source: string, by: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  outsideTexts(source, (mark, at) => {
    if ('[{'.includes(mark)) depth += 1;
    if (']}'.includes(mark)) depth -= 1;
    if (mark === by && depth === 0) {
      found.push(source.slice(from, at));
      from = at + 1;
    }
    return false;
  });
  return [...found, source.slice(from)];
}

function readValue(source: string): unknown {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/.exec(source) ?? [];
  if (double !== undefined) return double.replace(/\\(["\\])/g, '$1');
  if (single !== undefined) return single;
  if (source === 'true' || source === 'false') return source === 'true';
  if (/^[+-]?[\d_]+(\.[\d_]+)?(e[+-]?\d+)?$/i.test(source)) return Number(source.replaceAll('_', ''));
  if (source.startsWith('[') && source.endsWith(']')) {
    const items = splitAt(source.slice(1, -1), ',').flatMap((it) => (it.trim() === '' ? [] : [readValue(it.trim())]));
    return items.includes(undefined) ? undefined : items;
  }
  if (source.startsWith('{') && source.endsWith('}')) {
    const made: Json = {};
    for (const part of splitAt(source.slice(1, -1), ',')) {
      const split = equalsAt(part);
      const keys = split < 0 ? undefined : keysIn(part.slice(0, split));
      if (part.trim() === '') continue;
      if (!keys) return undefined;
      descend({ at: made, path: [] }, keys.slice(0, -1), false).at[keys.at(-1) as string] = readValue(part.slice(split + 1).trim());
    }
    return made;
  }
  return /^[\w:.+-]+$/.test(source) ? source : undefined;
}
