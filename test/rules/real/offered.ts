// npm run fixes:offered -- [DIR…] [--out DIR] [--most N]: makes every edit that is offered for real repositories (folders of `.corpus`, or those named), in memory, and says what is wrong with what comes out. Needs no network.
// At twice the rate at which the repository is full, with the items of the readiness list. `--out` keeps each difference for reading; `--most`: how many edits of one remedy are re-inferred in one repository.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { subjectOf } from '../../../src/advisor/subject.ts';
import { type FactCache, infer } from '../../../src/inference/infer.ts';
import { nodeCache } from '../../../src/inference/node-cache.ts';
import { nodeWorkspace } from '../../../src/inference/node-workspace.ts';
import { overlaid } from '../../../src/inference/overlaid.ts';
import { scenarioOf } from '../../../src/inference/project.ts';
import { applyEdits, type FileEdit } from '../../../src/model/edit.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { type RemedyIdea, SIMULATED_RULES, type Weakness } from '../../../src/model/weakness.ts';
import { makeEdits } from '../../../src/recipes/index.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess } from '../../../src/simulator/index.ts';
import type { Workspace } from '../../../src/workspace.ts';
import { differenceOf } from '../fixes/topology-lines.ts';
import { faultsIn } from './faults.ts';
import { unified } from './unified.ts';

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' }, most: { type: 'string', default: '3' } } });
const most = Number(flags.most);
const corpus = resolve('.corpus');
const folders = positionals.length > 0 ? positionals.map((it) => resolve(it)) : existsSync(corpus) ? readdirSync(corpus).map((it) => join(corpus, it)) : [];
const POINT_ONLY = { ranges: false, ladder: false, breakEven: false };

type Kind = 'made' | 'refused' | 'wrong';
interface Row {
  repository: string;
  remedy: string;
  kind: Kind;
  place: string;
  words: readonly string[];
}

const rows: Row[] = [];
for (const folder of folders.filter((it) => statSync(it).isDirectory())) {
  const started = Date.now();
  const found = await offeredIn(folder);
  rows.push(...found);
  const count = (kind: Kind) => found.filter((it) => it.kind === kind).length;
  console.log(`${basename(folder).padEnd(44)} ${count('made')} made, ${count('refused')} refused, ${count('wrong')} wrong, ${Date.now() - started} ms`);
}
const remedies = [...new Set(rows.map((it) => it.remedy))].sort();
console.log(`\n${'remedy'.padEnd(60)} made refused wrong`);
for (const remedy of remedies) {
  const own = rows.filter((it) => it.remedy === remedy);
  console.log(`${remedy.padEnd(60)} ${(['made', 'refused', 'wrong'] as const).map((kind) => String(own.filter((it) => it.kind === kind).length).padStart(5)).join(' ')}`);
}
for (const it of rows.filter(({ kind }) => kind === 'wrong')) console.log(`\nWRONG ${it.repository} ${it.remedy} ${it.place}${it.words.map((one) => `\n    ${one}`).join('')}`);
if (flags.out) writeFileSync(join(flags.out, 'rows.jsonl'), rows.map((it) => `${JSON.stringify(it)}\n`).join(''));
process.exitCode = rows.some((it) => it.kind === 'wrong') ? 1 : 0;

interface Read {
  topology: Topology;
  weak: readonly Weakness[];
}

async function offeredIn(folder: string): Promise<Row[]> {
  const workspace = remembered(nodeWorkspace(folder));
  const cache = nodeCache(null, folder);
  const { topology, project } = await infer(workspace, { cache });
  const own = { ...scenarioOf(project, topology), targetSetByUser: true };
  const full = assess(topology, own, POINT_ONLY).saturatesAtPerSecond.value;
  const scenario: Scenario = { ...own, targetPerSecond: full === null ? own.targetPerSecond : Math.ceil(2 * full) };
  const before: Read = { topology, weak: weakIn(topology, scenario) };
  const tried = new Map<string, number>();
  const found: Row[] = [];
  const done = new Set<string>();
  for (const weakness of before.weak)
    for (const idea of weakness.remedies) {
      if (!idea.edit || done.has(JSON.stringify([weakness.rule, idea.edit]))) continue;
      done.add(JSON.stringify([weakness.rule, idea.edit]));
      const remedy = `${weakness.rule}/${idea.id}`;
      const row = { repository: basename(folder), remedy, place: `${weakness.place.file}:${weakness.place.line}` };
      const made = await makeEdits(idea.edit, workspace);
      if ('cannot' in made) {
        found.push({ ...row, kind: 'refused', words: [made.cannot] });
        continue;
      }
      const times = tried.get(remedy) ?? 0;
      tried.set(remedy, times + 1);
      const words = await faultsIn(made.edits, workspace);
      const after = times < most ? await readAfter(made.edits, workspace, cache, scenario) : undefined;
      if (after) words.push(...stillWeak(weakness, before, after));
      keepDifference(`${row.repository}--${weakness.rule}--${idea.id}--${times}`, weakness, idea, made.edits, after && differenceOf(before.topology, after.topology), words);
      found.push({ ...row, kind: words.length > 0 ? 'wrong' : 'made', words });
    }
  return found;
}

function weakIn(topology: Topology, scenario: Scenario): Weakness[] {
  const evidence = { topology, scenario, outcome: assess(topology, scenario, POINT_ONLY) };
  return RULES.flatMap((rule) => rule.find(evidence)).filter((it) => it.state === 'weak');
}

async function readAfter(edits: readonly FileEdit[], workspace: Workspace, cache: FactCache, scenario: Scenario): Promise<Read> {
  const texts = new Map(edits.map((it) => [it.file, it.kind === 'create' ? it.text : applyEdits(it.before, it.edits)]));
  const { topology } = await infer(overlaid(workspace, texts), { cache: unchanged(cache) });
  return { topology, weak: weakIn(topology, scenario) };
}

function unchanged(cache: FactCache): FactCache {
  return { ...cache, keep: () => {}, settle: () => {}, answer: () => undefined, keepAnswer: () => {}, remember: () => {}, write: () => {} };
}

/** The weakness has to go, and no other may come but what the simulation finds at the same load, once the bottleneck has moved. */
function stillWeak(weakness: Weakness, before: Read, after: Read): string[] {
  const nameOf = (it: Weakness): string => `${it.rule} ${it.place.file} ${subjectOf(it)}`;
  const count = (read: Read, name: string): number => read.weak.filter((it) => nameOf(it) === name).length;
  const own = nameOf(weakness);
  const news = [...new Set(after.weak.map(nameOf))].filter((it) => count(after, it) > count(before, it) && !SIMULATED_RULES.some((rule) => it.startsWith(`${rule} `)));
  return [...(count(after, own) >= count(before, own) ? [`still weak: ${own}`] : []), ...news.map((it) => `newly weak: ${it}`)];
}

function keepDifference(name: string, weakness: Weakness, idea: RemedyIdea, edits: readonly FileEdit[], lines: readonly string[] | undefined, words: readonly string[]): void {
  if (!flags.out) return;
  mkdirSync(flags.out, { recursive: true });
  const head = [
    `${weakness.rule}/${idea.id} at ${weakness.place.file}:${weakness.place.line}: ${idea.does} (${idea.price})`,
    `facts ${JSON.stringify(weakness.facts)}`,
    `edit ${JSON.stringify(idea.edit)}`,
    ...words.map((it) => `WRONG ${it}`),
    ...(lines ?? ['not re-inferred']).map((it) => `topology ${it.slice(0, 400)}`),
  ];
  writeFileSync(join(flags.out, `${name.replaceAll('/', '_')}.diff`), `${head.join('\n')}\n${edits.map(unified).join('')}`);
}

/** The folder is walked once and each file read once. */
function remembered(workspace: Workspace): Workspace {
  const texts = new Map<string, ReturnType<Workspace['read']>>();
  let listed: ReturnType<Workspace['list']> | undefined;
  return {
    root: workspace.root,
    list: () => (listed ??= workspace.list()),
    read: (path) => {
      const known = texts.get(path) ?? workspace.read(path);
      texts.set(path, known);
      return known;
    },
  };
}
