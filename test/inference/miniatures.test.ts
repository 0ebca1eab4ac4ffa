import { describe, expect, it } from 'vitest';
import { score, scoreFacts } from '../corpus/score.mjs';
import { topologyOf } from './memory-workspace.ts';
import { ALTERNATIVES } from './miniatures/alternatives.ts';
import { DEPLOYMENTS } from './miniatures/deployments.ts';
import { EDGES } from './miniatures/edges.ts';
import { IDENTITY } from './miniatures/identity.ts';
import { INDIRECTION } from './miniatures/indirection.ts';
import type { Miniature } from './miniatures/parts.ts';
import { PROGRAMS } from './miniatures/programs.ts';

/** A miniature's drawing in the form that real repositories are labelled in. */
function labelOf(it: Miniature): object {
  return {
    name: it.trap,
    nodes: it.nodes.map((row) => {
      const [id, kind] = row.replace(/^\?/, '').split(' ');
      return { id, kind, scope: row.startsWith('?') ? 'dev' : 'runtime' };
    }),
    edges: it.edges.map((row) => {
      const [from, kind, to] = row.split(' ');
      return { from, to, kind, scope: 'runtime' };
    }),
    facts: (it.facts ?? []).map((row) => {
      const [type, subject, number, unit, evidence] = row.split(' ');
      return { type, subject, number: Number(number), unit, evidence, explicit: true };
    }),
  };
}

describe('where a naive reader goes wrong', () => {
  it.each([...EDGES, ...IDENTITY, ...ALTERNATIVES, ...INDIRECTION, ...DEPLOYMENTS, ...PROGRAMS].map((it) => [it.trap, it] as const))('%s', async (_trap, it) => {
    const topology = await topologyOf(it.files);
    const label = labelOf(it) as never;
    const { missedNodes, wrongNodes, missedEdges, wrongEdges, kindAccuracy, edgeKindAccuracy } = score(label, topology as never);
    const { missedFacts, wrongFacts } = scoreFacts(label, topology as never);
    expect({ missedNodes, wrongNodes, missedEdges, wrongEdges, missedFacts, wrongFacts }).toEqual({
      missedNodes: [],
      wrongNodes: [],
      missedEdges: [],
      wrongEdges: [],
      missedFacts: [],
      wrongFacts: [],
    });
    expect({ kindAccuracy, edgeKindAccuracy }).toEqual({ kindAccuracy: 1, edgeKindAccuracy: 1 });
    expect(JSON.stringify(topology)).not.toContain('S3cr3t');
  });

  it('a wrong drawing would be noticed', async () => {
    const [first] = EDGES as [Miniature];
    const label = labelOf({ ...first, edges: [...first.edges, 'app cache cache'] }) as never;
    expect(score(label, (await topologyOf(first.files)) as never).missedEdges).toEqual(['app -> cache']);
  });
});
