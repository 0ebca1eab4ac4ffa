import type { Endpoint } from '../model/topology.ts';

/** Timers, and what only administrators ask. */
export const isSeldom = ({ role, trigger }: Endpoint): boolean =>
  role === 'excluded' || trigger.kind === 'schedule' || (trigger.kind === 'http' && /(^|\/)admin(\/|$)/i.test(trigger.path));
