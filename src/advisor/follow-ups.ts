import type { FollowUp, Remedy } from '../model/advice.ts';
import { type Place, valueIn } from '../model/known.ts';
import { type Endpoint, type Pool, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea } from '../model/weakness.ts';
import { resize } from '../rules/pool-saturation.ts';
import { routeOf } from '../rules/route-of.ts';
import { enqueue, type Write, writes } from '../rules/synchronous-write-path.ts';
import { inlineWords, missingWords, poolWords, titleOf } from './phrase.ts';

/**
 * What a generated project still lacks of its design: pools that nobody has sized, and a queue that no write goes through.
 * What is imported and not there (`missing`) comes first: without it nothing starts.
 * Worth offering whatever the verdict; a worker inside the web process is a finding of its own.
 */
export function followUpsOf(evidence: Evidence, missing: readonly Missing[] = []): FollowUp[] {
  return [...missing.map(unfound), ...unsized(evidence), ...unqueued(evidence)];
}

/** A module that files import and that is not there. */
interface Missing {
  specifier: string;
  place: Place;
  files: number;
}

const unfound = ({ specifier, place, files }: Missing): FollowUp => ({ id: `missing ${specifier}`, message: missingWords(specifier, files), place, component: '', remedies: [] });

function unsized(evidence: Evidence): FollowUp[] {
  const { topology, outcome } = evidence;
  return topology.pools.flatMap((pool): FollowUp[] => {
    const size = valueIn(pool.max);
    const station = outcome.stations.find((it) => it.id === pool.id);
    if (size === undefined || !station || pool.multiplexed || !isDefault(pool) || isLoopFull(evidence, pool)) return [];
    const [idea] = resize(evidence, pool, size);
    if (!idea) return [];
    const perSecond = station.arrivalsPerSecond / station.instances;
    const message = poolWords(station.label, size, pool.library, perSecond);
    return [{ id: `unsized ${pool.id}`, message, place: pool.place, component: pool.client, remedies: [remedyOf('unsized', idea)] }];
  });
}

/** No connection more helps a process that can't take in what is asked of it. */
const isLoopFull = ({ outcome }: Evidence, { client }: Pool): boolean =>
  outcome.verdict === 'fails' && outcome.stations.some((it) => it.kind === 'eventLoop' && it.component === client && it.utilisation >= 1);

const isDefault = ({ max }: Pool): boolean => max.state === 'known' && max.basis === 'libraryDefault';

/** Writes that are done before the answer in a design that has a queue, where no request leaves its write to it. */
function unqueued(evidence: Evidence): FollowUp[] {
  const { topology } = evidence;
  const direct = writes(evidence)
    .flatMap(({ most, others }) => [most, ...others])
    .filter((it) => isAsked(it.endpoint));
  const isBegun = topology.endpoints.some((it) => isAsked(it) && publishes(it) && !direct.some(({ endpoint }) => endpoint === it));
  const [first] = direct;
  if (!first || topology.channels.length === 0 || isBegun) return [];
  const technology = topology.channels.some((it) => it.kind === 'queue') ? 'bullmq' : 'kafka';
  const message = inlineWords(
    direct.map(({ endpoint }) => routeOf(endpoint)),
    storeOf(topology, first),
  );
  const { component } = first.endpoint;
  return [
    {
      id: `unqueued ${component}`,
      message,
      place: first.query.place,
      component,
      remedies: direct.map((it) => remedyOf(`unqueued ${it.endpoint.id}`, enqueue(evidence, it, technology))),
    },
  ];
}

const isAsked = (it: Endpoint): boolean => it.external && it.role !== 'excluded' && it.trigger.kind === 'http';

function publishes({ steps }: Endpoint): boolean {
  let found = false;
  walkSteps(steps, (it) => {
    found ||= it.kind === 'publish';
  });
  return found;
}

const storeOf = (topology: Topology, { target }: Write): string => topology.components.find((it) => it.id === target)?.name ?? target;

const remedyOf = (kind: string, idea: RemedyIdea): Remedy => ({
  id: `${kind}/${idea.id}`,
  title: titleOf(idea, { kind: 'none' }),
  change: idea.change,
  edit: idea.edit,
  breaksAtBefore: null,
  breaksAtAfter: null,
  verdictAfter: null,
  price: idea.price,
  effort: idea.effort,
  preferred: false,
});
