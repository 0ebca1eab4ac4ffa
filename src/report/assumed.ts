import type { Report } from '../model/advice.ts';
import { counted, duration, percent, span, told } from '../model/amounts.ts';
import { inputsOf } from '../model/inputs.ts';
import type { Endpoint } from '../model/topology.ts';
import { farBelowText, measuredFarBelow } from '../model/measuring-load.ts';
import { placeText } from './figures.ts';

const SHOWN = 5;

/** What nobody measured or declared and the answer rests on, most decisive first: `User.find holds a connection: 1 to 30 ms  src/user.ts:8`. Empty where nothing takes load. */
export function decidingLines(report: Report): string[] {
  const { outcome } = report;
  if (outcome.silentBecause !== null) return [];
  const shown = outcome.decidedBy.slice(0, SHOWN).map((it) => {
    const [first, ...others] = it.places;
    const place = first ? `  ${placeText(first)}${others.length > 0 ? ` and ${others.length} more` : ''}` : '';
    return `${it.label}: ${span(it.low, it.high, it.unit)}${place}`;
  });
  const hidden = outcome.decidedBy.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : []), ...objectiveLine(report), ...mixLine(report)];
}

function objectiveLine({ outcome }: Report): string[] {
  const { objective, endpoints } = outcome;
  if (objective.basis === 'declared') return [];
  const limits = endpoints.map((it) => it.objectiveP95Ms).filter((it) => Number.isFinite(it));
  const [low, high] = [Math.min(...limits), Math.max(...limits)];
  const p95 = limits.length === 0 ? '' : `p95 within ${low === high ? duration(low) : `${span(low, high, 'ms')} by route`}, `;
  return [`the objective: ${p95}at most ${percent(objective.errorShare)} errors, messages up to ${objective.messageAgeSeconds} s old`];
}

/** The shares as they came out, not as the rule would have them. */
function mixLine({ topology, scenario, outcome }: Report): string[] {
  const total = outcome.endpoints.reduce((sum, it) => sum + it.offeredPerSecond, 0);
  if (scenario.mix !== null || total <= 0) return [];
  const roles = new Map(topology.endpoints.map((it) => [it.id, it.role]));
  const part = (role: Endpoint['role'], noun: string): string[] => {
    const mine = outcome.endpoints.filter((it) => roles.get(it.id) === role && it.offeredPerSecond > 0);
    const share = mine.reduce((sum, it) => sum + it.offeredPerSecond, 0) / total;
    return mine.length === 0 ? [] : [`${percent(share)} ${noun} over ${counted(mine.length, 'route')}`];
  };
  const parts = [...part('read', 'reads'), ...part('write', 'writes')];
  return parts.length === 0 ? [] : [`the mix: ${parts.join(', ')}`];
}

/** Measured values that were taken far below the load that they decide: `SELECT orders holds a connection: measured at 2/s, and decides at 270/s`. */
export const farBelowLines = ({ topology, outcome }: Report): string[] =>
  measuredFarBelow(topology, outcome).map((it) => {
    const place = placeText(it.input.places[0]);
    return `${farBelowText(it)}${place && `  ${place}`}`;
  });

/** Measured values whose code has changed since: `SELECT orders holds a connection: 8 ms, measured 2026-11-02 by pg_stat_statements  src/orders.ts:8`. */
export function staleLines({ topology }: Report): string[] {
  return inputsOf(topology).flatMap((it) => {
    if (it.value.state !== 'known' || !it.value.isStale) return [];
    const { value, at, source } = it.value;
    const place = placeText(it.places[0]);
    return [`${it.label}: ${told(value, it.unit)}, measured${at ? ` ${at}` : ''}${source ? ` by ${source}` : ''}${place && `  ${place}`}`];
  });
}
