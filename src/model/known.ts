/**
 * A stretch of a workspace file.
 * `file` is relative to the workspace root with forward slashes; lines and columns count from 1.
 * `endLine`/`endColumn` are exclusive-free: the last line and the column after the last character.
 */
export interface Place {
  file: string;
  line: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
}

/**
 * Where a number comes from, strongest first:
 * `override` (faultline.json or a what-if), `measured`, `declared` (written in code or config),
 * `derived` (computed from other facts), `libraryDefault` (documented by the library), `assumed` (with a range).
 */
export const BASES = ['override', 'measured', 'declared', 'derived', 'libraryDefault', 'assumed'] as const;
export type Basis = (typeof BASES)[number];

/** Units name what they measure; a `ratio` lies between 0 and 1. */
export type Unit = 'ms' | 's' | 'perSecond' | 'connections' | 'jobs' | 'processes' | 'replicas' | 'cores' | 'count' | 'ratio' | 'bytes';

/**
 * A value that may not be known.
 * `none` means: read, and found to be missing or switched off (an acquire timeout of pg, say). It is a fact, not a gap.
 * `unknown` means: nobody may act on it.
 * `range` is the 90% range of an assumed value, in the value's unit.
 */
export type Known<T = number> =
  | {
      state: 'known';
      value: T;
      unit: Unit;
      basis: Basis;
      place?: Place;
      /** For defaults and assumptions: library with major version, or where the figure is documented. */
      source?: string;
      range?: readonly [low: number, high: number];
      /** Measured values: the 90% range of the guess that stood in their place. */
      guessed?: readonly [low: number, high: number];
      /** Measured values: when, as a date or time in ISO 8601. */
      at?: string;
      /** Measured values: how often it ran meanwhile, a second. */
      perSecond?: number;
      /** Measured values: print of the code that it is about, as it was then. */
      code?: string;
      /** Measured values: that code is another one by now. */
      isStale?: true;
      /** Measurements and overrides: the line that says the value; `place` is the line in code that it is about. */
      writtenAt?: Place;
      /** For derived values: the facts that went in, as words. */
      inputs?: readonly string[];
    }
  | { state: 'none'; place?: Place; source?: string }
  | { state: 'unknown'; why: string };

export type KnownValue<T = number> = Extract<Known<T>, { state: 'known' }>;

export function known<T>(value: T, unit: Unit, basis: Basis, more: Partial<Omit<KnownValue<T>, 'state' | 'value' | 'unit' | 'basis'>> = {}): KnownValue<T> {
  return { state: 'known', value, unit, basis, ...more };
}

export const none = (place?: Place, source?: string): Known<never> => ({ state: 'none', ...(place && { place }), ...(source && { source }) });
export const unknown = (why: string): Known<never> => ({ state: 'unknown', why });

/** The value, or undefined where it is `none` or `unknown`. A caller that must tell the two apart looks at `state`. */
export const valueIn = <T>(it: Known<T>): T | undefined => (it.state === 'known' ? it.value : undefined);

/** A value that nobody said: its range is a guess. */
export const isAssumed = (it: Known<unknown>): boolean => it.state === 'known' && it.basis === 'assumed';

/** Of several claims about one number, the one with the strongest basis; the first wins a tie. */
export function strongest<T>(claims: readonly Known<T>[]): Known<T> | undefined {
  const rank = (it: Known<T>) => (it.state === 'known' ? BASES.indexOf(it.basis) : it.state === 'none' ? BASES.indexOf('declared') : BASES.length);
  return claims.reduce<Known<T> | undefined>((best, it) => (best === undefined || rank(it) < rank(best) ? it : best), undefined);
}
