import type { Criterion, Rung } from '../../model/outcome.ts';
import { exp, log } from '../arithmetic.ts';
import type { Asked } from '../solve/ask.ts';
import { breaksAtOf, criterionAt, failing, PRECISION, type Question, withCapacity } from '../solve/measures.ts';
import { leastOnGrid } from '../solve/search.ts';

const LADDER_RUNGS = 5;
/** Rungs this many times above the target are of no interest. */
const LADDER_TOP = 10;
/** Stations less busy than this share of the busiest seldom bind: they are asked where none of the others does, as beside a queue's workers, for whom nobody waits. */
const NEAR_BINDING = 0.3;
/** Stands for "does not break" where a number is needed. */
const MOST = 1e6;
/** A station that gives less than this, percent for percent, gives nothing. */
const LEAST_GAIN = 1e-3;
/** Of stations whose gains are no further apart than this the busiest binds. */
const ALIKE = 1.001;

/** Index of the station whose capacity raises the breaking point most, per percent added; -1 where none does or nothing breaks. */
export function bindingOf(question: Question, point: number | null): number {
  if (point === null) return -1;
  const { flat, state } = question;
  failing(question, Math.max(0.1, point));
  const used = Array.from(flat.servers, (servers, s) =>
    servers === Number.POSITIVE_INFINITY ? 0 : Math.max(state.utilisation[s] as number, (state.refused[s] as number) > 0 ? 1 : 0),
  );
  const busiest = Math.max(...used, 0);
  const order = used.flatMap((it, s) => (it > 0 ? [{ s, used: it }] : [])).sort((a, b) => b.used - a.used);
  const raised = ({ s }: { s: number }) => ({ s, ...withCapacity(question, s, 1.1) });
  const breaksBeyond = ({ question: more, factor }: ReturnType<typeof raised>, gain: number): boolean => {
    const isMore = (breaksAt: number): boolean => (point > 0 ? log(breaksAt / point) / log(factor) : breaksAt) > gain;
    return isMore(MOST) && failing(more, leastOnGrid(PRECISION, point * exp(gain * log(factor)), isMore)) === null;
  };
  // Mostly one alone gives anything; where several do, those that give less fall out one by one, and nobody needs to know what the last one gives.
  const gaining = (isBusy: boolean) =>
    order
      .filter((it) => it.used >= NEAR_BINDING * busiest === isBusy)
      .map(raised)
      .filter((it) => breaksBeyond(it, LEAST_GAIN));
  let left = gaining(true);
  if (left.length === 0) left = gaining(false);
  let low = LEAST_GAIN;
  let high = Number.POSITIVE_INFINITY;
  while (left.length > 1 && high > low * ALIKE) {
    const middle = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : Math.max(0.5, 2 * low);
    const more = left.filter((it) => breaksBeyond(it, middle));
    if (more.length === 0) high = middle;
    else {
      left = more;
      low = middle;
    }
  }
  return left[0]?.s ?? order[0]?.s ?? -1;
}

/** What breaks next, and at which load, as each binding station is taken away. */
export function ladderOf(asked: Asked, point: number | null, binding: number, criterion: Criterion | null, target: number): Rung[] {
  const rungs: Rung[] = [];
  let { question } = asked;
  let at = point;
  let station = binding;
  let why = criterion;
  while (rungs.length < LADDER_RUNGS && station >= 0 && at !== null && why !== null) {
    const id = question.flat.stationIds[station] as string;
    const meta = asked.compiled.stations.get(id);
    rungs.push({ station: id, component: meta?.component ?? id, label: meta?.label ?? id, breaksAtPerSecond: at, criterion: why, places: meta?.places ?? [] });
    if (at > LADDER_TOP * target) break;
    question = withCapacity(question, station, Number.POSITIVE_INFINITY).question;
    at = breaksAtOf(question);
    station = bindingOf(question, at);
    why = criterionAt(question, at);
  }
  return rungs;
}
