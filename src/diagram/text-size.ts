import type { GraphEdge, GraphNode } from './graph.ts';

/** Widths of the editor's usual fonts at 14 px and 11.5 px, on the wide side, so that an estimate never clips. */
const NAME = { charWidth: 8.6, lineHeight: 18 };
const DETAIL = { charWidth: 6.6, lineHeight: 16 };
const PADDING = 10;
const ICON = 26;
const METER = 26;
/** Room for the meter's row: `saturated 100%`. */
const MIN_WIDTH = 134;
/** Names may be wider than what stands below them: a fact reads as well on two lines. */
const DETAIL_WIDTH = 136;
const MAX_WIDTH = 220;
const LABEL = { least: 68, most: 84, charWidth: 6.4 };

/** Lines that a text takes at a width: words wrap where they can, longer words break anywhere. */
export function linesOf(text: string, charsPerLine: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    let rest = word;
    if (line && line.length + 1 + rest.length > charsPerLine) {
      lines.push(line);
      line = '';
    }
    while (rest.length > charsPerLine) {
      lines.push(rest.slice(0, charsPerLine));
      rest = rest.slice(charsPerLine);
    }
    line = line ? `${line} ${rest}` : rest;
  }
  return line || lines.length === 0 ? [...lines, line] : lines;
}

export interface Box {
  width: number;
  height: number;
}

/** The text of a node, broken into lines as its box has room for them. */
export function linesIn(node: GraphNode): { width: number; name: string[]; details: string[] } {
  const details = [...(node.component ? [node.component.technology] : ['send the load']), ...node.facts].filter(Boolean);
  const wanted =
    Math.max(ICON + node.name.length * NAME.charWidth, ...details.map((it) => Math.min(DETAIL_WIDTH - 2 * PADDING - 4, it.length * DETAIL.charWidth))) + 2 * PADDING + 4;
  const width = Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, wanted)));
  const room = width - 2 * PADDING;
  return {
    width,
    name: linesOf(node.name, Math.floor((room - ICON) / NAME.charWidth)),
    details: details.flatMap((it) => linesOf(it, Math.floor(room / DETAIL.charWidth))),
  };
}

/** The size that a node's text needs. The meter's row is always reserved: a box that grows under load would move its neighbours. */
export function boxOf(node: GraphNode): Box {
  const { width, name, details } = linesIn(node);
  return { width, height: 2 * PADDING + name.length * NAME.lineHeight + details.length * DETAIL.lineHeight + (node.component ? METER : 4) };
}

/** Room for an arrow's label: its channel's name, else a rate. What it says never depends on load, so neither does this. */
export function labelWidthOf(edge: GraphEdge): number {
  const longest = Math.max(0, channelText(edge).length * LABEL.charWidth + 8);
  return Math.round(Math.min(LABEL.most, Math.max(LABEL.least, longest)));
}

/** What an arrow carries, as far as its dashes don't say it: the queue or topic, or how many. */
export function channelText(edge: Pick<GraphEdge, 'channels'>): string {
  return edge.channels.length > 2 ? `${edge.channels.length} channels` : edge.channels.join(', ');
}
