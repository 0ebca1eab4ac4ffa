import type { Distribution } from './network.ts';

/** When a fault is present: once, or again and again (up first, then down). */
export type FaultTime = { fromMs: number; untilMs: number } | { up: Distribution; down: Distribution };

/**
 * Something goes wrong for a while.
 * `slow`: services that begin at the station take `factor` times as long.
 * `freeze`: the station's servers stop; work in service resumes where it was, the queue goes on growing.
 * `refuse`: the station refuses every newcomer (cause: its refusal); what it has goes on.
 * `lose`: this share of the program's calls fails: at once with `cause`, or with `hangs` never answers.
 * `partition`: calls between the listed programs and all others are lost in both directions, as `lose` loses them; answers to calls under way still come.
 * `down`: instances of a group crash: everything they run fails with `cause`, calls go to the others, or fail where none is left; they are back afterwards.
 */
export type PassingFault = FaultTime &
  (
    | { kind: 'slow'; station: string; factor: number }
    | { kind: 'freeze'; station: string }
    | { kind: 'refuse'; station: string }
    | { kind: 'lose'; program: string; share: number; cause: string; hangs?: boolean }
    | { kind: 'partition'; programs: readonly string[]; cause: string; hangs?: boolean }
    | { kind: 'down'; group: string; instances: number | 'all'; cause: string }
  );

/**
 * A new version replaces all instances of a group, as Kubernetes rolls it out: at most `unavailable` fewer than usual take calls (maxUnavailable), at most `surge` more are there (maxSurge).
 * Rolling: `unavailable` 1; surge: `surge` 1; everything at once: `unavailable` = all. A deploy that comes while another of its group is under way waits for its end.
 */
export interface Deploy {
  kind: 'deploy';
  group: string;
  fromMs: number;
  unavailable: number;
  surge: number;
  /** From the start of a new instance until it takes calls. */
  coldStart: Distribution;
  /** An old instance takes no more calls and has so long to finish; what it still runs then fails with `cause`. So do calls that find no instance. */
  graceMs: number;
  cause: string;
  /** Services that begin in a new instance take `factor` times as long for its first `forMs` of taking calls. */
  warmUp?: { factor: number; forMs: number };
}

export type Fault = PassingFault | Deploy;

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
