import type { Finding, Remedy } from '../model/advice.ts';
import type { Place } from '../model/known.ts';
import type { RecipeCall } from '../model/weakness.ts';

export type IgnoreScope = 'line' | 'file' | 'workspace';

/** What the light bulb offers, before it becomes an object of the editor. */
export interface FindingAction {
  title: string;
  kind: 'quickfix' | 'refactor.rewrite';
  isPreferred: boolean;
  finding: Finding;
  does: { kind: 'edit'; remedy: Remedy; edit: RecipeCall; isPreviewed: boolean } | { kind: 'ignore'; scope: IgnoreScope } | { kind: 'document' };
}

/** These make or change several files: shown as a diff before they are written. */
const SEVERAL_FILES = ['insert-queue', 'enqueue-call', 'insert-cache', 'extract-worker', 'add-pgbouncer', 'add-index', 'add-read-replica', 'do-once', 'native-bcrypt'];
/** These put a queue or a cache into a design: a rewrite, not a repair. */
const REWRITES = ['insert-queue', 'enqueue-call', 'insert-cache'];
/**
 * Safe without a look: what was certainly wrong, or had no bound, gets right or bounded in its own line.
 * Not among them: sizes (they cost connections of others), attempts (jobs may be done twice), pages (callers must ask for the next one).
 */
const SAFE = ['use-held-connection', 'set-acquire-timeout', 'set-queue-limit'];

const kindOf = ({ recipe }: RecipeCall): FindingAction['kind'] => (REWRITES.includes(recipe) ? 'refactor.rewrite' : 'quickfix');

export const touchesSeveralFiles = (edit: RecipeCall): boolean => SEVERAL_FILES.includes(edit.recipe) || (edit.also ?? []).some((it) => it.args.file !== edit.args.file);

const linesOf = ({ line, endLine = line }: Place): number => endLine - line;
const isAt = (place: Place, file: string, from: number, to: number): boolean => place.file === file && place.line <= to && (place.endLine ?? place.line) >= from;

/**
 * Actions for the lines `from` to `to` (counted from 1) of a file; what is about fewer lines comes first, and whatever mends before whatever excuses or explains.
 * One action of each finding is preferred: the advisor's choice, or where that is done by hand the first repair that an edit makes. A rewrite is so only by the advisor's choice: it changes what callers get.
 */
export function actionsAt(findings: readonly Finding[], file: string, from: number, to: number): FindingAction[] {
  const here = findings.filter((it) => isAt(it.place, file, from, to)).sort((a, b) => linesOf(a.place) - linesOf(b.place));
  const mending = here.flatMap((finding) => {
    const preferred = finding.remedies.find((it) => it.preferred && it.edit) ?? finding.remedies.find((it) => it.edit && kindOf(it.edit) === 'quickfix');
    return finding.remedies.flatMap((remedy): FindingAction[] => {
      if (!remedy.edit) return [];
      const does = { kind: 'edit' as const, remedy, edit: remedy.edit, isPreviewed: touchesSeveralFiles(remedy.edit) };
      return [{ title: remedy.title, kind: kindOf(remedy.edit), isPreferred: remedy === preferred, finding, does }];
    });
  });
  return [...mending, ...here.flatMap((finding) => [...ignores(finding), other(finding, `Show documentation of ${finding.rule}`, { kind: 'document' })])];
}

/** JSON has no comments: there only the file or the workspace can be excused. */
function ignores(finding: Finding): FindingAction[] {
  const { rule, place } = finding;
  const scopes: readonly (readonly [IgnoreScope, string])[] = [
    ...(place.file.endsWith('.json') ? [] : [['line', 'on this line'] as const]),
    ['file', 'in this file'],
    ['workspace', 'in the workspace'],
  ];
  return scopes.map(([scope, where]) => other(finding, `Ignore ${rule} ${where}, for a reason…`, { kind: 'ignore', scope }));
}

const other = (finding: Finding, title: string, does: FindingAction['does']): FindingAction => ({ title, kind: 'quickfix', isPreferred: false, finding, does });

/** The calls that `source.fixAll.faultline` makes in a file: of each finding the preferred remedy, where it is a safe one. */
export function safeFixesIn(findings: readonly Finding[], file: string): RecipeCall[] {
  return findings
    .filter((it) => it.place.file === file)
    .flatMap((it) => {
      const edit = it.remedies.find((one) => one.preferred)?.edit;
      return edit && [edit, ...(edit.also ?? [])].every((it) => SAFE.includes(it.recipe) && it.args.file === file) ? [edit] : [];
    });
}

/** The call that excuses a finding. */
export const ignoreCall = ({ rule, place }: Finding, scope: IgnoreScope, reason: string): RecipeCall => ({
  recipe: 'suppress-finding',
  args: { rule, file: place.file, line: place.line, scope, reason },
});
