import type { Deployment, Problem } from '../../model/topology.ts';
import type { ServiceClaim, StackClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from '../detectors/paths.ts';
import { imageOf } from './images.ts';
import { withBuild, withSame } from './builds.ts';
import type { Configuration } from './configuration.ts';
import { engineOf } from './engines.ts';
import { codeFolder } from './entries.ts';
import { fromClaim, type Service } from './service.ts';
import { DEVELOPMENT, PRODUCTION } from './stages.ts';
import { terraformStacks } from './terraform/stacks.ts';

/** What a cloud's templates of one kind describe together. */
export interface Stack {
  id: string;
  source: 'serverless' | 'terraform';
  files: readonly string[];
  claims: readonly ServiceClaim[];
  problems: readonly Problem[];
  /** Another stage of one that is judged before it. */
  isAlternative?: boolean;
}

interface Judged {
  services: Service[];
  deployments: Deployment[];
  problems: readonly Problem[];
}

/** Templates beside each other are one deployment; those of examples and tests are none. */
export function stacksOf(configuration: Configuration, chosen: string | undefined): Stack[] {
  const all = [...configuration.stacks];
  // What a program was made into stands beside it once more.
  const isRead = all.some(([, it]) => it.by === 'cdk');
  const own = all.filter(([file, it]) => !(isRead && it.isSynthesized) && !/(^|\/)(examples?|tests?|__tests__|fixtures|e2e|samples?)\//i.test(file));
  const files = own.map(([file]) => file).sort();
  const [first] = files;
  const claims = distinct(own.flatMap(([file, it]) => (it.isFragment ? [] : wholeOf(file, it, configuration))));
  const functions: Stack[] = first === undefined || claims.length === 0 ? [] : [{ id: first, source: 'serverless', files, claims, problems: [] }];
  return [...functions, ...inStages(terraformStacks(configuration), chosen)];
}

/** Folders named after a stage are alternatives: one is judged, with what belongs to no stage. */
function inStages(stacks: readonly Stack[], chosen: string | undefined): Stack[] {
  const stageOf = (it: Stack): number => (PRODUCTION.test(it.id) ? 0 : DEVELOPMENT.test(it.id) || STAGING.test(it.id) ? 2 : 1);
  const staged = stacks.filter((it) => stageOf(it) !== 1).sort((a, b) => stageOf(a) - stageOf(b) || a.id.localeCompare(b.id));
  const shared = stacks.filter((it) => stageOf(it) === 1);
  const first = staged.find((it) => it.id === chosen) ?? (shared.length === 0 || (staged[0] && stageOf(staged[0]) === 0) ? staged[0] : undefined);
  const judged = [...(first ? [first] : []), ...shared];
  const [head] = judged;
  if (!head) return [];
  const whole: Stack = { ...head, files: judged.flatMap((it) => it.files), claims: distinct(judged.flatMap((it) => it.claims)), problems: judged.flatMap((it) => it.problems) };
  return [whole, ...staged.filter((it) => it !== first).map((it) => ({ ...it, isAlternative: true }))];
}

const STAGING = /(^|[-_/])(stag(e|ing)|qa|uat)([-_/]|$)/i;

/** A template with the functions that other files bring to it; what is deployed as one bears its name. */
function wholeOf(file: string, it: StackClaim, configuration: Configuration): ServiceClaim[] {
  const named = (id: string): string => it.names?.[id] ?? id;
  const included = (it.includes ?? []).flatMap((path) => configuration.stacks.get(path)?.services ?? []);
  const functions = included.map((service): ServiceClaim => {
    const { onDemand } = service;
    if (!onDemand) return service;
    const environment = Object.entries(service.environment).map(([name, said]) => [name, { ...said, value: named(said.value) }] as const);
    const events = onDemand.events.map((event) => {
      const failed = event.kind === 'message' ? (event.failed ?? it.fates?.[event.channel]) : undefined;
      return event.kind === 'message' ? { ...event, channel: named(event.channel), ...(failed && { failed }) } : event;
    });
    const { environment: shared, ...defaults } = it.defaults ?? { environment: {} };
    return { ...service, environment: { ...shared, ...Object.fromEntries(environment) }, onDemand: { ...defaults, ...onDemand, events } };
  });
  const folder = nameOf(folderOf(file));
  const unit = it.unit ?? (folder === '.' ? configuration.packages.get('package.json')?.name.replace(/^@[^/]+\//, '') || 'functions' : folder);
  return [...it.services, ...functions].map((service) => (service.onDemand ? { ...service, onDemand: { ...service.onDemand, unit: service.onDemand.unit ?? unit } } : service));
}

/** Stores of a shared kind are one however many templates bring them; a function that is called like another one keeps its own place. */
function distinct(claims: readonly ServiceClaim[]): ServiceClaim[] {
  const found = new Map<string, ServiceClaim>();
  for (const it of claims) {
    const same = found.get(it.name);
    if (it.managed && same?.managed?.engine === it.managed.engine) {
      const feeds = [...(same.managed.feeds ?? []), ...(it.managed.feeds ?? [])];
      found.set(it.name, { ...same, aliases: [...new Set([...same.aliases, ...it.aliases])], managed: { ...same.managed, ...(feeds.length > 0 && { feeds }) } });
      continue;
    }
    let name = it.name;
    for (let at = 2; found.has(name); at++) name = `${it.name}-${at}`;
    found.set(name, { ...it, name });
  }
  return [...found.values()];
}

/**
 * Functions and containers of a cloud's templates are judged where nothing but compose files for desks or stores stands beside them;
 * a compose file that is not said to be for production is one where the templates run the same code.
 * A template that only brings stores says more of those of the judged deployment: their size, or that they exist.
 */
export function withStacks(beside: Judged, stacks: readonly Stack[], chosen: string | undefined, configuration: Configuration): Judged {
  return stacks.reduce((judged, stack) => withStack(judged, stack, chosen, configuration), beside);
}

function withStack(beside: Judged, stack: Stack, chosen: string | undefined, configuration: Configuration): Judged {
  const runs = stack.claims.some((it) => !it.managed);
  if (stack.isAlternative) return runs ? { ...beside, deployments: [...beside.deployments, describe(stack, false)] } : beside;
  const active = beside.deployments.find((it) => it.active);
  const isChosen = active !== undefined && active.id === chosen;
  const own = stack.claims.map((it) => withBuild(it.managed || it.onDemand ? fromClaim(it, 'runtime') : withSame(fromClaim(it, 'runtime'), beside.services), configuration));
  const isForDesks = active?.source === 'compose' && (own.some((it) => it.build) ? active.stage !== 'production' : !runsCode(beside.services, active, configuration));
  const isFirst = stack.id === chosen || !active || (!isChosen && isForDesks);
  if (!runs) return { ...beside, services: withStores(beside.services, stack.claims, active === undefined || active.source !== 'compose') };
  if (!isFirst) return { ...beside, deployments: [...beside.deployments, describe(stack, false)] };
  const names = new Set(own.flatMap((it) => [it.name, ...it.aliases]));
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
  active.stage !== 'development' &&
  services.some((it) => {
    const image = imageOf(it.build, configuration);
    return (
      it.build &&
      it.scope === 'runtime' &&
      image?.bases.some((base) => /node|bun/.test(base)) &&
      configuration.packages.has(joinPath(codeFolder(it.build, configuration), 'package.json'))
    );
  });

const describe = (it: Stack, active: boolean): Deployment => ({
  id: it.id,
  name: it.id,
  source: it.source,
  stage:
    PRODUCTION.test(it.id) || it.files.some((file) => PRODUCTION.test(nameOf(file))) ? 'production' : it.files.every((file) => DEVELOPMENT.test(file)) ? 'development' : 'unmarked',
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
