import type { Calendar } from './calendar.ts';
import { LINK, NOWHERE, ORDER } from './calendar-record.ts';

/** Orders are kept in 32 bits; from so many on there are new ones. */
const MOST = 1 << 30;

/** What is pending keeps its order, in the smallest numbers, where those given out are running short: to be said at times, at least once in a thousand million events. */
export function keepOrdersShort(it: Calendar, most = MOST): void {
  if (it.scheduled < most) return;
  const { words, overflow } = it;
  const slots: number[] = [];
  for (let slot = 0; 4 * slot < words.length; slot++) if (words[(slot << 2) | LINK] !== NOWHERE) slots.push(slot);
  slots.sort((a, b) => (words[(a << 2) | ORDER] as number) - (words[(b << 2) | ORDER] as number));
  slots.forEach((slot, order) => {
    words[(slot << 2) | ORDER] = order;
  });
  for (let at = 0; at < overflow.size; at++) overflow.order[at] = words[((overflow.slot[at] as number) << 2) | ORDER] as number;
  it.scheduled = slots.length;
}
