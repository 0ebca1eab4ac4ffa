export type { Graph, GraphEdge, GraphNode, Manner, Tier } from './graph.ts';
export { CLIENTS, edgeId, graphOf, TIER_TITLES, TIERS } from './graph.ts';
export type { Layout, PlacedEdge, PlacedNode, Point } from './layout.ts';
export { intersects, layout, layoutGraph } from './layout.ts';
export type { Load, LoadState } from './load.ts';
export { loadOf, poolOn, shareOf, ratesOf, stateOf } from './load.ts';
export { mermaidOf } from './mermaid.ts';
export { pathOf, svgOf } from './svg.ts';
export { channelText, labelWidthOf } from './text-size.ts';
