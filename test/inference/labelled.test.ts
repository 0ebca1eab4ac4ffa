import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Place = string | null;
type Label = {
  name: string;
  repo: string;
  commit: string;
  nodes: { id: string; kind: string; scope: string; evidence: Place; mergeable_with?: string[] }[];
  edges: { from: string; to: string; kind: string; evidence: Place }[];
  channels: { broker: string }[];
  facts: { type: string; number?: number; evidence: Place; explicit: boolean }[];
  weaknesses: { severity: string; rule?: string | null; evidence: Place }[];
};
const folder = join(import.meta.dirname, 'labelled');
const labels: Label[] = readdirSync(folder)
  .filter((it) => it.endsWith('.json'))
  .map((it) => JSON.parse(readFileSync(join(folder, it), 'utf8')));
const KINDS = 'gateway service worker frontend scheduler database cache queue topic search object-store external-api observability'.split(' ');
const EDGES = 'http grpc tcp ws query cache publish consume smtp'.split(' ');
const isPlace = (it: Place) => it === null || /^[^:]+:\d+$/.test(it);

describe.each(labels.map((it) => [it.name, it] as const))('the label of %s', (_, label) => {
  test('names a repository at a commit', () => {
    expect(label.repo).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(label.commit).toMatch(/^[0-9a-f]{40}$/);
  });
  test('has nodes of known kinds, each once', () => {
    expect(label.nodes.filter((it) => !KINDS.includes(it.kind) || !['runtime', 'optional', 'dev'].includes(it.scope))).toEqual([]);
    expect(new Set(label.nodes.map((it) => it.id)).size).toBe(label.nodes.length);
  });
  test('has edges, channels and merges between its nodes', () => {
    const ids = new Set(label.nodes.map((it) => it.id));
    const ends = [...label.edges.flatMap((it) => [it.from, it.to]), ...label.channels.map((it) => it.broker), ...label.nodes.flatMap((it) => it.mergeable_with ?? [])];
    expect(ends.filter((it) => !ids.has(it))).toEqual([]);
    expect(label.edges.filter((it) => !EDGES.includes(it.kind))).toEqual([]);
  });
  test('gives a file and line for everything that is written there', () => {
    expect([...label.nodes, ...label.edges, ...label.facts, ...label.weaknesses].filter((it) => !isPlace(it.evidence))).toEqual([]);
    expect(label.facts.filter((it) => it.explicit && it.number !== undefined && it.evidence === null)).toEqual([]);
  });
  test('says of each high weakness which rule is meant, or that none is', () => {
    expect(label.weaknesses.filter((it) => it.severity === 'high' && it.rule !== null && !/^[a-z]+(-[a-z]+)+$/.test(it.rule ?? ''))).toEqual([]);
  });
});
