import type { Endpoint } from '../model/topology.ts';

/** What messages call a program: its method and path, or its id where no request starts it. */
export const routeOf = ({ trigger, id }: Pick<Endpoint, 'trigger' | 'id'>): string => (trigger.kind === 'http' ? `${trigger.method} ${trigger.path}` : id);
