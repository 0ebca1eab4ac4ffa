import dagre from '@dagrejs/dagre';
import type { Topology } from '../model/topology.ts';
import { type Graph, type GraphEdge, type GraphNode, graphOf, TIER_TITLES, TIERS, type Tier } from './graph.ts';
import { boxOf, labelWidthOf } from './text-size.ts';

export interface Point {
  x: number;
  y: number;
}

/** Top left corner and size. */
export interface PlacedNode extends GraphNode {
  x: number;
  y: number;
  width: number;
  height: number;
  column: number;
}

export interface PlacedEdge extends GraphEdge {
  /** From the border of the one box to the border of the other, around the boxes between. */
  points: readonly Point[];
  label: Point;
}

export interface Layout {
  nodes: readonly PlacedNode[];
  edges: readonly PlacedEdge[];
  /** Headings of the columns that are in use; tiers that share their columns share one. */
  tiers: readonly { tier: Tier; title: string; x: number; width: number }[];
  width: number;
  height: number;
}

/** Room that an edge's label gets between two columns: two lines, a rate and the state of a pool. */
const LABEL_HEIGHT = 30;
/** Between two boxes of a column, and between the picture and the parts that no arrow reaches. */
const GAP = 26;
const BELOW = 44;
/** More columns than this side by side, and beside the explorer and the details nobody reads the names any more. */
const MOST_COLUMNS = 5;
/** How deep calls inside a tier may spread to the right, from roomy to tight; a tight picture also puts outside services below the data, a tighter one workers below the services instead of behind their broker. */
const SPREADS = [
  { services: 4, others: 4, shares: false, workersBeside: false },
  { services: 4, others: 4, shares: true, workersBeside: false },
  { services: 3, others: 2, shares: true, workersBeside: false },
  { services: 2, others: 2, shares: true, workersBeside: false },
  { services: 2, others: 2, shares: true, workersBeside: true },
  { services: 2, others: 1, shares: true, workersBeside: true },
] as const;
type Spread = (typeof SPREADS)[number];

/** Places boxes and arrows. Depends on the parts and their names only, never on load, so a picture stands still while numbers move. */
export function layout(topology: Topology, options: { dev?: boolean } = {}): Layout {
  return layoutGraph(graphOf(topology, options));
}

export function layoutGraph(graph: Graph): Layout {
  if (graph.nodes.length === 0) return { nodes: [], edges: [], tiers: [], width: 0, height: 0 };
  const columns = columnsOf(graph);
  const pinned = new dagre.graphlib.Graph({ multigraph: true });
  pinned.setGraph({
    rankdir: 'LR',
    nodesep: GAP,
    edgesep: 12,
    ranksep: 28,
    // Columns are decided here, by meaning; the library counts two ranks a column to make room for labels.
    ranker: ((g: { nodes(): string[]; node(id: string): { rank?: number } }) => {
      for (const id of g.nodes()) g.node(id).rank = 2 * (columns.get(id) ?? Number(id.slice(STAND_IN.length)));
    }) as unknown as 'network-simplex',
  });
  const linked = new Set(graph.edges.flatMap((it) => [it.from, it.to]));
  const lonely = graph.nodes.filter((it) => !linked.has(it.id));
  for (const node of graph.nodes) if (linked.has(node.id)) pinned.setNode(node.id, { ...boxOf(node) });
  // Parts without an arrow would push the others apart: a flat stand-in keeps their column's width, and they go below.
  for (const node of lonely) {
    const id = standIn(columns.get(node.id) ?? 0);
    pinned.setNode(id, { width: Math.max(boxOf(node).width, pinned.hasNode(id) ? pinned.node(id).width : 0), height: 1 });
  }
  const forward = (it: GraphEdge): number => (columns.get(it.to) ?? 0) - (columns.get(it.from) ?? 0);
  for (const edge of graph.edges) {
    const label = { width: labelWidthOf(edge), height: LABEL_HEIGHT, labelpos: 'c' as const, weight: edge.manner === 'sync' ? 2 : 1 };
    if (forward(edge) > 0) pinned.setEdge(edge.from, edge.to, label, edge.id);
    else if (forward(edge) < 0) pinned.setEdge(edge.to, edge.from, label, edge.id);
  }
  dagre.layout(pinned);
  const placed = graph.nodes
    .filter((it) => linked.has(it.id))
    .map((it): PlacedNode => {
      const at = pinned.node(it.id);
      return { ...it, x: Math.round(at.x! - at.width / 2), y: Math.round(at.y! - at.height / 2), width: at.width, height: at.height, column: columns.get(it.id) ?? 0 };
    });
  const lowest = Math.max(
    0,
    ...placed.map((it) => it.y + it.height + BELOW),
    ...pinned.edges().flatMap((it) => (pinned.edge(it).points ?? []).map((point: Point) => point.y + BELOW)),
  );
  const nodes = [...placed, ...stackedBelow(lonely, columns, lowest, (column) => pinned.node(standIn(column)).x!)];
  const byId = new Map(nodes.map((it) => [it.id, it]));
  const bulges = new Map<number, number>();
  const edges = graph.edges.map((it): PlacedEdge => {
    const step = forward(it);
    if (step === 0) {
      const column = columns.get(it.from) ?? 0;
      const before = bulges.get(column) ?? 0;
      bulges.set(column, before + 1);
      return sideways(it, byId.get(it.from)!, byId.get(it.to)!, before);
    }
    const routed = pinned.edge(step > 0 ? it.from : it.to, step > 0 ? it.to : it.from, it.id);
    const points = (routed.points ?? []).map(({ x, y }: Point) => ({ x, y }));
    return { ...it, points: step > 0 ? points : points.reverse(), label: { x: routed.x ?? points[0]!.x, y: routed.y ?? points[0]!.y } };
  });
  return { nodes, edges: freeLabels(spreadPorts(edges, byId)), tiers: headings(nodes), width: right(nodes), height: Math.max(...nodes.map((it) => it.y + it.height)) };
}

const STAND_IN = '@column ';
const standIn = (column: number): string => `${STAND_IN}${column}`;

function stackedBelow(nodes: readonly GraphNode[], columns: ReadonlyMap<string, number>, top: number, middleOf: (column: number) => number): PlacedNode[] {
  const next = new Map<number, number>();
  return nodes.map((it) => {
    const column = columns.get(it.id) ?? 0;
    const box = boxOf(it);
    const y = next.get(column) ?? top;
    next.set(column, y + box.height + GAP);
    return { ...it, ...box, column, x: Math.round(middleOf(column) - box.width / 2), y: Math.round(y) };
  });
}

/** A column for each node: its tier, and within the tier how deep it lies in the calls; as many columns as stay readable. */
function columnsOf(graph: Graph): Map<string, number> {
  for (const spread of SPREADS) {
    const columns = spreadColumns(graph, spread);
    if (Math.max(...columns.values()) < MOST_COLUMNS || spread === SPREADS.at(-1)) return columns;
  }
  return new Map();
}

function spreadColumns(graph: Graph, spread: Spread): Map<string, number> {
  const columns = new Map<string, number>();
  let first = 0;
  const hasServices = graph.nodes.some((it) => it.tier === 'services');
  const isBeside = (it: GraphNode): boolean =>
    spread.workersBeside && hasServices && it.tier === 'async' && (it.component?.kind === 'worker' || it.component?.kind === 'scheduler');
  for (const tier of TIERS) {
    const nodes = graph.nodes.filter((it) => it.tier === tier && !isBeside(it));
    if (nodes.length === 0) continue;
    if (tier === 'external' && spread.shares && graph.nodes.some((it) => it.tier === 'data')) {
      for (const node of nodes) columns.set(node.id, first - 1);
      continue;
    }
    const depths = depthsOf(nodes, graph.edges, tier === 'services' ? spread.services : spread.others);
    const used = [...new Set(depths.values())].sort((a, b) => a - b);
    for (const node of nodes) columns.set(node.id, first + used.indexOf(depths.get(node.id) ?? 0));
    first += used.length;
    if (tier === 'services') for (const node of graph.nodes.filter(isBeside)) columns.set(node.id, first - 1);
  }
  return columns;
}

/** Longest chain of calls inside the tier that leads to a node; calls that close a circle don't count. */
function depthsOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[], deepest: number): Map<string, number> {
  const inside = new Set(nodes.map((it) => it.id));
  const callers = new Map<string, string[]>();
  for (const edge of edges) if (inside.has(edge.from) && inside.has(edge.to)) callers.set(edge.to, [...(callers.get(edge.to) ?? []), edge.from]);
  const depths = new Map<string, number>();
  const open = new Set<string>();
  const depth = (id: string): number => {
    const done = depths.get(id);
    if (done !== undefined) return done;
    if (open.has(id)) return -1;
    open.add(id);
    const value = Math.min(deepest - 1, Math.max(-1, ...(callers.get(id) ?? []).map(depth)) + 1);
    open.delete(id);
    depths.set(id, value);
    return value;
  };
  for (const node of nodes) depth(node.id);
  return depths;
}

/** Between two boxes of one column: out and in at their right sides, each arrow of the column a little further out. */
function sideways(edge: GraphEdge, from: PlacedNode, to: PlacedNode, before: number): PlacedEdge {
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x + to.width, y: to.y + to.height / 2 };
  const edgeX = Math.max(start.x, end.x);
  const middle = { x: edgeX + 20 + 9 * (before % 4), y: (start.y + end.y) / 2 };
  return { ...edge, points: [start, middle, end], label: { x: Math.max(middle.x, edgeX + 4 + labelWidthOf(edge) / 2), y: middle.y } };
}

const SHIFTS = [0, 1, -1, 2, -2, 3, -3, 4, -4];

/** The library keeps the labels of its own arrows apart; those inside a column look for a free place beside theirs. */
function freeLabels(edges: readonly PlacedEdge[]): PlacedEdge[] {
  const taken = edges.filter((it) => !turnsBack(it.points)).map((it) => it.label);
  return edges.map((it) => {
    if (!turnsBack(it.points)) return it;
    const isFree = (at: Point): boolean => taken.every((other) => Math.abs(other.y - at.y) >= LABEL_HEIGHT || Math.abs(other.x - at.x) >= labelWidthOf(it));
    const places = SHIFTS.map((step) => ({ x: it.label.x, y: it.label.y + (step * LABEL_HEIGHT) / 2 }));
    const label = places.find(isFree) ?? it.label;
    taken.push(label);
    return { ...it, label };
  });
}

/** True for an arrow that leaves and arrives on the right. */
export const turnsBack = (points: readonly Point[]): boolean => points.length === 3 && points[1]!.x > Math.max(points[0]!.x, points[2]!.x);

/** Lets the arrows of a box leave and arrive side by side instead of in one point, in the order in which they come. */
function spreadPorts(edges: readonly PlacedEdge[], nodes: ReadonlyMap<string, PlacedNode>): PlacedEdge[] {
  const ports = new Map<string, { edge: PlacedEdge; end: 'from' | 'to'; y: number }[]>();
  for (const edge of edges)
    for (const end of ['from', 'to'] as const) {
      const node = nodes.get(edge[end])!;
      const beside = end === 'from' ? edge.points[1]! : edge.points.at(-2)!;
      const side = beside.x > node.x + node.width / 2 ? 'right' : 'left';
      const key = `${node.id} ${side}`;
      ports.set(key, [...(ports.get(key) ?? []), { edge, end, y: beside.y }]);
    }
  const moved = new Map(edges.map((it) => [it.id, [...it.points]]));
  for (const [key, all] of ports) {
    const sorted = [...all].sort((a, b) => a.y - b.y);
    for (const [index, { edge, end }] of sorted.entries()) {
      const node = nodes.get(edge[end])!;
      const x = key.endsWith('right') ? node.x + node.width : node.x;
      const y = node.y + (node.height * (index + 1)) / (sorted.length + 1);
      const points = moved.get(edge.id)!;
      points[end === 'from' ? 0 : points.length - 1] = { x, y };
    }
  }
  return edges.map((it) => ({ ...it, points: moved.get(it.id) ?? it.points }));
}

function headings(nodes: readonly PlacedNode[]): Layout['tiers'] {
  const made: { tier: Tier; title: string; x: number; width: number; columns: Set<number> }[] = [];
  for (const tier of TIERS) {
    const own = nodes.filter((it) => it.tier === tier);
    if (own.length === 0) continue;
    const columns = new Set(own.map((it) => it.column));
    const x = Math.min(...own.map((it) => it.x));
    const shared = made.find((it) => [...columns].some((column) => it.columns.has(column)));
    if (!shared) made.push({ tier, title: TIER_TITLES[tier], x, width: right(own) - x, columns });
    else
      Object.assign(shared, {
        title: `${shared.title} · ${TIER_TITLES[tier]}`,
        x: Math.min(x, shared.x),
        width: Math.max(right(own), shared.x + shared.width) - Math.min(x, shared.x),
      });
  }
  return made.map(({ columns: _, ...it }) => it);
}

const right = (nodes: readonly PlacedNode[]): number => Math.max(...nodes.map((it) => it.x + it.width));

/** True when two boxes share more than a border. */
export function intersects(a: PlacedNode, b: PlacedNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
