import { CLIENTS, type Layout, type PlacedNode } from '../src/diagram/index.ts';

export interface Size {
  width: number;
  height: number;
}
export interface Frame {
  x: number;
  y: number;
  zoom: number;
}
interface Box extends Size {
  x: number;
  y: number;
}

/** Headings stand this far above the boxes. */
export const HEADING = 38;
/** Below this zoom names fall under 10 px. */
export const READABLE = 0.715;
/** Where even the way from the clients to the limit does not fit readably, it may shrink so far, and no further. */
const LEAST = 0.5;
const MOST = 1.2;
const MARGIN = 14;

/**
 * Where to look first: at the whole picture if its names can be read; else at the way from the clients to what gives way; else at what gives way, or the first part of it that there is room for.
 * `binding`: the part that gives way, and behind it what it waits for.
 * The frame is a transform as React Flow takes it: pixels, after the zoom.
 */
export function frameOf(layout: Layout, binding: readonly string[], canvas: Size): Frame {
  const whole = { x: 0, y: -HEADING, width: layout.width, height: layout.height + HEADING };
  const zoom = zoomTo(whole, canvas);
  if (zoom >= READABLE) return centred(whole, zoom, canvas);
  const entries = [CLIENTS, ...layout.edges.filter((it) => it.from === CLIENTS).map((it) => it.to)];
  const boxOf = (ids: readonly string[]): Box | null => around(layout.nodes.filter((it) => ids.includes(it.id)));
  const choices = [binding, binding.slice(0, 1)];
  const way = choices.map((ids) => boxOf([...entries, ...ids])).find((it) => it && zoomTo(it, canvas) >= LEAST);
  if (way) return within(way, whole, Math.min(READABLE, zoomTo(way, canvas)), canvas);
  const end = choices.map(boxOf).find((it) => it && zoomTo(it, canvas) >= READABLE) ?? boxOf(binding.slice(0, 1)) ?? boxOf(entries);
  return within(end ?? whole, whole, READABLE, canvas);
}

const zoomTo = (box: Box, canvas: Size): number => Math.min(MOST, (canvas.width - 2 * MARGIN) / box.width, (canvas.height - 2 * MARGIN) / box.height);

function centred(box: Box, zoom: number, canvas: Size): Frame {
  return { x: canvas.width / 2 - (box.x + box.width / 2) * zoom, y: canvas.height / 2 - (box.y + box.height / 2) * zoom, zoom };
}

/** Centred on a part, but never further than the picture's own borders: empty canvas beside cut boxes helps nobody. */
function within(part: Box, whole: Box, zoom: number, canvas: Size): Frame {
  const { x, y } = centred(part, zoom, canvas);
  return { x: held(x, whole.x, whole.width, canvas.width, zoom), y: held(y, whole.y, whole.height, canvas.height, zoom), zoom };
}

function held(at: number, from: number, length: number, room: number, zoom: number): number {
  if (length * zoom + 2 * MARGIN <= room) return room / 2 - (from + length / 2) * zoom;
  return Math.min(MARGIN - from * zoom, Math.max(room - MARGIN - (from + length) * zoom, at));
}

function around(nodes: readonly PlacedNode[]): Box | null {
  if (nodes.length === 0) return null;
  const x = Math.min(...nodes.map((it) => it.x));
  const y = Math.min(...nodes.map((it) => it.y));
  return { x, y, width: Math.max(...nodes.map((it) => it.x + it.width)) - x, height: Math.max(...nodes.map((it) => it.y + it.height)) - y };
}
