import type { Place } from '../../model/known.ts';
import type { CodeClaim } from '../detector.ts';
import type { Expression } from './syntax.ts';
import { addTo } from './heap.ts';
import type { Machine } from './machine.ts';
import { saidNumber, type Value } from './values.ts';

type Fact = Extract<CodeClaim, { kind: 'fact' }>;

const TIMEOUTS =
  /^(time_?out(_?in)?_?(ms|millis)?|(request|response|socket|headers|body|connect(ion)?|command|query|statement|idle|operation|navigation)_?timeout_?(ms|millis)?)$/i;
const PAGES = /^(limit|take|page_?size|per_?page|size)$/i;

/** Numbers that options of a library's call say and no detector needs: how long it waits. Milliseconds, as nearly every library counts. */
export function noteOptions(m: Machine, library: string, args: readonly Value[], place: Place): void {
  for (const options of args) {
    if (options.t !== 'object') continue;
    for (const name of options.props.keys()) {
      if (name.length > 30 || !TIMEOUTS.test(name)) continue;
      const said = saidNumber(options, name);
      if (said && said.value > 0) note(m, { kind: 'fact', type: 'timeout', subject: library, value: said.value, unit: 'ms', place: said.place.line > 0 ? said.place : place });
    }
  }
}

/** `limit: query.limit ?? 25`: how much a page holds where nobody says. */
export function notePage(m: Machine, name: string, written: Expression | undefined, value: Value): void {
  if (m.tracing === 0 || value.t !== 'number' || !value.place || !PAGES.test(name)) return;
  if (written && written.k !== 'conditional' && written.k !== 'logic') return;
  note(m, { kind: 'fact', type: 'default_page_size', subject: name, value: value.v, unit: 'rows', place: value.place });
}

/** A wait between the rounds of a loop. */
export function notePoll(m: Machine, ms: number, place: Place): void {
  note(m, { kind: 'fact', type: 'poll_interval', value: ms, unit: 'ms', place });
}

function note(m: Machine, it: Fact): void {
  const key = `${it.type} ${it.value} ${it.place.file}:${it.place.line}`;
  if (m.noted.has(key)) return;
  addTo(m, m.noted, key);
  m.claims.push(it);
}
