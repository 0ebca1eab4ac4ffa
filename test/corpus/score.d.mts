export interface Label {
  name: string;
  args?: string[];
  commit?: string;
  nodes: unknown[];
  edges: unknown[];
  facts?: unknown[];
}
export interface Score {
  name: string;
  nodeF1: number;
  edgeF1: number;
  kindAccuracy: number;
  edgeKindAccuracy: number;
  missedNodes: string[];
  wrongNodes: string[];
  missedEdges: string[];
  wrongEdges: string[];
}
export function score(label: Label, predicted: object): Score;
export function scoreFacts(label: Label, predicted: object): { factRecall: number; factsWanted: number; missedFacts: string[]; wrongFacts: string[] };

export function scoreWeaknesses(
  label: unknown,
  found: readonly { rule: string; file: string; line: number }[],
  rules: readonly string[],
): { weaknessesWanted: number; weaknessesFound: number; missedWeaknesses: string[] };
