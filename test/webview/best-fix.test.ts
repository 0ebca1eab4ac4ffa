import { describe, expect, it } from 'vitest';
import type { Remedy } from '../../src/model/advice.ts';
import type { Verdict } from '../../src/model/outcome.ts';
import { bestFix } from '../../webview/best-fix.ts';
import { reportOf, SCENARIO, shopTopology } from '../webview-harness/shop.ts';

const base = reportOf(shopTopology, SCENARIO);
const remedy = (id: string, more: Partial<Remedy>): Remedy => ({
  id,
  title: id,
  change: { id, operations: [] },
  edit: null,
  breaksAtBefore: 300,
  breaksAtAfter: 300,
  verdictAfter: null,
  price: '',
  effort: 1,
  preferred: false,
  ...more,
});
const chosen = (verdict: Verdict, remedies: Remedy[]): string | null =>
  bestFix({ ...base, outcome: { ...base.outcome, verdict }, advice: { ...base.advice, findings: [{ ...base.advice.findings[0]!, remedies }] } })?.remedy.id ?? null;

describe('the best fix', () => {
  it.each<[string, Verdict, Remedy[], string | null]>([
    ['is none where nothing moves the limit', 'fails', [remedy('timeout', { preferred: true, verdictAfter: 'fails' })], null],
    ['is none where the limit moves by the way', 'fails', [remedy('timeout', { preferred: true, breaksAtAfter: 320 })], null],
    ['is none where nothing was simulated', 'fails', [remedy('advice', { preferred: true, breaksAtBefore: null, breaksAtAfter: null })], null],
    ['lifts the limit', 'fails', [remedy('timeout', { preferred: true }), remedy('pool', { breaksAtAfter: 600, verdictAfter: 'fails' })], 'pool'],
    [
      'rather turns the verdict than lifts',
      'fails',
      [remedy('pool', { preferred: true, breaksAtAfter: 600 }), remedy('queue', { breaksAtAfter: 1500, verdictAfter: 'holds' })],
      'queue',
    ],
    ['is the preferred one among equals', 'fails', [remedy('a', { breaksAtAfter: 600 }), remedy('b', { breaksAtAfter: 500, preferred: true })], 'b'],
    ['lifts it furthest where none is preferred', 'unknown', [remedy('a', { breaksAtAfter: 400 }), remedy('b', { breaksAtAfter: 700 })], 'b'],
    ['never makes it worse', 'tight', [remedy('worse', { preferred: true, verdictAfter: 'fails' })], null],
    ['can be done from here', 'fails', [remedy('words', { change: null, breaksAtAfter: 900 })], null],
  ])('%s', (_name, verdict, remedies, expected) => expect(chosen(verdict, remedies)).toBe(expected));
});
