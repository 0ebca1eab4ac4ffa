import type { Endpoint, Topology } from '../model/topology.ts';

const isParameter = (segment: string): boolean => /^[:*]|^[{[<]|[{]/.test(segment);
const segmentsOf = (path: string): string[] => path.split('/').filter((it) => it !== '');

/** How closely a path is that of a route: -1 for not at all, else its fixed segments. */
function closeness(route: string, path: string): number {
  const [wanted, given] = [segmentsOf(route), segmentsOf(path)];
  const isOpen = /^\*/.test(wanted.at(-1) ?? '');
  if (isOpen ? given.length < wanted.length - 1 : given.length !== wanted.length) return -1;
  let fixed = 0;
  for (const [at, segment] of wanted.entries()) {
    if (isParameter(segment)) continue;
    if (segment !== given[at]) return -1;
    fixed += 1;
  }
  return fixed;
}

/** The endpoint that answers a request: fixed segments before parameters, routes reached from outside before inner ones. `method` may be empty. */
export function endpointFor(method: string, path: string, topology: Topology): { endpoint?: Endpoint; why: string } {
  const rows = topology.endpoints.flatMap((endpoint) => {
    if (endpoint.trigger.kind !== 'http') return [];
    const { method: answered, path: route } = endpoint.trigger;
    const isMethod = method === '' || answered === method || answered === 'ALL' || (method === 'HEAD' && answered === 'GET');
    const fixed = isMethod ? closeness(route, path) : -1;
    return fixed < 0 ? [] : [{ endpoint, rank: fixed * 2 + (endpoint.external ? 1 : 0) }];
  });
  const best = Math.max(...rows.map((it) => it.rank));
  const closest = rows.filter((it) => it.rank === best).map((it) => it.endpoint);
  // Without a method, a tool that loads one address most likely reads it.
  const chosen = closest.length > 1 && method === '' ? closest.filter((it) => it.trigger.kind === 'http' && it.trigger.method === 'GET') : closest;
  if (chosen.length === 1) return { endpoint: chosen[0] as Endpoint, why: '' };
  return { why: chosen.length === 0 ? 'no route of the code answers it' : `${chosen.map((it) => it.component).join(' and ')} have such a route` };
}
