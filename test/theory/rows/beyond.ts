import type { Measure } from '../measures.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';

/** A row of our own: the classes of the book with other parameters, and what it does not ask. Its exact values are worked out when somebody asks for them. */
export function beyond(
  id: string,
  theory: string,
  make: Row['make'],
  exact: () => Record<string, number>,
  measures: Readonly<Record<string, Measure>>,
  requests: number,
  settle: number,
  more: Partial<Row> = {},
): Row {
  let worked: Record<string, number> | undefined;
  const known = {
    source: theory,
    get expected() {
      worked ??= exact();
      return worked;
    },
  };
  return row(id, make, measures, requests, settle, { ...more, known });
}
