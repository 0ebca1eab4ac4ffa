import { flow } from '../model/amounts.ts';
import { breakingAt, isAssumed } from '../model/breaking-words.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Topology } from '../model/topology.ts';
import { type GraphEdge, type GraphNode, graphOf, TIER_TITLES, TIERS } from './graph.ts';
import { loadOf, ratesOf, shareOf } from './load.ts';

/** The topology as Mermaid text, for documents. With an outcome it carries utilisation in words; colours are left to the reader's theme. */
export function mermaidOf(topology: Topology, outcome?: Outcome): string {
  const graph = graphOf(topology);
  const names = new Map(graph.nodes.map((it, index) => [it.id, `n${index}`]));
  const rates = outcome ? ratesOf(topology, outcome) : null;
  const lines = ['flowchart LR'];
  if (outcome) lines.push(`  %% ${commentOf(outcome)}`);
  for (const tier of TIERS) {
    const nodes = graph.nodes.filter((it) => it.tier === tier);
    if (nodes.length === 0) continue;
    lines.push(`  subgraph tier_${tier}["${TIER_TITLES[tier]}"]`, ...nodes.map((it) => `    ${names.get(it.id)}${shapeOf(it, textOf(it, outcome))}`), '  end');
  }
  for (const edge of graph.edges) {
    const label = labelOf(edge, rates?.get(edge.id));
    lines.push(`  ${names.get(edge.from)} ${edge.manner === 'sync' ? '-->' : '-.->'}${label ? `|"${label}"|` : ''} ${names.get(edge.to)}`);
  }
  return `${lines.join('\n')}\n`;
}

function commentOf(outcome: Outcome): string {
  const { value, low } = outcome.breaksAtPerSecond;
  if (outcome.silentBecause) return plain(`no verdict: ${outcome.silentBecause}`);
  const at = value === null && low === null ? 'does not break below the search limit' : `breaks ${breakingAt(outcome.breaksAtPerSecond, isAssumed(outcome))}`;
  return `${at}; target ${flow(outcome.targetPerSecond)}: ${outcome.verdict}`;
}

function textOf(node: GraphNode, outcome: Outcome | undefined): string {
  const lines = [`${escaped(node.name)}`];
  if (node.component) lines.push(escaped(node.component.technology));
  lines.push(...node.facts.map(escaped));
  if (node.component && outcome) {
    const { state, station } = loadOf(node.id, outcome);
    if (station) lines.push(escaped(`${[state, shareOf(station, outcome)].filter(Boolean).join(' ')} · ${station.label}`));
    if (outcome.bindingComponent === node.id && outcome.breaksAtPerSecond.value !== null)
      lines.push(escaped(`breaks ${breakingAt(outcome.breaksAtPerSecond, isAssumed(outcome))}`));
  }
  return lines.filter(Boolean).join('<br/>') || ' ';
}

function shapeOf(node: GraphNode, text: string): string {
  switch (node.component?.kind) {
    case undefined:
      return `(["${text}"])`;
    case 'database':
    case 'cache':
    case 'search':
    case 'object-store':
      return `[("${text}")]`;
    case 'queue':
    case 'topic':
      return `[["${text}"]]`;
    case 'external-api':
    case 'observability':
      return `(["${text}"])`;
    default:
      return `["${text}"]`;
  }
}

function labelOf(edge: GraphEdge, rate: number | null | undefined): string {
  const what = edge.channels.length > 0 ? edge.channels.join(', ') : edge.kinds.join(', ');
  return escaped([what, rate === undefined || rate === null ? '' : flow(rate)].filter(Boolean).join(' '));
}

/** Text inside double quotes: everything but letters, digits and harmless signs becomes a numeric entity, so that no name can end the quote or start markup. */
function escaped(text: string): string {
  return Array.from(plain(text), (it) => (/[\p{L}\p{N} .,:;·×→/?@+%()=_-]/u.test(it) ? it : `#${it.codePointAt(0)};`)).join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
