import type { Place } from '../../model/known.ts';
import type { Problem } from '../../model/topology.ts';
import { HclCursor, Unreadable } from './hcl-cursor.ts';
import { DEEPEST, expression, type HclExpression } from './hcl-expressions.ts';

export type { HclExpression } from './hcl-expressions.ts';

export interface HclBlock {
  type: string;
  labels: readonly string[];
  attributes: Readonly<Record<string, HclExpression>>;
  blocks: readonly HclBlock[];
  place: Place;
}

/**
 * Reads HashiCorp's configuration language: blocks, attributes, literals, templates, references, lists, maps and calls.
 * A block that can't be read to its end is a problem at its line, and the next top-level block is read.
 */
export function readHcl(file: string, text: string): { blocks: HclBlock[]; problems: Problem[] } {
  const blocks: HclBlock[] = [];
  const problems: Problem[] = [];
  const cursor = new HclCursor(file, text);
  for (;;) {
    cursor.skipBlank();
    if (cursor.isAtEnd()) return { blocks, problems };
    const from = cursor.at;
    try {
      const { blocks: found } = entry(cursor, 0);
      if (found) blocks.push(found);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (problems.length < 3) problems.push({ file, line: cursor.lineOf(Math.min(error.at, text.length)), message: "This Terraform block can't be read here." });
      cursor.toNextBlock(from);
    }
  }
}

/** One block or attribute of a body. */
function entry(cursor: HclCursor, depth: number): { blocks?: HclBlock; attribute?: [string, HclExpression] } {
  if (depth > DEEPEST) throw new Unreadable(cursor.at);
  const from = cursor.at;
  const name = cursor.take(/[A-Za-z_][\w-]*/) ?? cursor.quotedName();
  if (name === undefined) throw new Unreadable(cursor.at);
  cursor.skipBlank(false);
  if (cursor.text[cursor.at] === '=' && cursor.text[cursor.at + 1] !== '=') {
    cursor.at += 1;
    cursor.skipBlank(false);
    const value = expression(cursor, depth + 1);
    return { attribute: [name, { ...value, place: { ...value.place, line: cursor.lineOf(from), column: cursor.placeFrom(from).column ?? 1 } }] };
  }
  const labels: string[] = [];
  for (;;) {
    const label = cursor.quotedName() ?? cursor.take(/[A-Za-z_][\w-]*/);
    if (label === undefined) break;
    labels.push(label);
    cursor.skipBlank(false);
  }
  cursor.expect('{');
  const head = cursor.placeFrom(from);
  const attributes: Record<string, HclExpression> = {};
  const blocks: HclBlock[] = [];
  for (;;) {
    cursor.skipBlank();
    if (cursor.text[cursor.at] === '}') break;
    const inner = entry(cursor, depth + 1);
    if (inner.blocks) blocks.push(inner.blocks);
    if (inner.attribute) attributes[inner.attribute[0]] = inner.attribute[1];
  }
  cursor.at += 1;
  return { blocks: { type: name, labels, attributes, blocks, place: head } };
}
