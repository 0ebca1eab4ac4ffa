import { holdInput, type InputId } from '../model/inputs.ts';
import { type Topology, walkSteps } from '../model/topology.ts';
import { labelled, type Statement, sameTable } from './statement.ts';

/** A query of the code that can be measured. */
export interface QueryInput extends Statement {
  id: InputId;
  target: string;
  label: string;
}

/** Every query of the topology, equal ones once. */
export function queryInputs(topology: Topology): QueryInput[] {
  const found = new Map<InputId, QueryInput>();
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind !== 'query') return;
      const id = holdInput(step);
      found.set(id, { id, target: step.primary ?? step.target, label: step.label, ...labelled(step.label) });
    });
  return [...found.values()];
}

/** The queries of the code that a statement is; or why it is none of them. Where a mapper reads one table in several ways, the statement's form decides. */
export function queriesFor(statement: Statement, queries: readonly QueryInput[]): QueryInput[] | string {
  const { verb, table, form } = statement;
  const same = queries.filter((it) => it.verb === verb && (table === '' ? it.table === '' : sameTable(it.table, table)));
  if (same.length === 0) return table === '' ? `no ${verb} was found in the code` : `no ${verb} of ${table} was found in the code`;
  const targets = new Set(same.map((it) => it.target));
  if (targets.size > 1) return `${[...targets].join(' and ')} have such a query: which of them was measured is not said`;
  if (same.length === 1) return same;
  const alike = same.filter((it) => it.form === form || it.form === 'other');
  return alike.length > 0 ? alike : `it may be ${same.map((it) => it.label).join(' or ')}`;
}
