import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import { concrete, isRead, k6Script, type LoadedRoute, routeOf } from './recipe-load.ts';

/** A k6 script of a whole scenario, and what of it k6 cannot send. */
export interface LoadScript {
  text: string;
  leftOut: readonly string[];
}

/**
 * The load that the verdict is about as a k6 script: each route that takes load from outside at its part of the target, with the objective as thresholds.
 * `cannot` where no route takes any.
 */
export function loadScriptOf(topology: Topology, scenario: Scenario, outcome: Outcome): LoadScript | { cannot: string } {
  const routes = topology.endpoints.flatMap((endpoint): LoadedRoute[] => {
    const route = endpoint.external ? routeOf(endpoint, outcome) : undefined;
    return route && route.perSecond > 0 ? [{ ...route, component: endpoint.component }] : [];
  });
  if (routes.length === 0) return { cannot: 'no route takes load from outside: there is nothing to send' };
  const loaded = outcome.endpoints.filter((it) => it.offeredPerSecond > 0).map((it) => it.id);
  const leftOut = topology.endpoints.filter((it) => loaded.includes(it.id) && it.trigger.kind === 'schedule').map((it) => `${it.id} (a timer of its own starts it)`);
  const { profile } = scenario;
  const course =
    profile.kind === 'spike'
      ? `${profile.basePerSecond}/s, then ${profile.peakPerSecond}/s for ${profile.seconds} s, then ${profile.basePerSecond}/s`
      : `${figure(scenario.targetPerSecond)}/s`;
  const head = [
    `// ${course} over ${routes.length === 1 ? 'one route' : `${routes.length} routes`}, sent whatever the answers take; it fails when the objective does.`,
    `// The mix is ${scenario.mix === null ? 'assumed (reads 80%, writes 20%): name yours in faultline.json under "mix"' : 'the declared or measured one'}, the objective ${outcome.objective.basis}.`,
    '// k6 run --summary-export load.json load.js, then: faultline import load.json --write',
    ...(routes.some((it) => !isRead(it.method)) ? ['// Put bodies that the routes take where it says so.'] : []),
    ...(routes.some((it) => concrete(it.path) !== it.path) ? ['// Parameters of paths are 1: put ids that exist in their place, and many of them, or a cache answers all.'] : []),
    ...leftOut.map((it) => `// Not sent: ${it}.`),
  ];
  return { text: `${head.join('\n')}\n${k6Script(routes, scenario)}\n`, leftOut };
}

const figure = (value: number): string => String(Number(value.toPrecision(6)));
