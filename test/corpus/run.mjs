#!/usr/bin/env node
// Scores labelled repositories that lie in an ignored folder: `npm run corpus [-- DIR]` (DIR is `.corpus`).
// Each repository is checked out below DIR under its label's name, at the label's commit; nothing is fetched, what is missing is named.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { deployablesOf } from '../../src/report/deployables.ts';
import { scenarioOf } from '../../src/inference/project.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { score, scoreFacts, scoreWeaknesses } from './score.mjs';

/** What the rules say of a repository at twice the rate at which it is full. */
function weaknessesIn(topology, project) {
  const pointOnly = { ranges: false, ladder: false, breakEven: false };
  const scenario = { ...scenarioOf(project, topology), targetSetByUser: true };
  const full = assess(topology, scenario, pointOnly).saturatesAtPerSecond.value;
  const doubled = { ...scenario, targetPerSecond: full === null ? scenario.targetPerSecond : Math.ceil(2 * full) };
  const evidence = { topology, scenario: doubled, outcome: assess(topology, doubled, pointOnly) };
  return RULES.flatMap((rule) => rule.find(evidence)).flatMap(({ rule, state, place }) => (state === 'weak' ? [{ rule, file: place.file, line: place.line }] : []));
}

const folder = resolve(process.argv[2] ?? '.corpus');
const folders = ['labels', '../inference/labelled'].map((it) => join(import.meta.dirname, it));
const labels = folders.flatMap((it) => readdirSync(it).map((name) => join(it, name))).filter((it) => it.endsWith('.json'));
const percent = (it) => `${Math.round(100 * it)}`.padStart(4);
let found = 0;
let wanted = 0;
let met = 0;
console.log(`${'repository'.padEnd(26)}  node P   R  F1 kind   edge P   R  F1 kind  facts  weak    files parsed     ms`);
for (const file of labels) {
  const label = JSON.parse(readFileSync(file, 'utf8'));
  const path = join(folder, label.name);
  if (!existsSync(path)) {
    console.log(`${label.name.padEnd(26)}not in ${folder}: check out ${label.repo} at ${label.commit}`);
    continue;
  }
  found += 1;
  const { topology: whole, project, read } = await infer(nodeWorkspace(path));
  const topology = deployablesOf(whole);
  const ids = RULES.map((rule) => rule.id);
  const it = { ...score(label, topology), ...scoreFacts(label, topology), ...scoreWeaknesses(label, weaknessesIn(whole, project), ids) };
  wanted += it.weaknessesWanted;
  met += it.weaknessesFound;
  console.log(
    `${label.name.padEnd(26)}    ${percent(it.nodePrecision)}${percent(it.nodeRecall)}${percent(it.nodeF1)} ${percent(it.kindAccuracy)}     ${percent(it.edgePrecision)}${percent(it.edgeRecall)}${percent(it.edgeF1)} ${percent(it.edgeKindAccuracy)}   ${percent(it.factRecall)}  ${`${it.weaknessesFound}/${it.weaknessesWanted}`.padStart(5)}  ${String(read.files).padStart(7)} ${String(read.parsed).padStart(6)} ${String(read.ms).padStart(6)}`,
  );
  for (const kind of ['missedNodes', 'wrongNodes', 'missedEdges', 'wrongEdges', 'missedFacts', 'wrongFacts', 'missedWeaknesses'])
    if (it[kind].length > 0) console.log(`    ${kind}: ${it[kind].join(', ')}`);
}
console.log(`weaknesses of high severity that a rule is about: ${met} of ${wanted} found at their place`);
if (found === 0) process.exitCode = 1;
