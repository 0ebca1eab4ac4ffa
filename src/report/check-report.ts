import type { Place, Unit } from '../model/known.ts';
import type { Draws, RateRange, Verdict } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';

/** A value as `check --format json` prints it. */
export interface FlatValue {
  value?: number | string | boolean;
  unit?: string;
  basis?: string;
  /** Of an assumed one. */
  range?: readonly [low: number, high: number];
  state?: 'none' | 'unknown';
}

export interface ComponentRow {
  id: string;
  name: string;
  kind: string;
  technology: string;
  replicas?: FlatValue;
  processes?: FlatValue;
  maxConnections?: FlatValue;
  places: readonly Place[];
}
export interface CallRow {
  from: string;
  to: string;
  kind: string;
  sync: boolean;
  places: readonly Place[];
}
export interface FactRow {
  type: string;
  subject: string;
  value: number | string | boolean;
  unit?: string;
  place?: Place;
}
export interface StepRow {
  kind: string;
  label?: string;
  target?: string;
  channel?: string;
  place?: Place;
  [field: string]: unknown;
}
export interface EndpointRow {
  id: string;
  place: Place;
  steps: readonly StepRow[];
}
export interface ToldFinding {
  rule: string;
  severity: string;
  file: string;
  line: number;
  message: string;
  subject: string;
  fingerprint: string;
  remedies?: readonly { title: string }[];
  folded?: readonly ToldFinding[];
}

/** What `check --format json` prints, as far as a comparison goes by it. */
export interface CheckReport {
  version: 1;
  scenario: Scenario;
  topology: { components: readonly ComponentRow[]; calls: readonly CallRow[]; facts: readonly FactRow[]; endpoints: readonly EndpointRow[]; deployment: string | null };
  outcome: {
    targetPerSecond: number;
    verdict: Verdict;
    headline: string;
    breaksAtPerSecond: RateRange;
    draws?: Draws;
    ladder: readonly { station: string }[];
    endpoints: readonly { id: string; latencyMs: { p95: number } | null }[];
    decidedBy?: readonly { input: string; low: number; high: number; unit: Unit; places: readonly Place[] }[];
  };
  findings: readonly ToldFinding[];
}

type Check = (it: unknown) => boolean;
const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it);
const isText: Check = (it) => typeof it === 'string';
const isNumber: Check = (it) => typeof it === 'number' && Number.isFinite(it);
const isRate: Check = (it) => it === null || (isNumber(it) && (it as number) >= 0);
const isPlace: Check = (it) => isRecord(it) && isText(it.file) && isNumber(it.line);
const isPlaces: Check = (it) => Array.isArray(it) && it.every(isPlace);
const isSteps: Check = (it) => Array.isArray(it) && it.every((step) => isRecord(step) && isText(step.kind));
const isMaybe =
  (check: Check): Check =>
  (it) =>
    it === undefined || check(it);
const isListOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (it) =>
    Array.isArray(it) && it.every((row) => isRecord(row) && Object.entries(fields).every(([name, check]) => check(row[name])));
const FINDING = { rule: isText, severity: isText, file: isText, line: isNumber, message: isText, subject: isText, fingerprint: isText };
const VERDICTS: readonly unknown[] = ['holds', 'tight', 'unknown', 'fails'];

const FIELDS: Readonly<Record<string, Check>> = {
  version: (it) => it === 1,
  scenario: (it) => isRecord(it) && isNumber(it.targetPerSecond) && isNumber(it.seed) && isRecord(it.profile),
  'topology.components': isListOf({ id: isText, name: isText, kind: isText, technology: isText, places: isPlaces }),
  'topology.calls': isListOf({ from: isText, to: isText, kind: isText, places: isPlaces }),
  'topology.facts': isListOf({ type: isText, subject: isText, value: (it) => ['number', 'string', 'boolean'].includes(typeof it), place: isMaybe(isPlace) }),
  'topology.endpoints': isListOf({ id: isText, place: isPlace, steps: isSteps }),
  'outcome.targetPerSecond': isNumber,
  'outcome.verdict': (it) => VERDICTS.includes(it),
  'outcome.headline': isText,
  'outcome.breaksAtPerSecond': (it) => isRecord(it) && isRate(it.value) && isRate(it.low) && isRate(it.high),
  'outcome.draws': isMaybe((it) => isRecord(it) && isNumber(it.every) && (it.every as number) >= 1 && Array.isArray(it.breaksAtPerSecond) && it.breaksAtPerSecond.every(isRate)),
  'outcome.ladder': isListOf({ station: isText }),
  'outcome.decidedBy': isMaybe(isListOf({ input: isText, low: isNumber, high: isNumber, unit: isText, places: isPlaces })),
  'outcome.endpoints': isListOf({ id: isText, latencyMs: (it) => it === null || (isRecord(it) && isNumber(it.p95)) }),
  findings: isListOf({ ...FINDING, folded: isMaybe(isListOf(FINDING)) }),
};

/** Takes JSON as the output of `check --format json`; the problem names the first field that is none. */
export function readCheckReport(it: unknown): CheckReport | { problem: string } {
  for (const [path, check] of Object.entries(FIELDS)) {
    const value = path.split('.').reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), it);
    if (check(value)) continue;
    return { problem: `"${path}" ${value === undefined ? 'is missing' : 'has another form'}: expected the output of check --format json` };
  }
  return it as CheckReport;
}
