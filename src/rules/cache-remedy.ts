import { known, type Place, valueIn } from '../model/known.ts';
import type { ComponentId, Endpoint, Topology } from '../model/topology.ts';
import type { RemedyIdea } from '../model/weakness.ts';
import { hostOf } from './ledger.ts';

const TTL_SECONDS = 60;
const HIT_RATIO = known(0.8, 'ratio', 'assumed', { range: [0.5, 0.95], source: 'hit ratio of a cache before reads' });

/** What is asked again and again: by whom, of whom, and in which programs (absent: in all of them). */
interface Asked {
  from: ComponentId;
  to: ComponentId;
  label: string;
  place: Place;
  endpoints?: readonly Endpoint[];
}

/** In the process where there is only one; processes of their own would each fill, and outlive, a cache of their own. */
export function cacheBetween(topology: Topology, { from, to, label, place, endpoints }: Asked): RemedyIdea {
  const host = hostOf(topology, from);
  const isAlone = host !== undefined && valueIn(host.replicas) === 1 && valueIn(host.processes) === 1;
  const redis = topology.components.find((it) => it.engine === 'redis');
  const technology = redis || !isAlone ? 'redis' : 'memory';
  const { file, line } = place;
  const ids = endpoints && [...new Set(endpoints.map((it) => it.id))];
  return {
    id: `insert-cache-${technology}`,
    effort: 4,
    does: `Cache ${label} for ${TTL_SECONDS} s ${technology === 'redis' ? 'in Redis' : 'in memory'}`,
    change: {
      id: `insert-cache ${technology} ${from} ${to} ${label}`,
      operations: [{ kind: 'insertCache', from, to, technology, hitRatio: HIT_RATIO, ...(ids && { endpoints: ids }), label }],
    },
    edit: file === '' ? null : { recipe: 'insert-cache', args: { file, line, technology, key: label.toLowerCase().replaceAll(/[^a-z0-9]+/g, ':'), ttlSeconds: TTL_SECONDS } },
    price: `answers up to ${TTL_SECONDS} s old, for a share of hits that is assumed (80%, 50–95%)${technology === 'redis' && !redis ? ', plus Redis' : ''}`,
    guidance: `Read the cache first; on a miss ask for it and keep the answer for ${TTL_SECONDS} s; delete the key where what it holds is changed.`,
  };
}
