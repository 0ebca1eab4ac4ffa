import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, parseAllDocuments, parseDocument, type Tags } from 'yaml';
import type { Place } from '../../model/known.ts';
import type { Problem } from '../../model/topology.ts';

/** A YAML text with plain values and the place of each node. */
export interface YamlReading {
  value: unknown;
  placeAt(path: readonly (string | number)[]): Place;
  problems: readonly Problem[];
}

const OPTIONS = { merge: true, strict: false, uniqueKeys: false, logLevel: 'silent' } as const;

/** Reads YAML as far as it goes. Broken text gives problems at its lines, never its content. */
export function readYaml(file: string, text: string, customTags?: Tags): YamlReading {
  const lines = new LineCounter();
  return readingOf(file, parseDocument(text, { lineCounter: lines, ...OPTIONS, ...(customTags && { customTags }) }), lines);
}

/** The same for a text of several documents; `lineOf` leads back to the file's lines where the text was made from it. */
export function readYamlDocuments(file: string, text: string, lineOf: (line: number) => number = (line) => line): YamlReading[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, ...OPTIONS });
  return Array.isArray(documents) ? documents.map((it) => readingOf(file, it, lines, lineOf)) : [];
}

function readingOf(file: string, document: Document.Parsed, lines: LineCounter, lineOf: (line: number) => number = (line) => line): YamlReading {
  const problems = document.errors
    .slice(0, 3)
    .map((it) => ({ file, line: lineOf(lines.linePos(it.pos[0]).line), message: `This YAML can't be read here (${it.code.toLowerCase().replaceAll('_', ' ')}).` }));
  let value: unknown = null;
  try {
    value = document.toJS({ maxAliasCount: 200 });
  } catch {
    problems.push({ file, line: 1, message: "This YAML can't be read: its aliases lead nowhere or unfold too far." });
  }
  const whole: Place = { file, line: 1 };
  const placeAt = (path: readonly (string | number)[]): Place => {
    for (let length = path.length; length > 0; length--) {
      const node = keyOrItem(document.contents, path.slice(0, length));
      if (!node?.range) continue;
      const start = lines.linePos(node.range[0]);
      const end = lines.linePos(node.range[1]);
      return { file, line: lineOf(start.line), column: start.col, endLine: lineOf(end.line), endColumn: end.col };
    }
    return whole;
  };
  return { value, placeAt, problems };
}

/** The key of a map entry, or the item of a list. */
function keyOrItem(root: unknown, path: readonly (string | number)[]): Node | undefined {
  let node: unknown = root;
  let key: Node | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((it) => isPair(it) && isScalar(it.key) && String(it.key.value) === String(step));
      if (!pair || !isNode(pair.key)) return undefined;
      key = pair.key;
      node = pair.value;
    } else {
      const items = (node as { items?: unknown[] } | null)?.items;
      const item = Array.isArray(items) && typeof step === 'number' ? items[step] : undefined;
      if (!isNode(item)) return undefined;
      key = item;
      node = item;
    }
  }
  return key;
}
