import { fingerprintOf } from '../model/digest.ts';
import { type Input, inputId } from '../model/inputs.ts';
import { type Known, type Place, valueIn } from '../model/known.ts';
import { type Endpoint, type EndpointId, type Topology, walkSteps } from '../model/topology.ts';
import { stepsOfInput } from './step-inputs.ts';

/** Text of a file of the workspace; undefined where it can't be had. */
export type TextOf = (file: string) => string | undefined;

/** What a measured number or a load test is about: stretches of code, and facts that stand elsewhere. */
export interface Concerned {
  places: readonly Place[];
  facts: readonly string[];
}

/**
 * Sixteen digits that stay the same while the code does: of its stretches without their spaces, in an order of their own, so that moving or formatting it changes nothing.
 * Undefined where some of it can't be read: then nobody knows whether it has changed. The digits tell nothing of the text.
 */
export function codePrint({ places, facts }: Concerned, textOf: TextOf): string | undefined {
  const stretches: string[] = [];
  for (const place of places) {
    const text = textOf(place.file);
    if (text === undefined) return undefined;
    stretches.push(stretchAt(text, place).replace(/\s+/g, ''));
  }
  const parts = [...new Set([...stretches, ...facts])].sort();
  return parts.length === 0 ? undefined : fingerprintOf(parts.join('\n'));
}

/** The code that an input is about; for a query also the indexes of its table, which decide how long it takes. */
export function concernedByInput(input: Input, topology: Topology): Concerned {
  const tables = new Set(stepsOfInput(input.id, topology).flatMap((it) => (it.kind === 'query' && it.statement ? [it.statement.table] : [])));
  return { places: input.places, facts: indexFacts(topology, tables) };
}

/** The code that runs when some routes are loaded, through what they call and enqueue, with the pools and processes that it runs on. */
export function concernedByRoutes(ids: readonly EndpointId[], topology: Topology): Concerned {
  const places: Place[] = [];
  const tables = new Set<string>();
  const facts: string[] = [];
  const seen = new Set<EndpointId>();
  const visit = (id: EndpointId | undefined): void => {
    const endpoint = id === undefined || seen.has(id) ? undefined : topology.endpoints.find((it) => it.id === id);
    if (!endpoint) return;
    seen.add(endpoint.id);
    places.push(endpoint.place);
    facts.push(...componentFacts(endpoint, topology));
    walkSteps(endpoint.steps, (step) => {
      places.push(step.place);
      if (step.kind === 'query' && step.statement) tables.add(step.statement.table);
      if (step.kind === 'request') visit(step.endpoint);
      if (step.kind === 'publish') for (const it of topology.channels.find((channel) => channel.id === step.channel)?.consumers ?? []) visit(it.endpoint);
      const pool = step.kind === 'query' || step.kind === 'hold' ? topology.pools.find((it) => it.id === step.pool) : undefined;
      if (pool) facts.push(`${pool.id} ${said(pool.max)} ${said(pool.acquireTimeoutMs)}`);
    });
  };
  for (const id of ids) visit(id);
  return { places, facts: [...facts, ...indexFacts(topology, tables)] };
}

function componentFacts({ component }: Endpoint, topology: Topology): string[] {
  const it = topology.components.find((row) => row.id === component);
  return it ? [`${inputId.component(it.id, 'replicas')} ${said(it.replicas)} ${said(it.processes)} ${said(it.cores)}`] : [];
}

function indexFacts(topology: Topology, tables: ReadonlySet<string>): string[] {
  return (topology.tables ?? [])
    .filter((it) => tables.has(it.name) || (it.model !== undefined && tables.has(it.model)))
    .flatMap((it) => it.indexes.map((index) => `${it.name} ${index.kind} ${index.columns.join(',')}${index.isPartial ? ' partial' : ''}`));
}

const said = (it: Known): string => (it.state === 'known' ? String(valueIn(it)) : it.state);

/** More lines than a statement or a handler has. */
const MOST_LINES = 300;

/** From the line where it begins to the line where its brackets are closed, or where the place ends if that is later. */
function stretchAt(text: string, place: Place): string {
  const lines = text.split('\n');
  const first = place.line - 1;
  const least = Math.max(first, (place.endLine ?? place.line) - 1);
  let depth = 0;
  let last = first;
  for (; last < lines.length && last < first + MOST_LINES; last++) {
    depth += depthOf(lines[last] as string);
    if (last >= least && depth <= 0) break;
  }
  return lines.slice(first, last + 1).join('\n');
}

/** Brackets that a line opens and does not close; those in strings and comments of one line don't count. */
function depthOf(line: string): number {
  const code = line.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/.*$|\/\*.*?\*\//g, '');
  let depth = 0;
  for (const it of code) depth += '([{'.includes(it) ? 1 : ')]}'.includes(it) ? -1 : 0;
  return depth;
}
