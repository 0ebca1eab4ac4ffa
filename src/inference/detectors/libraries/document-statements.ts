import type { Statement } from '../../../model/topology.ts';
import { numberOf, textOf, type Value } from '../../code/values.ts';
import type { DraftStep, LibraryCall } from '../../detector.ts';
import { columnsSetBy, conditionsIn, limitIn, orderIn, sumsOf } from './statements.ts';

/** What a call on a collection of documents asks for: the filter comes first, options last. */
export function documentStatement(table: string, method: string, args: readonly Value[]): Statement {
  const adds = /^(create|insert(One|Many)?|save|bulkWrite)$/.test(method);
  const isMany = /^(find|aggregate|distinct)$/.test(method);
  const byId = /ById/.test(method);
  const where = byId ? [{ column: '_id', by: 'equal' as const, isConstant: false }] : /^aggregate$/.test(method) ? undefined : conditionsIn(args[0]);
  const limit: Pick<Statement, 'limit' | 'most'> = !isMany ? { limit: 'some', most: 1 } : method === 'find' ? limitOf(args) : { limit: 'unknown' };
  return { table, adds, ...(adds && columnsSetBy(args[0])), ...(where && !adds && { where }), ...(method === 'aggregate' && pipelineSums(args[0])), orderBy: [], ...limit };
}

/** `[{ $match }, …, { $group }]`: what comes before the groups says of which documents they are. */
function pipelineSums(pipeline: Value | undefined): Pick<Statement, 'sums'> {
  if (pipeline?.t !== 'list') return {};
  const stages = pipeline.items.map((it) => (it.t === 'object' ? [...it.props][0] : undefined));
  const group = stages.findIndex((it) => it?.[0] === '$group');
  if (group < 0) return {};
  const before = stages.slice(0, group);
  if (pipeline.open || before.some((it) => it === undefined || !/^\$(match|sort|project|unwind)$/.test(it[0]))) return { sums: 'part' };
  return { sums: before.every((it) => it?.[0] !== '$match' || sumsOf(conditionsIn(it[1])) === 'whole') ? 'whole' : 'part' };
}

/** `find(filter, options)` of the driver, `find(filter, projection, options)` of mongoose: either may limit. */
function limitOf(args: readonly Value[]): Pick<Statement, 'limit' | 'most'> {
  const options = args.slice(1).filter((it) => it.t !== 'function' && it.t !== 'native' && it.t !== 'text');
  const said = options.map((it) => limitIn(it, ['limit']));
  return said.find((it) => it.limit === 'some') ?? said.find((it) => it.limit === 'unknown') ?? { limit: 'none' };
}

const KEEPS = /^(lean|select|populate|exec|skip|session|collation|hint|read|maxTimeMS|batchSize|project|allowDiskUse|comment|setOptions|orFail)$/;

/** A method that is called on the question before it is sent. False: it is none. */
export function refine(step: Extract<DraftStep, { kind: 'query' }>, it: LibraryCall): boolean {
  const before = step.statement;
  if (!before) return KEEPS.test(it.name);
  if (it.name === 'limit') {
    const most = numberOf(it.args[0]);
    step.statement = { ...before, limit: 'some', ...(most !== undefined && { most }) };
    return true;
  }
  if (it.name === 'sort') {
    const text = textOf(it.args[0]);
    const orderBy = text !== undefined ? text.split(/\s+/).map((name) => name.replace(/^[+-]/, '')) : orderIn(it.args[0]);
    const { orderBy: _before, ...rest } = before;
    step.statement = { ...rest, ...(orderBy && { orderBy }) };
    return true;
  }
  if (/^(where|equals|or|and|nor|gt|gte|lt|lte|in|find|findOne|cursor|stream|toArray|next|forEach|hasNext|eachAsync)$/.test(it.name)) {
    const { where: _before, ...rest } = before;
    // A cursor is read piece by piece.
    const isPiecewise = /^(cursor|stream|next|forEach|hasNext|eachAsync)$/.test(it.name);
    if (it.name !== 'toArray') step.statement = isPiecewise ? { ...before, limit: 'unknown' } : { ...rest, limit: before.limit === 'none' ? 'unknown' : before.limit };
    return /^(where|equals|or|and|nor|gt|gte|lt|lte|in|cursor|stream)$/.test(it.name);
  }
  return KEEPS.test(it.name);
}
