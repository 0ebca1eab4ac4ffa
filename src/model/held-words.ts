import { duration, percent, flow, span, told } from './amounts.ts';
import type { HeldAgainst, RouteHeld } from './load-test.ts';

/** Load tests beside their predictions, a route a line, and what the difference speaks against. */
export const heldLines = (held: readonly HeldAgainst[]): string[] => held.flatMap((it) => [...headOf(it), ...it.routes.map((row) => `  ${routeLine(row)}`), ...suspectLines(it)]);

const headOf = ({ source, at, isStale }: HeldAgainst): string[] => [`${source}${at ? `, ${at}` : ''}${isStale ? ': stale, the code that it loaded has changed since' : ''}`];

/** `api GET /orders at 80/s: p95 84 ms measured, 40 ms predicted (30–60 ms), 52% too low: agrees within what is assumed`. */
export function routeLine(it: RouteHeld): string {
  const errors =
    it.measuredErrorShare === null || (it.measuredErrorShare < 0.001 && it.predictedErrorShare < 0.001)
      ? ''
      : `; ${percent(it.measuredErrorShare)} failed, ${percent(it.predictedErrorShare)} predicted`;
  return `${it.endpoint} at ${flow(it.perSecond)}: p95 ${duration(it.measuredP95Ms, 3)} measured, ${predictedText(it)}${errors}: ${STANDINGS[it.standing]}`;
}

function predictedText({ predictedP95Ms: point, predictedRangeMs: [low, high], error }: RouteHeld): string {
  if (point === null || error === null) return 'growing without end predicted';
  const range = high !== null && high / low < 1.05 ? '' : ` (${spanMs(low, high)})`;
  return `${duration(point)} predicted${range}, ${errorText(error)}`;
}

/** `52% too low`. */
export const errorText = (error: number): string => (Math.abs(error) < 0.005 ? 'the same' : `${percent(Math.abs(error))} too ${error < 0 ? 'low' : 'high'}`);

const STANDINGS = { agrees: 'they agree', withinAssumed: 'within what is assumed', disagrees: 'they disagree' } as const;

function suspectLines({ suspect, routes }: HeldAgainst): string[] {
  if (routes.every((it) => it.standing === 'agrees')) return [];
  if (!suspect) return ['  nothing that is assumed explains it: a measured value, the model or the test is off'];
  const [place] = suspect.places;
  return [`  ${suspectText(suspect)}${place ? `  ${place.file}:${place.line}` : ''}`];
}

/** `Most likely wrong: SELECT orders holds a connection, assumed 1–30 ms; 12 ms would fit`. */
export function suspectText({ label, unit, value, low, high, explains, deviations }: NonNullable<HeldAgainst['suspect']>): string {
  const fits = `${told(value, unit)} would ${explains ? 'fit' : 'come nearest, and not near enough'}${Math.abs(deviations) > 1.65 ? ', beyond its range' : ''}`;
  return `Most likely wrong: ${label}, assumed ${span(low, high, unit)}; ${fits}`;
}

/** `30–60 ms`; a service that may not keep up answers ever later. */
export const spanMs = (low: number, high: number | null): string =>
  high === null ? `above ${duration(low)}` : high < 1000 ? span(low, high, 'ms') : `${duration(low)}–${duration(high)}`;
