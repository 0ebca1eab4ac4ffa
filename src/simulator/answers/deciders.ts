import type { InputId } from '../../model/inputs.ts';
import { valueIn } from '../../model/known.ts';
import { innerRuns } from '../../model/often.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { ChannelId, EndpointId, Step, Topology } from '../../model/topology.ts';
import { sharesOf } from '../compile/mix.ts';
import { inputOf, type Kind } from './kinds.ts';
import { type Assumed, type Column, type Common, commonEnds, correlation, type Told } from './ranges.ts';

/** What may decide a result: an assumed input by what is its own, or all inputs of a kind by what they have in common. */
export interface Candidate {
  inputs: readonly Assumed[];
  kind?: Kind;
  /** What measured ones of the kind tell of it. */
  told?: Told;
  /** Draw by draw. */
  deviations: readonly number[];
}

/** An input that decides, alone or for all of its kind. */
export interface Decider {
  input: Assumed;
  /** The others of its kind, where all of them decide together. */
  kin: readonly Assumed[];
  label: string;
}

export function candidatesOf(columns: readonly Column[]): Candidate[] {
  const kinds = new Map<Common, Assumed[]>();
  for (const { input, common } of columns) if (common) kinds.set(common, [...(kinds.get(common) ?? []), input]);
  const isAlone = ({ common }: Column): boolean => common === undefined || kinds.get(common)?.length === 1;
  return [
    ...columns.map((it) => ({ inputs: [it.input], deviations: isAlone(it) ? it.deviations : it.own })),
    ...[...kinds].flatMap(([{ kind, deviations, told }, inputs]) => (inputs.length > 1 ? [{ inputs, kind, deviations, told }] : [])),
  ];
}

/**
 * The candidates whose draws go most closely with the logarithms of the results. Up to half of them are kinds: they are few, and what they have in common moves a hundred inputs,
 * of which some by themselves go with the results by mere luck.
 */
export function likeliest(columns: readonly Column[], results: readonly number[], most: number): Candidate[] {
  const ranked = candidatesOf(columns)
    .map((candidate) => ({ candidate, closeness: correlation(candidate.deviations, results) }))
    .sort((a, b) => b.closeness - a.closeness)
    .map((it) => it.candidate);
  const kinds = ranked.filter((it) => it.kind).slice(0, most / 2);
  return [...kinds, ...ranked.filter((it) => !kinds.includes(it)).slice(0, most - kinds.length)];
}

/** The values that a candidate is tried with: a single input at the ends of its range, a kind at those of what its inputs have in common. */
export function endsOf({ inputs, told }: Candidate): readonly ReadonlyMap<InputId, number>[] {
  return told ? commonEnds(inputs, told) : inputs.flatMap(({ id, value }) => value.range.map((it) => new Map([[id, it]])));
}

/** Who speaks for a candidate: of a kind the one that most of the time goes to. `workOf` is asked only then. */
export function deciderOf({ inputs, kind }: Candidate, workOf: () => ReadonlyMap<InputId, number>): Decider {
  const work = kind && workOf();
  const input = inputs.reduce((most, it) => ((work?.get(it.id) ?? 0) > (work?.get(most.id) ?? 0) ? it : most));
  return { input, kin: inputs.filter((it) => it !== input), label: kind ? inProportion(input, kind.label) : input.label };
}

/** An input and what moves with it, for people. */
export const inProportion = ({ label }: Assumed, others: string): string => `${label} (the other ${others} in proportion)`;

/** How far requests are followed from one component to the next. */
const FURTHEST = 8;

/** The time, ms for a request from outside, that goes to each input of a kind: to the work that it is about, or within the loop whose rounds it counts. Waits are not in it. */
export function workByInput(topology: Topology, scenario: Scenario): ReadonlyMap<InputId, number> {
  const endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
  const consumers = new Map(topology.channels.map((it) => [it.id, it.consumers.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]))]));
  const found = new Map<InputId, number>();
  let rates: ReadonlyMap<EndpointId, number> = sharesOf(topology, scenario);
  for (let wave = 0; wave < FURTHEST && rates.size > 0; wave++) {
    const next = new Map<EndpointId, number>();
    for (const [id, rate] of rates)
      for (const [step, { often, ms }] of runsOf(endpoints.get(id)?.steps ?? [])) {
        const input = inputOf(step);
        if (input !== undefined) found.set(input, (found.get(input) ?? 0) + rate * often * ms);
        for (const it of askedBy(step, consumers)) next.set(it, (next.get(it) ?? 0) + rate * often);
      }
    rates = next;
  }
  return found;
}

/** How often a step runs for a run of its program, and what one run of it takes, its inner steps one after the other. */
interface Runs {
  often: number;
  ms: number;
}

/** Of each different step of a program: what was read from code has a few of them thousands of times. */
function runsOf(program: readonly Step[]): ReadonlyMap<Step, Runs> {
  const runs = new Map<Step, Runs>();
  const meet = (steps: readonly Step[]): number => steps.reduce((sum, it) => sum + (runs.get(it) ?? made(it)).ms, 0);
  const made = (step: Step): Runs => {
    const own = { often: 0, ms: innerRuns(step).reduce((sum, [inner, times]) => sum + times * meet(inner), ownMs(step)) };
    runs.set(step, own);
    return own;
  };
  meet(program);
  const run = (steps: readonly Step[], often: number): void => {
    for (const it of steps) (runs.get(it) as Runs).often += often;
  };
  run(program, 1);
  // Inner steps were made before those around them.
  for (const [step, { often }] of [...runs].reverse()) for (const [inner, times] of innerRuns(step)) run(inner, often * times);
  return runs;
}

function ownMs(step: Step): number {
  if (step.kind === 'query') return valueIn(step.holdMs) ?? 0;
  if (step.kind === 'compute') return valueIn(step.ms) ?? 0;
  return step.kind === 'request' || step.kind === 'publish' ? (valueIn(step.serviceMs) ?? 0) : 0;
}

/** The endpoints that a step asks for or hands a message to. */
function askedBy(step: Step, consumers: ReadonlyMap<ChannelId, readonly EndpointId[]>): readonly EndpointId[] {
  if (step.kind === 'request') return step.endpoint === undefined ? [] : [step.endpoint];
  if (step.kind !== 'publish') return [];
  return step.job === undefined ? (consumers.get(step.channel) ?? []) : [step.job];
}
