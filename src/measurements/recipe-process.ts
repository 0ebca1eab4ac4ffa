import { type InputId, inputsOf } from '../model/inputs.ts';
import type { Step } from '../model/topology.ts';
import { walkSteps } from '../model/topology.ts';
import type { RecipePart, RecipeQuestion } from './recipe.ts';
import { answerLine, fileName } from './recipe-words.ts';

/** A snippet prints so often. */
const SECONDS = 30;

const PRELOAD = (file: string, out: string): string => `NODE_OPTIONS="--require ./${file}" npm start | tee ${out}`;

/** CPU time: of the process over its requests, or of one piece of work. */
export function computeParts(input: InputId, step: Extract<Step, { kind: 'compute' }>, { topology }: RecipeQuestion): RecipePart[] {
  if (!step.label.startsWith('request handling') && !step.label.startsWith('handling a request')) return [pieceOfWork(input, step)];
  const component = topology.endpoints.find((it) => hasStep(it.steps, step))?.component ?? '';
  const others = inputsOf({ ...topology, endpoints: topology.endpoints.filter((it) => it.component === component) }).filter(
    (it) => it.id.startsWith('compute ') && it.id !== input,
  );
  const counted = others.length === 0 ? '' : `\n// It counts all CPU of the process: when you import it, set these to 0 under "overrides": ${others.map((it) => it.id).join('; ')}`;
  const file = 'faultline-cpu.cjs';
  const saves = fileName(`cpu ${component}`, 'txt');
  return [
    {
      title: `CPU per request and delay of the event loop: save as ${file}, start ${component} with it, put load on it for some minutes`,
      language: 'js',
      text: [
        `// ${PRELOAD(file, saves)}${counted}`,
        "const { subscribe } = require('node:diagnostics_channel');",
        "const { monitorEventLoopDelay } = require('node:perf_hooks');",
        'const delay = monitorEventLoopDelay({ resolution: 10 });',
        'delay.enable();',
        'let requests = 0;',
        'let before = process.cpuUsage();',
        "subscribe('http.server.request.start', () => { requests += 1; });",
        'setInterval(() => {',
        '  const { user, system } = process.cpuUsage(before);',
        '  if (requests >= 100) {',
        `    ${answerLine(input, '(user + system) / 1000 / requests', 'ms', '"process.cpuUsage, " + requests + " requests, event loop delayed " + (delay.percentile(99) / 1e6).toFixed(1) + " ms at p99"', `requests / ${SECONDS}`)}`,
        '  }',
        '  before = process.cpuUsage();',
        '  requests = 0;',
        '  delay.reset();',
        `}, ${SECONDS}_000).unref();`,
      ].join('\n'),
      saves,
    },
    {
      title: 'PromQL, with the default metrics of prom-client (seconds per request)',
      language: 'promql',
      text: 'sum(rate(process_cpu_seconds_total[5m]))\n  / sum(rate(http_request_duration_seconds_count[5m]))',
    },
  ];
}

const pieceOfWork = (input: InputId, step: Extract<Step, { kind: 'compute' }>): RecipePart => ({
  title: `time of ${step.label}, around ${step.place.file}:${step.place.line}`,
  language: 'js',
  text: [
    'const started = performance.now();',
    '// … the work itself, awaited where it is asynchronous …',
    'measured.ms += performance.now() - started;',
    'measured.calls += 1;',
    '// once in a while, with const measured = { ms: 0, calls: 0 } at the top of the file:',
    answerLine(input, 'measured.ms / measured.calls', 'ms', '"performance.now, " + measured.calls + " calls"'),
  ].join('\n'),
});

/** How long another server takes, as the caller sees it. */
export function requestParts(input: InputId, step: Extract<Step, { kind: 'request' }>, { topology }: RecipeQuestion): RecipePart[] {
  if (input.startsWith('timeout ')) return [];
  const target = topology.components.find((it) => it.id === step.target);
  const hosts = [...new Set([step.target, target?.name ?? '', ...(target?.aliases ?? [])])].filter((it) => /^[\w.-]+$/.test(it));
  const file = 'faultline-calls.cjs';
  const saves = fileName(`calls ${step.target}`, 'txt');
  const isHost = `${JSON.stringify(hosts)}.some((host) => name === host)`;
  return [
    {
      title: `calls of ${target?.name ?? step.target} by fetch and node:http: save as ${file}, start the caller with it`,
      language: 'js',
      text: [
        `// ${PRELOAD(file, saves)}`,
        "const { subscribe } = require('node:diagnostics_channel');",
        'let [ms, calls] = [0, 0];',
        'const started = new WeakMap();',
        `const isMeant = (name) => ${isHost};`,
        'const begin = ({ request }) => started.set(request, performance.now());',
        'const end = (request, name) => {',
        '  if (!isMeant(name) || !started.has(request)) return;',
        '  ms += performance.now() - started.get(request);',
        '  calls += 1;',
        '};',
        "subscribe('undici:request:create', begin);",
        "subscribe('undici:request:headers', ({ request }) => end(request, new URL(request.origin).hostname));",
        "subscribe('http.client.request.start', begin);",
        "subscribe('http.client.response.finish', ({ request }) => end(request, request.host));",
        'setInterval(() => {',
        `  if (calls > 0) ${answerLine(input, 'ms / calls', 'ms', '"diagnostics_channel, " + calls + " calls"', `calls / ${SECONDS}`)}`,
        '  [ms, calls] = [0, 0];',
        `}, ${SECONDS}_000).unref();`,
      ].join('\n'),
      saves,
    },
    {
      title: 'PromQL, where OpenTelemetry measures the client (seconds)',
      language: 'promql',
      text: `sum(rate(http_client_request_duration_seconds_sum{server_address=~"${hosts.join('|').replace(/\./g, '\\\\.')}"}[5m]))\n  / sum(rate(http_client_request_duration_seconds_count{server_address=~"${hosts.join('|').replace(/\./g, '\\\\.')}"}[5m]))`,
    },
  ];
}

function hasStep(steps: readonly Step[], wanted: Step): boolean {
  let found = false;
  walkSteps(steps, (it) => {
    if (it === wanted) found = true;
  });
  return found;
}
