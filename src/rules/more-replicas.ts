import { inputId } from '../model/inputs.ts';
import { known, valueIn } from '../model/known.ts';
import { activeDeployment, type Component, type Topology } from '../model/topology.ts';
import type { RecipeCall, RemedyIdea } from '../model/weakness.ts';
import { ledgerOf, hostOf, PLANNED_SHARE } from './ledger.ts';

/** As many replicas of a host, where its stores accept the connections of all of them. */
export function moreReplicas(topology: Topology, host: Component, value: number): RemedyIdea[] {
  const replicas = valueIn(host.replicas);
  if (replicas === undefined || value <= replicas || !fitsStores(topology, host, value)) return [];
  return [
    {
      id: 'add-replicas',
      // More to run and to pay than a number in the code.
      effort: 2,
      does: `Run ${value} replicas of ${host.name}`,
      change: { id: `add-replicas ${host.id} ${value}`, operations: [{ kind: 'setInput', input: inputId.component(host.id, 'replicas'), value }] },
      edit: replicasEdit(topology, host, value),
      price: `${value - replicas} more ${value - replicas === 1 ? 'process' : 'processes'}, each with its own connections`,
      guidance: `deploy.replicas: ${value} for ${host.name} in the deployment file`,
    },
  ];
}

/** Each replica brings its pools: those of all of them must fit beside everybody else's, where a store's limit is known. */
function fitsStores(topology: Topology, host: Component, value: number): boolean {
  const grown = { ...topology, components: topology.components.map((it) => (it.id === host.id ? { ...it, replicas: known(value, 'replicas', 'override') } : it)) };
  const stores = topology.pools.filter((it) => hostOf(topology, it.client)?.id === host.id).map((it) => it.target);
  return topology.components.every((store) => {
    if (!stores.includes(store.id)) return true;
    const ledger = ledgerOf(grown, store);
    return ledger.limit === undefined || ledger.total <= ledger.limit * PLANNED_SHARE;
  });
}

/** Where compose is what runs, its file says how many there are. */
function replicasEdit(topology: Topology, host: Component, value: number): RecipeCall | null {
  const compose = host.places.find((it) => /(^|\/)(docker-)?compose[^/]*\.ya?ml$/.test(it.file));
  if (!compose || activeDeployment(topology)?.source !== 'compose') return null;
  return { recipe: 'set-replicas', args: { compose: compose.file, service: host.id, value } };
}
