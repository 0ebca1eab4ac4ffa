import { type Endpoint, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';

/** Of the requests, those that somebody on the way has an answer for (0 to 70%). */
const REPEATED = 0.3;
const MAX_AGE_SECONDS = 60;

function judge({ topology }: Evidence, endpoint: Endpoint): Weakness | undefined {
  const { trigger, answer } = endpoint;
  if (trigger.kind !== 'http' || trigger.method !== 'GET' || endpoint.role !== 'read' || !endpoint.external) return undefined;
  if (topology.components.find((it) => it.id === endpoint.component)?.scope !== 'runtime') return undefined;
  const base = { rule: 'missing-http-caching', place: endpoint.place, component: endpoint.component, certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  if (answer?.kept) return { ...silent, state: 'sound' };
  // What depends on who asks is for nobody else; what asks nobody costs nothing.
  if (!answer || answer.asksWho || endpoint.unread !== undefined || !isWork(endpoint) || leavesTraces(endpoint)) return { ...silent, state: 'unknown' };
  const route = `${trigger.method} ${trigger.path}`;
  return { ...base, state: 'weak', facts: { route, endpointId: endpoint.id }, related: [], remedies: [header(endpoint, route)] };
}

function isWork(endpoint: Endpoint): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= step.kind === 'query' || step.kind === 'request';
  });
  return found;
}

/** An answer that somebody else gives does not do what the route does beside it: a visit is not counted, a job not started. */
function leavesTraces(endpoint: Endpoint): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= step.kind === 'publish' || (step.kind === 'query' && step.operation === 'write') || (step.kind === 'request' && step.errand !== undefined);
  });
  return found;
}

function header({ id, place }: Endpoint, route: string): RemedyIdea {
  return {
    id: 'set-cache-control',
    effort: 1,
    does: `Let answers of ${route} be kept for ${MAX_AGE_SECONDS} s`,
    change: { id: `set-cache-control ${id}`, operations: [{ kind: 'answerRepeats', endpoint: id, share: REPEATED }] },
    edit: place.file === '' ? null : { recipe: 'set-cache-control', args: { file: place.file, line: place.line, seconds: MAX_AGE_SECONDS } },
    price: `answers up to ${MAX_AGE_SECONDS} s old, for an assumed ${100 * REPEATED}% of the requests (0–70%)`,
    guidance: `Cache-Control: public, max-age=${MAX_AGE_SECONDS}, stale-while-revalidate=300; and an ETag (@fastify/etag, koa-etag, hono/etag), so that what has not changed is not sent again.`,
  };
}

export default {
  id: 'missing-http-caching',
  number: 15,
  layer: 'cache',
  title: 'A public answer that nobody may keep',
  readiness: true,
  find: (evidence) =>
    evidence.topology.endpoints.flatMap((it) => {
      const found = judge(evidence, it);
      return found ? [found] : [];
    }),
} satisfies Rule;
