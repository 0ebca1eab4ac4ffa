import type { Distribution } from './network.ts';

/** When a fault is present: once, or again and again (up first, then down). */
export type FaultTime = { fromMs: number; untilMs: number } | { up: Distribution; down: Distribution };

/**
 * Something goes wrong for a while.
 * `slow`: services that begin at the station take `factor` times as long.
 * `freeze`: the station's servers stop; work in service resumes where it was, the queue goes on growing.
 * `refuse`: the station refuses every newcomer (cause: its refusal); what it has goes on.
 * `lose`: this share of the program's calls fails: at once with `cause`, or with `hangs` never answers.
 * `down`: instances of a group crash: everything they run fails with `cause`, calls go to the others, or fail where none is left; they are back afterwards.
 */
export type Fault = FaultTime &
  (
    | { kind: 'slow'; station: string; factor: number }
    | { kind: 'freeze'; station: string }
    | { kind: 'refuse'; station: string }
    | { kind: 'lose'; program: string; share: number; cause: string; hangs?: boolean }
    | { kind: 'down'; group: string; instances: number | 'all'; cause: string }
  );

/**
 * Every `everyMs` the mean utilisation of `station` since the last look decides: desired = ⌈active · utilisation / target⌉ (the Kubernetes rule, ±10% tolerated),
 * between `least` and `most`. New instances serve after `startMs`; instances are taken away only when `stabilisationMs` long nothing else was wanted, and finish their work.
 */
export interface Autoscaling {
  station: string;
  targetUtilisation: number;
  least: number;
  most: number;
  everyMs: number;
  startMs: number;
  stabilisationMs: number;
}

/** A new instance is ready after `coldStart`; one that was idle for `idleMs` is gone. With `instances` busy, calls are refused with `cause`. */
export interface OnDemand {
  coldStart: Distribution;
  idleMs: number;
  cause: string;
}

/** An instance that needs more than `limitMb` (its `baseMb` and `memoryMb` of every program in flight) crashes: all it runs fails with `cause`, it is back after `restartMs`. */
export interface Memory {
  baseMb: number;
  limitMb: number;
  restartMs: number;
  cause: string;
}
