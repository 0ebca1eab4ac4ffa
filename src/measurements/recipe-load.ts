import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Endpoint } from '../model/topology.ts';
import type { RecipePart, RecipeQuestion } from './recipe.ts';
import { fileName, quoted } from './recipe-words.ts';

/** A route under the load and the objective that the verdict is about. */
export interface LoadedRoute {
  method: string;
  path: string;
  perSecond: number;
  p95Ms: number;
  errorShare: number;
  /** Where it is asked; absent: all routes are asked at one address. */
  component?: string;
}

const SECONDS = 120;

/** Load tests of one route at its part of the target: open loops, for closed ones ask less of a slow server. */
export function loadParts(endpoint: Endpoint | undefined, { outcome }: RecipeQuestion): RecipePart[] {
  const route = endpoint && routeOf(endpoint, outcome);
  if (!route || route.perSecond <= 0) return [];
  const file = fileName(`${route.method} ${route.path}`, 'json');
  const name = `${route.method} ${route.path}`;
  const rate = Math.max(1, Math.round(route.perSecond));
  const body = isRead(route.method) ? '' : ` -H content-type=application/json -b ${quoted('{}')}`;
  return [
    {
      title: `k6: ${name} at ${rate}/s, with the objective as thresholds (save as load.js, then: k6 run --summary-export ${file} load.js)`,
      language: 'js',
      text: k6Script([route]),
      saves: file,
    },
    {
      title: `autocannon: the same route and rate${isRead(route.method) ? '' : '; put a body that the route takes in the place of {}'}`,
      language: 'sh',
      // Enough connections that the rate can be kept while answers take as long as the objective allows.
      text: `npx autocannon --json -c ${Math.max(1, Math.ceil((rate * route.p95Ms) / 1000))} -d ${SECONDS} --overallRate ${rate} -m ${route.method}${body} ${quoted(`http://127.0.0.1:3000${concrete(route.path)}`)} > ${file}`,
      saves: file,
    },
  ];
}

/** Undefined for endpoints that no request starts. */
export function routeOf(endpoint: Endpoint, outcome: Outcome): LoadedRoute | undefined {
  const row = outcome.endpoints.find((it) => it.id === endpoint.id);
  if (endpoint.trigger.kind !== 'http' || !row) return undefined;
  const { method, path } = endpoint.trigger;
  const p95Ms = outcome.objective.p95Ms ?? (Number.isFinite(row.objectiveP95Ms) ? row.objectiveP95Ms : 500);
  return { method: method === 'ALL' ? 'GET' : method, path, perSecond: row.offeredPerSecond, p95Ms: Math.round(p95Ms), errorShare: outcome.objective.errorShare };
}

/**
 * A k6 script that sends each route at its own rate, whatever the answers take (executors `constant-arrival-rate` and, for a spike, `ramping-arrival-rate`:
 * grafana.com/docs/k6/latest/using-k6/scenarios/executors), and fails when the objective does.
 */
export function k6Script(routes: readonly LoadedRoute[], scenario?: Pick<Scenario, 'profile' | 'targetPerSecond'>): string {
  const hosts = [...new Set(routes.map((it) => it.component))];
  const scenarios = routes.map((it, at) => `    route${at + 1}: { ${executorOf(it, scenario)}, exec: 'route${at + 1}' },`);
  const thresholds = routes.flatMap((it) => {
    const tag = `{name:${it.method} ${it.path}}`;
    return [
      `    ${JSON.stringify(`http_req_duration${tag}`)}: ['p(95)<${it.p95Ms}'],`,
      `    ${JSON.stringify(`http_req_failed${tag}`)}: ['rate<${it.errorShare}'],`,
      // Only what has a threshold stands in the summary by route.
      `    ${JSON.stringify(`http_reqs${tag}`)}: ['count>=0'],`,
    ];
  });
  const calls = routes.map((it, at) => {
    const body = isRead(it.method) ? 'null' : 'JSON.stringify({ /* a body that the route takes */ })';
    const headers = isRead(it.method) ? '' : ", headers: { 'content-type': 'application/json' }";
    const base = hosts.length > 1 ? baseName(it.component) : 'BASE';
    return `export function route${at + 1}() {\n  http.request(${JSON.stringify(it.method)}, ${base} + ${JSON.stringify(concrete(it.path))}, ${body}, { tags: { name: ${JSON.stringify(`${it.method} ${it.path}`)} }${headers} });\n}`;
  });
  return [
    "import http from 'k6/http';",
    '',
    "const BASE = __ENV.BASE_URL || 'http://127.0.0.1:3000';",
    ...(hosts.length > 1 ? hosts.map((it) => `const ${baseName(it)} = __ENV.${baseName(it)} || BASE; // ${it}`) : []),
    'export const options = {',
    '  scenarios: {',
    ...scenarios,
    '  },',
    '  thresholds: {',
    ...thresholds,
    // What k6 could not send for want of virtual users was no load: the run says nothing then.
    "    dropped_iterations: ['count==0'],",
    '  },',
    '};',
    '',
    ...calls,
  ].join('\n');
}

/** Before a spike the system comes to rest, and after it its backlog may go. */
const CALM_SECONDS = 60;

function executorOf(it: LoadedRoute, scenario: Pick<Scenario, 'profile' | 'targetPerSecond'> | undefined): string {
  const users = (perSecond: number): string => {
    const usual = Math.max(1, Math.ceil((perSecond * it.p95Ms) / 1000));
    return `preAllocatedVUs: ${usual}, maxVUs: ${usual * 10}`;
  };
  if (scenario?.profile.kind !== 'spike') {
    const [rate, unit] = inWhole(it.perSecond);
    return `executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '${unit}', duration: '${SECONDS}s', ${users(it.perSecond)}`;
  }
  const { basePerSecond, peakPerSecond, seconds } = scenario.profile;
  const share = it.perSecond / scenario.targetPerSecond;
  const [base, peak] = [Math.max(1, Math.round(basePerSecond * share * 60)), Math.max(1, Math.round(peakPerSecond * share * 60))];
  const stages = [
    [base, CALM_SECONDS],
    [peak, 0],
    [peak, seconds],
    [base, 0],
    [base, CALM_SECONDS],
  ].map(([target, duration]) => `{ target: ${target}, duration: '${duration}s' }`);
  return `executor: 'ramping-arrival-rate', startRate: ${base}, timeUnit: '1m', stages: [${stages.join(', ')}], ${users(peakPerSecond * share)}`;
}

/** k6 takes whole rates: slow ones by the minute. */
const inWhole = (perSecond: number): [rate: number, unit: string] => (perSecond >= 10 ? [Math.round(perSecond), '1s'] : [Math.max(1, Math.round(perSecond * 60)), '1m']);

/** `BASE_URL_ORDERS_API` */
const baseName = (component: string | undefined): string => `BASE_URL_${(component ?? '').replace(/\W+/g, '_').toUpperCase()}`;

/** Sends no body. */
export const isRead = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method);
/** Parameters need a value that exists. */
export const concrete = (path: string): string => path.replace(/:\w+\??(\([^)]*\))?|\{\w+\}|\[\w+\]|\*\w*/g, '1');
