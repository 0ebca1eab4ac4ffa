import type { InputId } from '../model/inputs.ts';
import type { QueryStep } from '../model/topology.ts';
import type { RecipePart, RecipeQuestion } from './recipe.ts';
import { labelled } from './statement.ts';
import { answerLine, fileName, quoted } from './recipe-words.ts';

/** How long a query holds its connection, by what its database counts itself. */
export function queryParts(input: InputId, step: QueryStep, question: RecipeQuestion): RecipePart[] {
  const engine = question.topology.components.find((it) => it.id === step.target)?.engine ?? '';
  const { verb, table } = labelled(step.label);
  const metrics = promql(verb, table);
  if (/postgres|cockroach|timescale/.test(engine)) return [...postgres(step, verb, table, question), metrics];
  if (/mysql|mariadb/.test(engine)) return [mysql(step, verb, table), metrics];
  if (engine === 'mongodb') return [mongo(input, step, table), metrics];
  return [metrics];
}

function postgres(step: QueryStep, verb: string, table: string, { statementAt }: RecipeQuestion): RecipePart[] {
  const file = fileName(step.label, 'csv');
  const written = statementAt?.(step.place);
  const sql = (written ?? `${verb || 'SELECT'} … ${table}`).trim().replace(/;$/, '');
  const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql};`;
  const parameters = /\$\d|\$\{|[?]|…|:\w/.test(sql) ? '-- put values of production in the place of parameters\n' : '';
  return [
    {
      title: 'pg_stat_statements, counted for a minute while the load is on (PostgreSQL 14 or later; CREATE EXTENSION pg_stat_statements once)',
      language: 'sh',
      text: `psql "$DATABASE_URL" -qX --csv -v ON_ERROR_STOP=1 > ${file} <<'SQL'\n${countedForAMinute(conditions(verb, table, '~*', 'query'))}\nSQL`,
      saves: file,
    },
    {
      title: written === undefined ? 'EXPLAIN of the statement that your mapper sends (the row above shows it)' : 'EXPLAIN of this very query',
      language: 'sql',
      // It runs what it explains: a write is taken back.
      text: `${parameters}${step.operation === 'write' ? `BEGIN;\n${explain}\nROLLBACK;` : explain}`,
      saves: fileName(step.label, 'json'),
    },
  ];
}

/**
 * The difference of two readings, so that what ran before does not count. A session is active for longer than a statement executes (parsing, planning, the answer's way out: pg_stat_database
 * against pg_stat_statements): that is shared among the statements. `\\gset` keeps the first reading in psql, which works on replicas and through poolers; so does a sleep outside.
 */
const countedForAMinute = (condition: string): string => `SELECT clock_timestamp() AS since, active_time AS active, (SELECT sum(active_time) FROM pg_stat_database) AS all_active,
  (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE dbid = datid) AS calls, (SELECT coalesce(sum(total_exec_time), 0) FROM pg_stat_statements WHERE dbid = datid) AS executed
  FROM pg_stat_database WHERE datname = current_database() \\gset
SELECT coalesce(json_object_agg(id, was), '{}') AS before FROM (
  SELECT md5(query) AS id, json_build_array(sum(calls), sum(total_exec_time)) AS was
  FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = current_database()${condition} GROUP BY query
) AS first \\gset
\\! sleep 60
WITH passed AS (
  SELECT extract(epoch FROM clock_timestamp() - :'since'::timestamptz) AS seconds, active_time - :active AS active, (SELECT sum(active_time) FROM pg_stat_database) - :all_active AS all_active,
    (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE dbid = datid) - :calls AS calls, (SELECT coalesce(sum(total_exec_time), 0) FROM pg_stat_statements WHERE dbid = datid) - :executed AS executed
  FROM pg_stat_database WHERE datname = current_database()
), counted AS (
  SELECT query, sum(calls) - coalesce((:'before'::json -> md5(query) ->> 0)::float8, 0) AS calls, sum(total_exec_time) - coalesce((:'before'::json -> md5(query) ->> 1)::float8, 0) AS ms
  FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = current_database()${condition} GROUP BY query
)
SELECT query, counted.calls, ms / counted.calls + greatest(0, active - executed) / passed.calls AS mean_active_time,
  seconds AS measured_seconds, all_active / 1000 / seconds AS running_at_once
  FROM counted, passed WHERE counted.calls > 0 ORDER BY ms DESC LIMIT 100;`;

const mysql = (step: QueryStep, verb: string, table: string): RecipePart => {
  const file = fileName(step.label, 'tsv');
  const select = `SELECT DIGEST_TEXT AS query, COUNT_STAR AS calls, AVG_TIMER_WAIT / 1e9 AS mean_exec_time FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = DATABASE()${conditions(verb, table, 'REGEXP', 'DIGEST_TEXT')} ORDER BY SUM_TIMER_WAIT DESC LIMIT 100`;
  return { title: 'performance_schema', language: 'sh', text: `mysql --batch -e ${quoted(select)} "$DATABASE" > ${file}`, saves: file };
};

const mongo = (input: InputId, step: QueryStep, table: string): RecipePart => ({
  title: 'the profiler, in mongosh: on for a minute under load, then read',
  language: 'js',
  text: [
    'db.setProfilingLevel(2);',
    'sleep(60_000);',
    'db.setProfilingLevel(0);',
    `const [it] = db.system.profile.aggregate([{ $match: { ns: { $regex: ${JSON.stringify(`\\.${pattern(table)}$`)}, $options: 'i' }, op: ${step.operation === 'write' ? "{ $in: ['insert', 'update', 'remove'] }" : "{ $in: ['query', 'command'] }"} } }, { $group: { _id: null, ms: { $avg: '$millis' }, calls: { $sum: 1 } } }]).toArray();`,
    answerLine(input, 'it.ms', 'ms', '"mongodb profiler, " + it.calls + " calls"'),
  ].join('\n'),
  saves: fileName(step.label, 'txt'),
});

const promql = (verb: string, table: string): RecipePart => {
  const labels = [verb && `db_operation_name=~"(?i)${verb}"`, table && `db_collection_name=~"(?i)${pattern(table)}"`].filter(Boolean).join(', ');
  return {
    title: 'PromQL, where OpenTelemetry measures the client (seconds; the value holds the network already)',
    language: 'promql',
    text: `sum(rate(db_client_operation_duration_seconds_sum{${labels}}[5m]))\n  / sum(rate(db_client_operation_duration_seconds_count{${labels}}[5m]))`,
  };
};

/** Statements of one verb that name one table. `\\y` of PostgreSQL and `\\b` of MySQL are the ends of words. */
function conditions(verb: string, table: string, matches: string, column: string): string {
  const edge = matches === 'REGEXP' ? '\\\\b' : '\\y';
  const verbs = verb ? ` AND ${column} ${matches} '^${matches === 'REGEXP' ? '' : '\\s*'}(${verb}|WITH)'` : '';
  return `${verbs}${table ? ` AND ${column} ${matches} '${edge}${pattern(table)}${edge}'` : ''}`;
}

/** A table's name as people write it: `OrderItem` as `order_?items?`. Names come from code: only letters, digits and lines below get through. */
function pattern(table: string): string {
  const words = table
    .replace(/[^\w]/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((it) => it !== '');
  return `${words
    .join('_?')
    .replace(/ies$|y$/, '(y|ies)')
    .replace(/s$/, '')}${/(ies|y)$/.test(words.at(-1) ?? '') ? '' : '(e?s)?'}`;
}
