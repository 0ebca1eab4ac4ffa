import type { Outcome } from '../model/outcome.ts';
import type { Topology } from '../model/topology.ts';
import { type Layout, type PlacedEdge, type PlacedNode, type Point, turnsBack } from './layout.ts';
import { flow } from '../model/amounts.ts';
import { loadOf, ratesOf, shareOf } from './load.ts';
import { channelText, linesIn } from './text-size.ts';

const MARGIN = 28;
const HEADING = 26;

/** The picture as one file that needs nothing else; it follows the reader's light or dark preference by itself. */
export function svgOf(topology: Topology, outcome: Outcome | null, layout: Layout): string {
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN + HEADING;
  const rates = outcome ? ratesOf(topology, outcome) : new Map<string, number | null>();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Service topology">`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN + HEADING})">`,
    ...layout.tiers.map((it) => `<text class="tier" x="${it.x}" y="-16">${escaped(it.title)}</text>`),
    ...layout.edges.map((it) => edgeSvg(it, rates.get(it.id))),
    ...layout.nodes.map((it) => nodeSvg(it, outcome)),
    '</g></svg>',
  ].join('\n');
}

function nodeSvg(node: PlacedNode, outcome: Outcome | null): string {
  const { name, details } = linesIn(node);
  const load = loadOf(node.id, outcome);
  let y = 24;
  const line = (text: string, kind: string, step: number): string => {
    const made = `<text class="${kind}" x="10" y="${y}">${escaped(text)}</text>`;
    y += step;
    return made;
  };
  const parts = [...name.map((it) => line(it, 'name', 18)), ...details.map((it) => line(it, 'detail', 16))];
  if (node.component && !load.station) parts.push(`<text class="detail" x="10" y="${node.height - 9}">${load.state}</text>`);
  if (load.station && node.component) {
    const share = Math.min(1, Number.isFinite(load.station.utilisation) ? load.station.utilisation : 1);
    parts.push(`<rect class="track" x="10" y="${node.height - 28}" width="${node.width - 20}" height="4" rx="2"/>`);
    parts.push(`<rect class="bar ${load.state}" x="10" y="${node.height - 28}" width="${Math.round((node.width - 20) * share)}" height="4" rx="2"/>`);
    parts.push(`<text class="detail" x="10" y="${node.height - 9}">${escaped(`${shareOf(load.station, outcome)} ${load.state}`.trim())}</text>`);
  }
  return `<g transform="translate(${node.x} ${node.y})"><rect class="node ${node.component ? load.state : 'plain'}" width="${node.width}" height="${node.height}" rx="6"/>${parts.join('')}</g>`;
}

function edgeSvg(edge: PlacedEdge, rate: number | null | undefined): string {
  const label = [channelText(edge), rate === null || rate === undefined ? '' : flow(rate)].filter(Boolean).join(' · ');
  return `<path class="edge ${edge.manner}" d="${pathOf(edge.points)}" marker-end="url(#arrow)"/><text class="label" x="${edge.label.x}" y="${edge.label.y - 5}" text-anchor="middle">${escaped(label)}</text>`;
}

/** A smooth line through every point, level at each, so that a label put on a point sits on the line. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  if (turnsBack(points)) {
    const [, middle, end] = points as [Point, Point, Point];
    const x = (8 * middle.x - first.x - end.x) / 6;
    return `M${at(first)}C${at({ x, y: first.y })} ${at({ x, y: end.y })} ${at(end)}`;
  }
  let path = `M${at(first)}`;
  let from = first;
  for (const to of rest) {
    const middle = (from.x + to.x) / 2;
    path += from.y === to.y ? `L${at(to)}` : `C${at({ x: middle, y: from.y })} ${at({ x: middle, y: to.y })} ${at(to)}`;
    from = to;
  }
  return path;
}

const at = (it: Point): string => `${Math.round(it.x * 10) / 10} ${Math.round(it.y * 10) / 10}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are not allowed in XML
const escaped = (text: string): string => text.replace(/[\u0000-\u001f]/g, ' ').replace(/[&<>"']/g, (it) => `&#${it.charCodeAt(0)};`);

const STYLE = `
text{font-family:system-ui,sans-serif;fill:#1f2328}
.page{fill:#fff}.node{fill:#f6f8fa;stroke:#6e7781;stroke-width:1.2}
.node.tight{stroke:#9a6700;stroke-width:2}.node.saturated{stroke:#bc4c00;stroke-width:2}.node.failing{stroke:#cf222e;stroke-width:2.5}.node.unknown{stroke-dasharray:4 3}
.name{font-size:13px;font-weight:600}.detail{font-size:11px;fill:#59636e}.tier{font-size:11px;font-weight:600;fill:#59636e;text-transform:uppercase}
.label{font-size:10.5px;fill:#59636e;paint-order:stroke;stroke:#fff;stroke-width:4px}
.edge{fill:none;stroke:#6e7781;stroke-width:1.4}.edge.async{stroke-dasharray:7 4}.edge.cached{stroke-dasharray:2 3}.head{fill:#6e7781}
.track{fill:#d1d9e0}.bar{fill:#1a7f37}.bar.unknown{fill:#6e7781}.bar.tight{fill:#9a6700}.bar.saturated{fill:#bc4c00}.bar.failing{fill:#cf222e}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.node{fill:#161b22;stroke:#8b949e}.detail,.tier,.label{fill:#9ea7b3}.label{stroke:#0d1117}.edge{stroke:#8b949e}.head{fill:#8b949e}.track{fill:#30363d}.bar{fill:#3fb950}.bar.tight{fill:#d29922}.bar.saturated{fill:#f0883e}.bar.failing{fill:#f85149}.node.tight{stroke:#d29922}.node.saturated{stroke:#f0883e}.node.failing{stroke:#f85149}}
`.replaceAll('\n', '');
