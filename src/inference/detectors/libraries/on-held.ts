import type { Place } from '../../../model/known.ts';
import type { Resource, Value } from '../../code/values.ts';
import type { CodeRun, DraftHold } from '../../detector.ts';

/** What a library runs on a connection that it takes for `body` and gives back by itself, however that ends. */
export function onHeld(run: CodeRun, client: Resource, label: 'transaction' | 'connection', place: Place, body: (hold: DraftHold) => Value): Value {
  const hold = run.hold(client, label, place);
  const result = body(hold);
  // Set on both sides: what is known of the code up to here may say less than the library does.
  hold.released = 'always';
  run.release(hold);
  hold.released = 'always';
  return result;
}
