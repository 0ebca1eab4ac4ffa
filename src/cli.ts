import { readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { importFiles, loadScriptText, measureText, Unreadable } from './cli-measuring.ts';
import { mermaidOf } from './diagram/mermaid.ts';
import { infer } from './inference/infer.ts';
import { nodeWorkspace } from './inference/node-workspace.ts';
import type { Scenario } from './model/scenario.ts';
import type { Topology } from './model/topology.ts';
import { analyse } from './pipeline.ts';
import { type CheckReport, readCheckReport } from './report/check-report.ts';
import { diffMarkdown, diffText } from './report/diff-text.ts';
import { fingerprintsIn, newRows } from './report/finding-rows.ts';
import { jsonText } from './report/json-text.ts';
import { jsonOf, type ScaffoldWord } from './report/json.ts';
import { markdownOf } from './report/markdown.ts';
import { diffReports } from './report/report-diff.ts';
import { sarifOf } from './report/sarif.ts';
import { textOf } from './report/text.ts';
import { parseLoad } from './model/load-text.ts';
import { scaffoldOf } from './scaffold/index.ts';
import { replicateOverThreads } from './simulation-threads.ts';
import { ENDLESS, type ModelOptions, planModel, resultOf, runText } from './simulator/index.ts';

const { version } = manifest;
/** Where people read what a rule is about. */
const RULE_PAGES = `${manifest.repository.url.replace(/\.git$/, '')}/blob/main/src/rules`;

const HELP = `faultline ${version}: what are my services, at how many requests a second do they break, what breaks first, what fixes it

  faultline check [DIR]            infer, simulate, advise
      --rps N                      target in requests per second, or a day at its peak: 10M/day, 10M/day x6 (makes findings warnings)
      --deployment NAME            which deployment to judge
      --slo-p95 MS  --mix FILE     objective; weights per endpoint as JSON {"GET /orders": 8}
      --seed N  --timing
      --format text|json|sarif|markdown|mermaid   --output FILE
      --baseline FILE              an earlier --format json: only new findings count
      --fail-on warning|info|hint|none
  faultline simulate MODEL.json    run a queueing network (network.schema.json)
      --engine solve|events  --seed N  --series  --format text|json
      --seconds S  --warmup S      how long, and how much of it is left out
      --precision SHARE            until the mean response is this precise (0.01; a steady load's default)
      --replications N             independent runs, mean and 95% interval (20 for phases, bursts and faults)
      --within MS,MS               shares of times up to these
      --threads N                  the result does not depend on it
  faultline diff BEFORE.json AFTER.json   two outputs of check --format json: what changed, new and fixed findings,
                                   and whether it breaks earlier or later, with the same draws of what is assumed
      --format text|json|markdown  markdown is the comment of a pull request
  faultline scaffold [DIR]         the scaffold command, and what it can't express
      --manager npx|yarn|pnpm      --format text|json
  faultline measure [DIR]          for each number that decides: how to measure it (SQL, PromQL, load scripts, snippets)
      --rps N  --slo-p95 MS  --mix FILE  --deployment NAME  --format text|json
  faultline import FILE…           measurements into faultline.json: what they say, what did not match, the verdict before and after
                                   (pg_stat_statements CSV, EXPLAIN JSON, autocannon, k6, Prometheus text, OTLP-JSON, HAR, access logs, redis-cli INFO)
      --workspace DIR  --write     into which folder (.); without --write nothing is changed
      --deployment NAME  --format text|json
  faultline export-k6 [DIR]        the load that the verdict is about as a k6 script, with the objective as thresholds
      --rps N  --slo-p95 MS  --mix FILE  --deployment NAME  --output FILE
  faultline --help | --version

Exit codes: 0 fine; 1 findings at or above --fail-on; 2 bad usage or unreadable input.
No network, no telemetry, nothing of the workspace is run; only import --write writes into it.
`;

/** A mistake of the caller: one line on stderr, exit code 2. */
class Usage extends Error {}

const LEVELS = { warning: 3, information: 2, hint: 1 } as const;
const FAIL_ON: Record<string, number> = { warning: 3, info: 2, hint: 1, none: 4 };

const OPTIONS = {
  rps: { type: 'string' },
  deployment: { type: 'string' },
  seed: { type: 'string' },
  'slo-p95': { type: 'string' },
  mix: { type: 'string' },
  format: { type: 'string' },
  output: { type: 'string' },
  baseline: { type: 'string' },
  'fail-on': { type: 'string' },
  timing: { type: 'boolean' },
  engine: { type: 'string' },
  seconds: { type: 'string' },
  series: { type: 'boolean' },
  precision: { type: 'string' },
  replications: { type: 'string' },
  warmup: { type: 'string' },
  within: { type: 'string' },
  threads: { type: 'string' },
  manager: { type: 'string' },
  workspace: { type: 'string' },
  write: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** Options of each command; any other one is refused rather than ignored. */
const ACCEPTED: Record<string, readonly (keyof typeof OPTIONS)[]> = {
  check: ['rps', 'deployment', 'seed', 'slo-p95', 'mix', 'format', 'output', 'baseline', 'fail-on', 'timing'],
  simulate: ['engine', 'seconds', 'seed', 'series', 'precision', 'replications', 'warmup', 'within', 'threads', 'format', 'output'],
  diff: ['format', 'output'],
  scaffold: ['deployment', 'manager', 'format', 'output'],
  measure: ['rps', 'slo-p95', 'mix', 'deployment', 'format', 'output'],
  import: ['workspace', 'write', 'deployment', 'format', 'output'],
  'export-k6': ['rps', 'slo-p95', 'mix', 'deployment', 'output'],
};

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new Usage(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.version) return print(`${version}\n`);
  const [name, target = '.', ...rest] = positionals;
  if (values.help || name === undefined) return print(HELP);
  const accepted = ACCEPTED[name];
  if (!accepted) throw new Usage(`unknown command ${JSON.stringify(name)}; see faultline --help`);
  if (rest.length > 0 && name !== 'import' && name !== 'diff') throw new Usage(`${name} takes one path, got ${positionals.length - 1}`);
  for (const key of Object.keys(values)) if (!(accepted as readonly string[]).includes(key)) throw new Usage(`${name} has no option --${key}`);
  if (name === 'import') return importMeasurements(positionals.slice(1), values);
  if (name === 'diff') return diff(positionals.slice(1), values);
  if (name === 'export-k6') return exportK6(target, values);
  if (name === 'measure') return measure(target, values);
  if (name === 'simulate') return simulate(target, positionals.length > 1, values);
  return name === 'check' ? check(target, values) : scaffold(target, values);
}

async function check(folder: string, values: Values): Promise<number> {
  const format = oneOf(values.format ?? 'text', ['text', 'json', 'sarif', 'markdown', 'mermaid'], '--format');
  if (values['fail-on'] !== undefined) oneOf(values['fail-on'], Object.keys(FAIL_ON), '--fail-on');
  const known = values.baseline === undefined ? null : baselineOf(values.baseline);
  const report = await analyse(nodeWorkspace(folderOf(folder)), wishesOf(values));
  if (values.deployment !== undefined && !report.topology.deployments.some((it) => it.active && (it.id === values.deployment || it.name === values.deployment)))
    throw new Usage(`no deployment ${JSON.stringify(values.deployment)}; there is ${report.topology.deployments.map((it) => it.name).join(', ') || 'none'}`);
  const word = scaffoldWord(report.topology, 'npx');
  const text = {
    text: () => textOf(report, word),
    json: () => jsonText(jsonOf(report, word, values.timing === true)),
    sarif: () => `${JSON.stringify(sarifOf(report, { version, pages: RULE_PAGES, ...(known && { baseline: known }) }), null, 2)}\n`,
    markdown: () => markdownOf(report, word),
    mermaid: () => mermaidOf(report.topology, report.outcome),
  }[format]();
  write(text, values.output);
  const failOn = FAIL_ON[values['fail-on'] ?? (report.scenario.targetSetByUser ? 'warning' : 'none')] as number;
  const counted = newRows(report.advice.findings, known);
  return counted.some((it) => LEVELS[it.severity] >= failOn) ? 1 : 0;
}

async function simulate(file: string, given: boolean, values: Values): Promise<number> {
  if (!given) throw new Usage('simulate takes a MODEL.json');
  const format = oneOf(values.format ?? 'text', ['text', 'json'], '--format');
  const engine = oneOf(values.engine ?? 'events', ['solve', 'events'], '--engine');
  const threads = values.threads === undefined ? undefined : whole(values.threads, '--threads');
  const options: ModelOptions = {
    engine,
    seed: values.seed === undefined ? 1 : positive(values.seed, '--seed'),
    series: values.series === true,
    ...(values.seconds !== undefined && { seconds: positive(values.seconds, '--seconds') }),
    ...(values.precision !== undefined && { precision: positive(values.precision, '--precision') }),
    ...(values.replications !== undefined && { replications: whole(values.replications, '--replications') }),
    ...(values.warmup !== undefined && { warmupSeconds: notNegative(values.warmup, '--warmup') }),
    ...(values.within !== undefined && { withinMs: values.within.split(',').map((it) => notNegative(it, '--within')) }),
  };
  const model = jsonFile(file);
  const plan = planModel(model, options);
  if ('error' in plan) throw new Usage(`${basename(file)}: ${plan.error}`);
  const run = async () =>
    plan.kind === 'replications' && plan.replications > 1
      ? await replicateOverThreads(plan.network, plan.options, plan.replications, { worker: workerFile(), ...(threads !== undefined && { threads }) })
      : resultOf(plan);
  // Only playing it shows that a model never comes to an end.
  const result = await run().catch((error: unknown) => {
    throw error instanceof Error && error.message === ENDLESS ? new Usage(`${basename(file)}: ${ENDLESS}`) : error;
  });
  write(format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : result ? runText(result) : '', values.output);
  return 0;
}

/** The thread's file lies beside this one, built or not. */
function workerFile(): string {
  const self = realpathSync(process.argv[1] ?? '');
  return join(dirname(self), `simulation-worker${extname(self)}`);
}

function diff(files: readonly string[], values: Values): number {
  const [before, after, ...more] = files;
  if (before === undefined || after === undefined || more.length > 0) throw new Usage(`diff takes two outputs of check --format json, got ${files.length}`);
  const format = oneOf(values.format ?? 'text', ['text', 'json', 'markdown'], '--format');
  const compared = diffReports(reportIn(before), reportIn(after));
  write({ text: () => diffText(compared), json: () => `${JSON.stringify(compared, null, 2)}\n`, markdown: () => diffMarkdown(compared) }[format](), values.output);
  return 0;
}

async function scaffold(folder: string, values: Values): Promise<number> {
  const manager = oneOf(values.manager ?? 'npx', ['npx', 'yarn', 'pnpm'], '--manager');
  const format = oneOf(values.format ?? 'text', ['text', 'json'], '--format');
  // What the services are is all that it needs: nothing is simulated.
  const { topology } = await infer(nodeWorkspace(folderOf(folder)), values.deployment === undefined ? {} : { deployment: values.deployment });
  const word = scaffoldWord(topology, manager);
  if (format === 'json') write(`${JSON.stringify(word, null, 2)}\n`, values.output);
  else write(`${[word.command ?? 'no command', ...word.notExpressible.map((it) => `# not expressible: ${it}`)].join('\n')}\n`, values.output);
  return 0;
}

async function measure(folder: string, values: Values): Promise<number> {
  const format = oneOf(values.format ?? 'text', ['text', 'json'], '--format');
  write(await measureText(folderOf(folder), wishesOf(values), format === 'json'), values.output);
  return 0;
}

async function exportK6(folder: string, values: Values): Promise<number> {
  write(await loadScriptText(folderOf(folder), wishesOf(values)).catch(asUsage), values.output);
  return 0;
}

const wishesOf = (values: Values) => ({ scenario: scenarioOf(values), ...(values.deployment !== undefined && { deployment: values.deployment }) });

function asUsage(error: unknown): never {
  throw error instanceof Unreadable ? new Usage(error.message) : error;
}

async function importMeasurements(files: readonly string[], values: Values): Promise<number> {
  if (files.length === 0) throw new Usage('import takes files of measurements');
  const format = oneOf(values.format ?? 'text', ['text', 'json'], '--format');
  const { text, code } = await importFiles(folderOf(values.workspace ?? '.'), files, {
    isWriting: values.write === true,
    isJson: format === 'json',
    ...(values.deployment !== undefined && { deployment: values.deployment }),
  }).catch(asUsage);
  write(text, values.output);
  return code;
}

function scaffoldWord(topology: Topology, manager: 'npx' | 'yarn' | 'pnpm'): ScaffoldWord {
  const plan = scaffoldOf(topology);
  return 'cannot' in plan ? { command: null, notExpressible: [plan.cannot] } : { command: plan[manager], notExpressible: plan.notExpressible };
}

function scenarioOf(values: Values): Partial<Scenario> {
  return {
    ...(values.rps !== undefined && { targetPerSecond: loadOf(values.rps), targetSetByUser: true, profile: { kind: 'steady' } }),
    ...(values.seed !== undefined && { seed: positive(values.seed, '--seed') }),
    ...(values['slo-p95'] !== undefined && { objective: { p95Ms: positive(values['slo-p95'], '--slo-p95'), errorShare: null, messageAgeSeconds: null } }),
    ...(values.mix !== undefined && { mix: mixOf(values.mix) }),
  };
}

/** A rate, or the peak of a day. */
function loadOf(text: string): number {
  return Number.isFinite(Number(text)) ? positive(text, '--rps') : (parseLoad(text) ?? positive(text, '--rps'));
}

function mixOf(file: string): Record<string, number> {
  const mix = jsonFile(file);
  if (typeof mix !== 'object' || mix === null || !Object.values(mix).every((it) => typeof it === 'number' && it >= 0))
    throw new Usage(`${file}: expected {"GET /orders": weight, …} with weights of 0 or more`);
  return mix as Record<string, number>;
}

function reportIn(file: string): CheckReport {
  const read = readCheckReport(jsonFile(file));
  if ('problem' in read) throw new Usage(`${file}: ${read.problem}`);
  return read;
}

function baselineOf(file: string): Set<string> {
  const found = fingerprintsIn(jsonFile(file));
  if (typeof found === 'string') throw new Usage(`${file}: ${found}`);
  return found;
}

function folderOf(path: string): string {
  const folder = resolve(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Usage(`${path} is not a folder that can be read`);
  return folder;
}

function jsonFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Usage(`${file} can't be read`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Usage(`${file} is not JSON: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Usage(`${option} takes a number above 0, got ${JSON.stringify(text)}`);
  return value;
}

function notNegative(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Usage(`${option} takes a number of at least 0, got ${JSON.stringify(text)}`);
  return value;
}

function whole(text: string, option: string): number {
  const value = positive(text, option);
  if (!Number.isInteger(value)) throw new Usage(`${option} takes a whole number, got ${JSON.stringify(text)}`);
  return value;
}

function oneOf<T extends string>(value: string, allowed: readonly T[], option: string): T {
  const found = allowed.find((it) => it === value);
  if (found === undefined) throw new Usage(`${option} takes ${allowed.join(', ')}; got ${JSON.stringify(value)}`);
  return found;
}

function write(text: string, file: string | undefined): void {
  if (file === undefined) print(text);
  else writeFileSync(file, text);
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`faultline: ${error instanceof Error ? (error instanceof Usage ? error.message : (error.stack ?? error.message)) : String(error)}\n`);
    process.exitCode = 2;
  },
);
