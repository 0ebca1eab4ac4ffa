import type { Network } from '../../model/network.ts';

/** More than crashes, fan-outs and ties need, and half a second of work. */
const ALWAYS = 2_000_000;
const PER_BURST_ARRIVAL = 1000;

/**
 * Tasks that may go on while no time passes: a program that calls or spawns itself without any time in it would never come to an end.
 */
export const mostAtOnce = (network: Network): number => ALWAYS + PER_BURST_ARRIVAL * network.sources.reduce((sum, it) => sum + (it.burst ?? 0), 0);

/** What `simulate` throws then; one line that names the field, for whoever wrote the model. */
export const ENDLESS = 'programs: they go on for ever at one moment; a circle of calls or messages needs a time in it';
