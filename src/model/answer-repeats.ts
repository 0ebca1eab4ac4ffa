import { known, none } from './known.ts';
import type { EndpointId, Topology } from './topology.ts';

/** From now on so large a share of a route's requests is answered on the way, by the client's own cache or one before the service. */
export interface Repeats {
  endpoint: EndpointId;
  share: number;
}

export function answerRepeats(topology: Topology, { endpoint, share }: Repeats): Topology {
  const hitRatio = known(share, 'ratio', 'assumed', { range: [0, 0.7], source: 'share of requests that a client or a cache on the way has asked before' });
  return {
    ...topology,
    endpoints: topology.endpoints.map((it) => {
      if (it.id !== endpoint || it.answer?.kept) return it;
      const { place } = it;
      return {
        ...it,
        answer: { asksWho: it.answer?.asksWho ?? false, kept: true },
        steps: [
          {
            kind: 'cache',
            label: `kept answers of ${it.id}`,
            target: it.component,
            operation: 'read',
            key: it.id,
            keyVaries: true,
            ttlMs: known(60_000, 'ms', 'override'),
            hitRatio,
            serviceMs: none(place),
            onMiss: it.steps,
            awaited: true,
            place,
          },
        ],
      };
    }),
  };
}
