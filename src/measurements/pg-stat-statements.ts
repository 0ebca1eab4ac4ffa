import { readCsv } from './csv.ts';
import type { Format, Sample } from './reading.ts';

/** Names of the mean's column, that of our own recipe first: `mean_exec_time` since PostgreSQL 13, before it `mean_time`; milliseconds (postgresql.org/docs/current/pgstatstatements.html). */
const MEAN = ['mean_active_time', 'mean_exec_time', 'mean_time'];
const TOTAL = ['total_exec_time', 'total_time'];
/** Columns of our own recipe: how long it counted, and how many statements of all kinds ran meanwhile. */
const [SECONDS, AT_ONCE] = ['measured_seconds', 'running_at_once'];

/** `pg_stat_statements` as CSV with a header: of psql (`\copy … csv header`, `--csv`) or of a console, whichever columns were chosen. */
export const pgStatStatements: Format = {
  name: 'pg_stat_statements',
  read(text) {
    const header = (text.slice(0, 4000).split(/\r?\n/)[0] ?? '').toLowerCase();
    const separator = [',', ';', '\t'].find((it) => header.split(it).length > 2) ?? ',';
    const names = header.split(separator).map((it) => it.replace(/"/g, '').trim());
    const column = (wanted: readonly string[]) => names.findIndex((it) => wanted.includes(it));
    const [query, calls, mean, total, planning, plans, period, running] = [['query'], ['calls'], MEAN, TOTAL, ['mean_plan_time'], ['plans'], [SECONDS], [AT_ONCE]].map(column) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (query < 0 || (calls < 0 && mean < 0 && total < 0)) return null;
    if (calls < 0) return { problem: 'The column "calls" is missing.' };
    if (mean < 0 && total < 0) return { problem: 'The column "mean_exec_time" is missing (or "total_exec_time").' };
    const rows = readCsv(text, separator);
    if (!rows) return { problem: 'A quoted text never ends: the file was cut off.' };
    const samples: Sample[] = [];
    let broken = 0;
    for (const row of rows.slice(1)) {
      const at = (index: number): number => (index < 0 || row[index] === undefined || row[index]?.trim() === '' ? Number.NaN : Number(row[index]));
      const count = at(calls);
      const meanMs = mean < 0 ? at(total) / count : at(mean);
      const sql = row[query];
      if (!sql || !(count > 0) || !(meanMs >= 0)) broken += 1;
      else {
        const [seconds, atOnce] = [at(period), at(running)];
        const load = seconds > 0 && { seconds, ...(atOnce >= 0 && { atOnce }) };
        samples.push({ kind: 'query', sql, meanMs: meanMs + (at(plans) > 0 ? at(planning) || 0 : 0), calls: count, includesNetwork: false, ...(load && { load }) });
      }
    }
    if (samples.length === 0) return { problem: broken > 0 ? 'No row holds a query with its calls and times.' : 'It holds a header and no rows: no query was counted yet.' };
    return { tool: 'pg_stat_statements', samples, skipped: broken > 0 ? [`${broken} row${broken === 1 ? '' : 's'} without a query, its calls or its time`] : [] };
  },
};
