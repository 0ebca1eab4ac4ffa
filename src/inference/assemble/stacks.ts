import type { Deployment, Problem } from '../../model/topology.ts';
import type { ServiceClaim } from '../detector.ts';
import { nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { engineOf } from './engines.ts';
import { fromClaim, type Service } from './service.ts';
import { DEVELOPMENT, PRODUCTION } from './stages.ts';

/** What a cloud's templates of one kind describe together. */
export interface Stack {
  id: string;
  source: 'serverless' | 'terraform';
  files: readonly string[];
  claims: readonly ServiceClaim[];
  problems: readonly Problem[];
}

interface Judged {
  services: Service[];
  deployments: Deployment[];
  problems: readonly Problem[];
}

/** Templates beside each other are one deployment; those of examples and tests are none. */
export function stacksOf(configuration: Configuration): Stack[] {
  const all = [...configuration.stacks];
  const own = all.filter(([file]) => !/(^|\/)(examples?|tests?|__tests__|fixtures|e2e|samples?)\//i.test(file));
  const files = own.map(([file]) => file).sort();
  const [first] = files;
  if (first === undefined) return [];
  return [{ id: first, source: 'serverless', files, claims: distinct(own.flatMap(([, it]) => it.services)), problems: [] }];
}

/** Stores of a shared kind are one however many templates bring them; a function that is called like another one keeps its own place. */
function distinct(claims: readonly ServiceClaim[]): ServiceClaim[] {
  const found = new Map<string, ServiceClaim>();
  for (const it of claims) {
    if (it.managed && found.get(it.name)?.managed?.engine === it.managed.engine) continue;
    let name = it.name;
    for (let at = 2; found.has(name); at++) name = `${it.name}-${at}`;
    found.set(name, { ...it, name });
  }
  return [...found.values()];
}

/**
 * Functions and containers of a cloud's templates are judged where nothing but compose files for desks or stores stands beside them.
 * A template that only brings stores says more of those of the judged deployment: their size, or that they exist.
 */
export function withStacks(beside: Judged, stacks: readonly Stack[], chosen: string | undefined, configuration: Configuration): Judged {
  return stacks.reduce((judged, stack) => withStack(judged, stack, chosen, configuration), beside);
}

function withStack(beside: Judged, stack: Stack, chosen: string | undefined, configuration: Configuration): Judged {
  const runs = stack.claims.some((it) => !it.managed);
  const active = beside.deployments.find((it) => it.active);
  const isChosen = active !== undefined && active.id === chosen;
  const isFirst = stack.id === chosen || !active || (!isChosen && active.source === 'compose' && !runsCode(beside.services, active, configuration));
  if (!runs) return { ...beside, services: withStores(beside.services, stack.claims, active === undefined || active.source !== 'compose') };
  if (!isFirst) return { ...beside, deployments: [...beside.deployments, describe(stack, false)] };
  const own = stack.claims.map((it) => fromClaim(it, 'runtime'));
  const names = new Set(own.map((it) => it.name));
  const engines = new Set(own.flatMap((it) => engineIn(it) ?? []));
  const others = beside.services
    .filter((it) => !names.has(it.name))
    .map((it): Service => {
      const engine = engineIn(it);
      return { ...it, scope: engine !== undefined && isStore(it) && !engines.has(engine) && it.scope === 'runtime' ? 'runtime' : 'dev' };
    });
  return {
    services: [...own, ...others],
    deployments: [describe(stack, true), ...beside.deployments.map((it): Deployment => ({ ...it, active: false, stage: it.stage === 'unmarked' ? 'development' : it.stage }))],
    problems: [...beside.problems, ...stack.problems],
  };
}

/** A compose file that is meant for servers and starts code is a deployment of its own. */
const runsCode = (services: readonly Service[], active: Deployment, configuration: Configuration): boolean =>
  active.stage !== 'development' && services.some((it) => it.build !== undefined && it.scope === 'runtime' && configuration.images.has(it.build.dockerfile));

const describe = (it: Stack, active: boolean): Deployment => ({
  id: it.id,
  name: it.id,
  source: it.source,
  stage: it.files.some((file) => PRODUCTION.test(nameOf(file))) ? 'production' : it.files.every((file) => DEVELOPMENT.test(file)) ? 'development' : 'unmarked',
  active,
  places: it.files.slice(0, 8).map((file) => ({ file, line: 1 })),
});

const engineIn = (it: Pick<Service, 'managed' | 'image'>): string | undefined => it.managed?.engine ?? engineOf(it.image)?.engine;
const isStore = (it: Pick<Service, 'image'>): boolean => !['gateway', 'observability'].includes(engineOf(it.image)?.kind ?? '');

/** Where both sides have one server of an engine, it is the same one: the cloud's in production, compose's at a desk. */
function withStores(services: readonly Service[], claims: readonly ServiceClaim[], addsMore: boolean): Service[] {
  const alone = <T extends Pick<Service, 'managed' | 'image'>>(all: readonly T[], engine: string): T | undefined => {
    const same = all.filter((it) => engineIn(it) === engine);
    return same.length === 1 ? same[0] : undefined;
  };
  const laid = services.map((it): Service => {
    const engine = it.managed ? undefined : engineIn(it);
    const same = engine === undefined || alone(services, engine) !== it ? undefined : alone(claims, engine);
    return same?.managed ? { ...it, managed: same.managed, aliases: [...new Set([...it.aliases, same.name, ...same.aliases])], claims: [...it.claims, same] } : it;
  });
  const engines = new Set(laid.flatMap((it) => engineIn(it) ?? []));
  return addsMore ? [...laid, ...claims.filter((it) => it.managed && !engines.has(it.managed.engine)).map((it) => fromClaim(it, 'runtime'))] : laid;
}
