/** Days for 100,000 events in a mean of one unit of time, and how many a unit has: found by trying. */
const DAYS = 1 << 17;
const PER_UNIT = 50_000;

/** The least that a calendar queue of so many events does at each: the first is taken and comes again after the next of `gaps`; nothing is ever cancelled, nothing adapts. */
export function bareCalendar(pending: number, gaps: Float64Array): (turns: number) => void {
  const time = new Float64Array(pending);
  const next = new Int32Array(pending);
  const days = new Int32Array(DAYS).fill(-1);
  const schedule = (slot: number, at: number): void => {
    time[slot] = at;
    const bucket = (at * PER_UNIT) & (DAYS - 1);
    let other = days[bucket] as number;
    if (other === -1 || at < (time[other] as number)) {
      next[slot] = other;
      days[bucket] = slot;
      return;
    }
    for (let after = next[other] as number; after !== -1 && (time[after] as number) <= at; after = next[other] as number) other = after;
    next[slot] = next[other] as number;
    next[other] = slot;
  };
  for (let slot = 0; slot < pending; slot++) schedule(slot, gaps[slot % gaps.length] as number);
  let drawn = 0;
  let day = 0;
  return (turns) => {
    for (let turn = 0; turn < turns; day++) {
      let slot = days[day & (DAYS - 1)] as number;
      for (; turn < turns && slot !== -1 && (time[slot] as number) * PER_UNIT < day + 1; turn++) {
        days[day & (DAYS - 1)] = next[slot] as number;
        schedule(slot, (time[slot] as number) + (gaps[drawn++ % gaps.length] as number));
        slot = days[day & (DAYS - 1)] as number;
      }
      if (turn === turns) return;
    }
  };
}
