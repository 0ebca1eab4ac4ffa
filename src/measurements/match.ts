import { counted, duration, exact, significant } from '../model/amounts.ts';
import { type InputId, inputId, inputsOf } from '../model/inputs.ts';
import { unknown, valueIn } from '../model/known.ts';
import type { LoadedRoute } from '../model/load-test.ts';
import type { Measurement } from '../model/measurement.ts';
import { type EndpointId, type Topology, walkSteps } from '../model/topology.ts';
import { endpointFor } from './match-endpoint.ts';
import { type QueryInput, queriesFor, queryInputs } from './match-query.ts';
import type { Reading, Sample, ServerLoad } from './reading.ts';
import { statementOf } from './statement.ts';
import { withoutContention } from './without-contention.ts';

/** What a reading means for a topology. */
export interface Matched {
  /** Each input once, in the order of the file. */
  measurements: Found[];
  /** Responses under a load: nothing that goes into the model, but what it can be held against. */
  responses: (Required<LoadedRoute> & { endpoint: EndpointId })[];
  /** When the file was measured. */
  at: string;
  /** What found no place, and why. */
  unmatched: Unmatched[];
}

/** `calls`: how much it rests on; of two values of one input, the one of more calls is the better. */
export type Found = Measurement & { calls: number };

export interface Unmatched {
  what: string;
  why: string;
}

/** Weighted means by input: several statements can be one query of the code. */
type Sums = Map<InputId, { total: number; calls: number; serverMs: number; isServer: boolean; perSecond: number; measuredMs: number; load?: ServerLoad; cores?: number }>;

/** Matches what was read to inputs and endpoints; `at` stands in where the file says no time. */
export function matchReading(reading: Reading, topology: Topology, at: string): Matched {
  const { tool, samples } = reading;
  const found: Matched = { measurements: [], responses: [], unmatched: [], at: reading.at ?? at };
  const when = { basis: 'measured' as const, at: found.at };
  const queries = queryInputs(topology);
  const roundTripMs = valueIn(topology.network.roundTripMs) ?? 0;
  const sums: Sums = new Map();
  const shares = new Map<string, number>();
  const no = (what: string, why: string): Unmatched => ({ what, why });
  const give = (input: string, value: number, unit: string, calls: number, source: string, perSecond = 0): null => {
    found.measurements.push({ input, value: rounded(value), unit, ...when, source, ...(perSecond > 0 && { perSecond: rounded(perSecond) }), calls });
    return null;
  };

  const matchQuery = (
    what: string,
    targets: QueryInput[] | string,
    it: Pick<Extract<Sample, { kind: 'query' }>, 'meanMs' | 'calls' | 'includesNetwork' | 'load'>,
  ): Unmatched | null => {
    if (typeof targets === 'string') return no(what, targets);
    for (const { id, target } of targets) {
      const seen = sums.get(id) ?? { total: 0, calls: 0, serverMs: 0, isServer: true, perSecond: 0, measuredMs: 0 };
      const cores = it.load?.atOnce === undefined ? undefined : valueIn(topology.components.find((row) => row.id === target)?.parallelism ?? UNTOLD);
      const ms = it.load?.atOnce === undefined || cores === undefined ? it.meanMs : withoutContention(it.meanMs, it.load.atOnce, Math.round(cores));
      sums.set(id, {
        total: seen.total + it.calls * (it.includesNetwork ? ms : ms + roundTripMs),
        calls: seen.calls + it.calls,
        serverMs: seen.serverMs + it.calls * ms,
        isServer: seen.isServer && !it.includesNetwork,
        perSecond: seen.perSecond + (it.load ? it.calls / it.load.seconds : 0),
        measuredMs: seen.measuredMs + it.calls * it.meanMs,
        ...(it.load && { load: it.load }),
        ...(cores !== undefined && { cores }),
      });
    }
    return null;
  };

  const take = (it: Sample): Unmatched | null => {
    switch (it.kind) {
      case 'query': {
        const statement = statementOf(it.sql);
        return statement && matchQuery(shortened(it.sql), queriesFor(statement, queries), it);
      }
      case 'plan':
        return matchQuery(`the plan of ${it.verb} ${it.table}`, queriesFor({ verb: it.verb, table: it.table, form: it.shape }, queries), {
          meanMs: it.ms,
          calls: 1,
          includesNetwork: false,
        });
      case 'requests': {
        const { endpoint, why } = endpointFor(it.method, it.path, topology);
        if (!endpoint) return no(`${it.method} ${it.path}, ${countOf(it.count, 'request')}`.trim(), why);
        if (endpoint.role !== 'excluded') shares.set(endpoint.id, (shares.get(endpoint.id) ?? 0) + it.count);
        return null;
      }
      case 'responses': {
        const { endpoint, why } = endpointFor(it.method, it.path, topology);
        if (!endpoint) return no(`${it.method} ${it.path}, ${countOf(it.count, 'response')}`.trim(), why);
        found.responses.push({
          endpoint: endpoint.id,
          perSecond: rounded(it.perSecond),
          p95Ms: rounded(it.p95Ms),
          errorShare: rounded(it.errorShare),
          count: Math.round(it.count),
        });
        return null;
      }
      case 'call':
        return matchCall(it);
      case 'command': {
        const ids = new Set(
          stepsOf(topology).flatMap((step) => (step.kind === 'cache' && engineOf(topology, step.target) === it.engine ? [inputId.service(step.target, 'command')] : [])),
        );
        if (ids.size !== 1)
          return no(`${countOf(it.count, 'command')} of ${it.engine}`, ids.size === 0 ? `no command of ${it.engine} was found in the code` : 'several stores take such commands');
        return give([...ids][0] as string, it.meanMs, 'ms', it.count, `${tool}, ${countOf(it.count, 'command')}`);
      }
      case 'hits': {
        const keys = inputsOf(topology).filter((input) => input.id.startsWith('hitRatio '));
        const [only] = keys;
        if (!only || keys.length > 1)
          return no('hits of the cache', only ? `the code reads ${keys.length} kinds of keys and the store counts them together` : 'no read of a cache was found in the code');
        return give(only.id, it.hits / (it.hits + it.misses), 'ratio', it.hits + it.misses, `${tool}, ${countOf(it.hits + it.misses, 'read')}`);
      }
      case 'cpu': {
        const cpu = inputsOf(topology).filter((input) => input.id.startsWith('compute '));
        const [only] = cpu;
        if (!only || cpu.length > 1) return no('CPU of the process', `the code has ${cpu.length} kinds of CPU work and the process counts them together`);
        return give(only.id, it.cpuMs / it.requests, 'ms', it.requests, `${tool}, ${countOf(it.requests, 'request')}`);
      }
      case 'value':
        found.measurements.push({
          input: it.input,
          value: it.value,
          ...(it.unit && { unit: it.unit }),
          ...when,
          source: it.source ?? tool,
          ...(it.perSecond !== undefined && { perSecond: rounded(it.perSecond) }),
          calls: NAMED,
        });
        return null;
    }
  };

  function matchCall(it: Extract<Sample, { kind: 'call' }>): Unmatched | null {
    const what = `${countOf(it.count, 'call')} of ${it.host}`;
    const ids = new Set<InputId>();
    for (const step of stepsOf(topology)) {
      if (step.kind !== 'request' || step.endpoint !== undefined) continue;
      const target = topology.components.find((component) => component.id === step.target);
      if (target && [target.id, target.name, ...target.aliases].some((name) => name === it.host)) ids.add(inputId.service(step.target, step.label));
    }
    if (ids.size === 0) return no(what, 'no call of that host was found in the code');
    for (const id of ids) give(id, it.meanMs, 'ms', it.count, `${tool}, ${countOf(it.count, 'call')}`);
    return null;
  }

  for (const it of samples) {
    const trouble = take(it);
    if (trouble) found.unmatched.push(trouble);
  }
  for (const [id, it] of sums) {
    const [measured, alone] = [it.measuredMs / it.calls, it.serverMs / it.calls];
    const server =
      it.cores === undefined || alone > 0.98 * measured
        ? `${duration(alone, 3)} at the server`
        : `${duration(measured, 3)} at the server with ${significant(it.load?.atOnce ?? 0, 3)} at once on ${counted(it.cores, 'core')}: ${duration(alone, 3)} alone`;
    const network = it.isServer ? `; ${server}, and a round trip of ${duration(roundTripMs, 3)}` : '';
    give(id, it.total / it.calls, 'ms', it.calls, `${tool}, ${countOf(it.calls, 'call')}${network}`, it.perSecond);
  }
  const requests = [...shares.values()].reduce((sum, it) => sum + it, 0);
  for (const [endpoint, count] of shares)
    give(inputId.share(endpoint), count / requests, 'ratio', count, `${tool}, ${countOf(count, 'request')} of ${exact(Math.round(requests))}`);
  return found;
}

const stepsOf = (topology: Topology) => {
  const all: Parameters<Parameters<typeof walkSteps>[1]>[0][] = [];
  for (const it of topology.endpoints) walkSteps(it.steps, (step) => void all.push(step));
  return all;
};
const engineOf = (topology: Topology, target: string): string | undefined => topology.components.find((it) => it.id === target)?.engine;

const UNTOLD = unknown('not found');
/** A value that somebody measured for this very name counts before what was matched to it. */
const NAMED = Number.MAX_SAFE_INTEGER;

/** Three digits are all that a measurement of minutes is worth. */
const rounded = (value: number): number => Number(value.toPrecision(3));
const countOf = (count: number, noun: string): string => counted(Math.round(count), noun);
/** Statements hold placeholders where the tool put them; texts in quotes may be data and are left out. */
const shortened = (sql: string): string => {
  const line = sql
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
};
