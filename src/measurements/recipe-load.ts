import type { Outcome } from '../model/outcome.ts';
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

/** A k6 script that sends each route at its own rate, whatever the answers take (executor `constant-arrival-rate`), and fails when the objective does. */
export function k6Script(routes: readonly LoadedRoute[]): string {
  const scenarios = routes.map((it, at) => {
    const perMinute = Math.max(1, Math.round(it.perSecond * 60));
    const [rate, unit] = it.perSecond >= 10 ? [Math.round(it.perSecond), '1s'] : [perMinute, '1m'];
    const users = Math.max(1, Math.ceil((it.perSecond * it.p95Ms) / 1000));
    return `    route${at + 1}: { executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '${unit}', duration: '${SECONDS}s', preAllocatedVUs: ${users}, maxVUs: ${users * 10}, exec: 'route${at + 1}' },`;
  });
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
    return `export function route${at + 1}() {\n  http.request(${JSON.stringify(it.method)}, BASE + ${JSON.stringify(concrete(it.path))}, ${body}, { tags: { name: ${JSON.stringify(`${it.method} ${it.path}`)} }${headers} });\n}`;
  });
  return [
    "import http from 'k6/http';",
    '',
    "const BASE = __ENV.BASE_URL || 'http://127.0.0.1:3000';",
    'export const options = {',
    '  scenarios: {',
    ...scenarios,
    '  },',
    '  thresholds: {',
    ...thresholds,
    '  },',
    '};',
    '',
    ...calls,
  ].join('\n');
}

const isRead = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method);
/** Parameters need a value that exists. */
const concrete = (path: string): string => path.replace(/:\w+\??(\([^)]*\))?|\{\w+\}|\[\w+\]|\*\w*/g, '1');
