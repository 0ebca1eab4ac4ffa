import type { Outcome } from './outcome.ts';

/**
 * Sixteen hexadecimal digits that two outcomes share only if they are the same to the last bit: editor, panel and command line must agree.
 * Numbers are written in their shortest form that reads back as the same bits, so one differing bit anywhere changes it.
 */
export function digestOf(outcome: Outcome): string {
  return fingerprintOf(JSON.stringify(outcome, sorted));
}

/** Sixteen hexadecimal digits of a text, the same everywhere; not for secrets. */
export const fingerprintOf = (text: string): string => fnv1a(text, 0x811c9dc5) + fnv1a(text, 0x050c5d1f);

/** Fields in the order of their names: the order in which they were set says nothing. */
const sorted = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

function fnv1a(text: string, basis: number): string {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
