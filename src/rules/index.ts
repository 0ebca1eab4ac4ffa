import type { Rule } from '../model/weakness.ts';
import missingAcquireTimeout from './missing-acquire-timeout.ts';
import poolSaturation from './pool-saturation.ts';

/** The catalogue in the order of its numbers. */
export const RULES: readonly Rule[] = [poolSaturation, missingAcquireTimeout];
