import { amountIn, type Format, isRecord, jsonIn, type QueryForm, type Sample } from './reading.ts';

/** `EXPLAIN (ANALYZE, FORMAT JSON)`: bare, as psql draws it, or with the query's text as auto_explain logs it (postgresql.org/docs/current/sql-explain.html). */
export const explain: Format = {
  name: 'EXPLAIN (FORMAT JSON)',
  read(text) {
    if (!/"Plan"\s*:\s*\{/.test(text) || !text.includes('"Node Type"')) return null;
    // psql ends each line of a long value with a plus sign.
    const bare = /^\s*[[{]/.test(text) ? text : text.replace(/\s*\+\s*$/gm, '');
    const value = jsonIn(bare) ?? jsonIn(bare.slice(bare.search(/[[{]/), Math.max(bare.lastIndexOf(']'), bare.lastIndexOf('}')) + 1));
    if (value === undefined) return { problem: 'The plan is cut off: it is no whole JSON.' };
    const plans = (Array.isArray(value) ? value : [value]).filter(isRecord);
    const samples = plans.flatMap((it): Sample[] => {
      const executionMs = amountIn(it['Execution Time']);
      if (!isRecord(it.Plan) || executionMs === undefined) return [];
      const ms = executionMs + (amountIn(it['Planning Time']) ?? 0);
      if (typeof it['Query Text'] === 'string') return [{ kind: 'query', sql: it['Query Text'], meanMs: ms, calls: 1, includesNetwork: false }];
      const nodes = nodesOf(it.Plan);
      const changed = nodes.find((node) => node['Node Type'] === 'ModifyTable');
      const table = changed ?? nodes.find((node) => typeof node['Relation Name'] === 'string');
      const verb = changed ? String(changed.Operation).toUpperCase() : 'SELECT';
      return typeof table?.['Relation Name'] === 'string' ? [{ kind: 'plan', verb, table: table['Relation Name'], shape: changed ? 'write' : shapeOf(nodes), ms }] : [];
    });
    if (samples.length > 0) return { tool: 'EXPLAIN ANALYZE', samples, skipped: [] };
    return {
      problem: plans.some((it) => it['Execution Time'] === undefined) ? 'The plan holds no times: use EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON).' : 'The plan reads no table.',
    };
  },
};

function nodesOf(plan: Record<string, unknown>): Record<string, unknown>[] {
  const inner = Array.isArray(plan.Plans) ? plan.Plans.filter(isRecord) : [];
  return [plan, ...inner.flatMap(nodesOf)];
}

function shapeOf(nodes: readonly Record<string, unknown>[]): QueryForm {
  if (nodes.some((it) => /Aggregate|Group/.test(String(it['Node Type'])))) return 'aggregate';
  return nodes.some((it) => /\b_?(?:uu)?id\)? = /.test(String(it['Index Cond'] ?? it.Filter ?? ''))) ? 'one' : 'list';
}
