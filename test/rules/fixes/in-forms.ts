import type { RuleId } from '../../../src/model/weakness.ts';
import type { Form } from '../workspaces/forms.ts';
import { danglingIn } from '../workspaces/sources.ts';
import { type Fix, fixed, placeOf, readAll } from './fix.ts';

/** What became of a fix in another form of its program: made, refused with a reason, or wrong. `same`: the form does not apply. */
export type InForm = 'same' | 'made' | { refused: string } | { wrong: string };

/** Writes the program in another way and makes the fix there: the weakness has to go, and no name may be torn from what it meant. */
export async function inForm(rule: RuleId, fix: Fix, form: Form): Promise<InForm> {
  const files = form.make(fix.files);
  if (JSON.stringify(files) === JSON.stringify(fix.files)) return 'same';
  const read = await readAll(files, fix.scenario);
  // Some forms rename files of which configuration tells: then it is another program.
  if (!read.weak.some((it) => it.rule === rule && it.remedies.some((one) => one.id === fix.remedy))) return 'same';
  const made = await fixed(rule, fix.remedy, files, fix.scenario);
  if ('cannot' in made) return { refused: made.cannot };
  const after = await readAll(made.files, fix.scenario);
  const still = after.weak.filter((it) => it.rule === rule).map(placeOf);
  if (still.length > 0) return { wrong: `still weak: ${still.join(', ')}` };
  const before = danglingIn(files);
  const lost = danglingIn(made.files).filter((it) => !before.includes(it) && !(it in globalThis));
  return lost.length > 0 ? { wrong: `means nothing: ${lost.join(', ')}` } : 'made';
}
